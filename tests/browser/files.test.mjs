// Attachments: from an old phone without script to the card of the petition office, and back when one is refused.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { check, openCounty, PHONE, sheets, shot } from './harness.mjs';

const county = await openCounty();
after(() => county.close());

const svg = { name: '裂缝.png', mimeType: 'image/png', buffer: Buffer.from('<svg onload="alert(1)"/>') };

/** A photograph as a browser itself makes one. */
async function photograph(page) {
  await page.goto('/');
  return { name: '路灯.jpg', mimeType: 'image/jpeg', buffer: await page.screenshot({ type: 'jpeg' }) };
}

/** Opens the card of a number from the ledger. */
async function find(page, number) {
  await page.goto('/petitions?q=' + encodeURIComponent(number));
  await page.locator('a[href^="/petitions/"]').filter({ hasText: number }).first().click();
}

test('a villager without script sends a picture, loses nothing to a refused one, and the office sees it', async () => {
  const villager = await county.noScript();
  await villager.setViewportSize(PHONE);
  const picture = await photograph(villager);
  await villager.getByLabel('什么事').fill('三组的路灯不亮，晚上孩子放学看不见路。');
  await villager.getByLabel('在哪里').fill('阳升观村');
  await villager.getByLabel('您的姓名').fill('罗新华');
  await villager.getByLabel('附件').setInputFiles([picture, svg]);
  await villager.getByRole('button', { name: '提交' }).click();
  await villager.getByText('是 SVG 矢量图').waitFor();
  assert.equal(await villager.getByLabel('什么事').inputValue(), '三组的路灯不亮，晚上孩子放学看不见路。');
  assert(await villager.getByRole('checkbox', { name: '路灯.jpg' }).isChecked());
  await shot(villager, 'files-1-refused');
  await check(villager);
  await villager.getByRole('button', { name: '提交' }).click();
  await villager.getByText('收到附件 1 个：路灯.jpg').waitFor();
  await check(villager);
  await villager.getByRole('button', { name: '现在就看进度' }).click();
  await villager.getByRole('heading', { name: '您交的附件' }).waitFor();
  const number = await villager.locator('h1.no').innerText();
  await villager.getByText('补充情况', { exact: true }).click();
  await shot(villager, 'files-2-follow');
  await check(villager);

  const office = await county.desk();
  await county.signIn(office, 'xinfang');
  await find(office, number);
  const thumbnail = office.locator('.files img');
  assert(await thumbnail.evaluate((image) => image.naturalHeight === 200));
  await office.getByText('传错了？').click();
  await office.getByText('添加附件', { exact: true }).first().click();
  await shot(office, 'files-3-card');
  await check(office);
  assert.equal(await sheets(office), 1);
  await thumbnail.click();
  await office.waitForURL(/\/files\/\d+$/);
  assert(await office.locator('img').evaluate((image) => image.naturalWidth === 390));
});

test('the demo has a matter with drawn pictures', async () => {
  const page = await county.desk();
  await county.signIn(page, 'xinfang');
  const code = county.printed.join('\n').match(/([0-9A-Z]{4}-){3}[0-9A-Z]{4}/)[0];
  await page.goto('/track');
  await page.getByLabel('查询码').fill(code);
  await page.getByRole('button', { name: '查进度' }).click();
  await page.getByText('现场照片1（演示）.jpg').waitFor();
  const number = await page.locator('h1.no').innerText();
  await find(page, number);
  assert.equal(await page.locator('.files img').count(), 2);
  await shot(page, 'files-4-demo');
  await check(page);
});
