// A plan item: its owner accounts for it, the superior cancels it, and nobody cancels an item of his or her own.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { check, openCounty, shot } from './harness.mjs';

const county = await openCounty();
after(() => county.close());

/** The address of the item, as everybody finds it. */
let item;

test('the owner accounts for an item and is offered no cancellation', async () => {
  const page = await county.desk();
  await county.signIn(page, 'chengban');
  await page.goto('/plans');
  await shot(page, 'plans-1-month');
  await check(page);
  // What he has in hand: the row offers 述职. Where everything of this month is done, something of the last is left.
  const open = page.getByRole('row').getByRole('link', { name: '述职' });
  if ((await open.count()) === 0) await page.getByRole('link', { name: '上月' }).click();
  await open.first().click();
  item = new URL(page.url()).pathname;
  await page.getByLabel('怎么完成的').fill('补贴已发放到户，公示满七天，到账清单附后。');
  await shot(page, 'plans-2-account');
  await check(page);
  await page.locator('section', { hasText: '哪一天完成的' }).getByRole('button', { name: '述职' }).click();
  await page.getByRole('heading', { name: '等上级销号' }).waitFor();
  assert.equal(await page.getByRole('button', { name: '销号' }).count(), 0, 'nobody cancels an item of his own');
  await shot(page, 'plans-3-accounted');
  await check(page);
  await page.goto('/plans');
  assert.equal(await page.getByRole('button', { name: '销号' }).count(), 0);
  assert.equal((await page.request.get('/plans/waiting')).status(), 403);
});

test('the superior cancels it, and it bears the seal', async () => {
  const page = await county.desk();
  await county.signIn(page, 'fenguan');
  await page.goto('/plans/waiting');
  await shot(page, 'plans-4-waiting');
  await check(page);
  await page.goto(item);
  assert.equal(await page.getByRole('img', { name: '已销号' }).count(), 0);
  await page.getByRole('button', { name: '销号', exact: true }).click();
  await page.goto(item);
  await page.getByRole('img', { name: '已销号' }).waitFor();
  assert.match(await page.locator('main').innerText(), /陈新民/);
  await shot(page, 'plans-5-cancelled');
  await check(page);
});

test('the owner sees the seal in his month', async () => {
  const page = await county.phone();
  await county.signIn(page, 'chengban');
  await page.goto(item);
  await page.getByRole('img', { name: '已销号' }).waitFor();
  assert.equal(await page.getByRole('button').filter({ hasText: '销号' }).count(), 0);
  await page.goto('/my-month');
  await page.locator(`a[href="${item}"] .cancelled`).waitFor();
  await shot(page, 'plans-6-my-month');
  await check(page);
});
