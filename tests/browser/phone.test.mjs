// A village official on the road: one entry is written once, and the phone says what it counted for.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { check, openCounty, PHONE, shot } from './harness.mjs';

// Enough for the village to have households that nobody went to yet.
const county = await openCounty({ households: 4000 });
after(() => county.close());

test('from my month to a visit that counts', async () => {
  const page = await county.phone();
  await county.signIn(page, 'cun');
  await page.goto('/my-month');
  await shot(page, 'phone-1-my-month');
  await check(page);

  // The households that nobody was at this year stand on the page, each a touch away from its entry.
  const household = page.locator('a[href^="/entries/new?household="]').first();
  const head = await household.innerText();
  await household.tap();
  assert.equal(await page.getByLabel('去了哪一户').inputValue(), head);
  await page.getByRole('radio', { name: '见到', exact: true }).check();
  await page.getByLabel('说了什么').fill('水稻收完了，问晒谷坪什么时候修。');
  await shot(page, 'phone-2-write');
  await check(page);
  await page.getByRole('button', { name: '记下' }).tap();

  const counted = page.locator('.counts');
  await counted.getByText('这一笔算在了').waitFor();
  assert.match(await counted.innerText(), /走访 [1-9]\d* \/ \d+ 户/);
  assert.match(await counted.innerText(), /民情 1 条/);
  await shot(page, 'phone-3-counted');
  await check(page);
});

test('a household is picked by two characters of its name, and the second visit of a year says so', async () => {
  const page = await county.phone();
  await county.signIn(page, 'cun');
  const [name] = await unvisited(page);
  for (const words of [/走访 [1-9]\d* \/ \d+ 户/, /已经走访过，一年算一次/]) {
    await page.goto('/entries/new');
    await page.getByLabel('去了哪一户').pressSequentially(name);
    await page.getByRole('option').filter({ hasText: name }).first().tap();
    await page.getByRole('radio', { name: '见到', exact: true }).check();
    await page.getByRole('button', { name: '记下' }).tap();
    const counted = page.locator('.counts');
    await counted.getByText('这一笔算在了').waitFor();
    assert.match(await counted.innerText(), words);
  }
  await check(page);
});

test('the same without script', async () => {
  const page = await county.noScript();
  await page.setViewportSize(PHONE);
  await county.signIn(page, 'cun');
  const [name] = await unvisited(page);
  await page.goto('/entries/new');
  await check(page);
  await page.getByLabel('去了哪一户').fill(name);
  await page.getByRole('radio', { name: '见到', exact: true }).check();
  await page.getByLabel('说了什么').fill('家里都好。');
  await page.getByRole('button', { name: '记下' }).click();
  // Where the name does not tell which household it is, the form comes back with a choice and with what was typed.
  if ((await page.locator('.counts', { hasText: '这一笔算在了' }).count()) === 0) {
    await page.getByRole('group', { name: '是哪一户' }).waitFor();
    assert.equal(await page.getByLabel('说了什么').inputValue(), '家里都好。');
    await shot(page, 'phone-4-which');
    await check(page);
    await page.getByRole('group', { name: '是哪一户' }).getByRole('radio').first().check();
    await page.getByRole('button', { name: '记下' }).click();
  }
  assert.match(await page.locator('.counts').innerText(), /走访 [1-9]\d* \/ \d+ 户/);
  await shot(page, 'phone-5-no-script');
  await check(page);
});

/** Heads of households that nobody was at this year. */
async function unvisited(page) {
  await page.goto('/my-month');
  const names = await page.locator('a[href^="/entries/new?household="]').allInnerTexts();
  assert(names.length > 0, 'the demo leaves households to go to');
  return names;
}
