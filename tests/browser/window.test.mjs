// At the window and at home with nothing but HTML: an officer registers, the villager follows. No script runs.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { check, openCounty, sheets, shot } from './harness.mjs';

const county = await openCounty();
after(() => county.close());

/** What the villager took home. */
const receipt = {};

test('an officer registers at the window and gives out the receipt', async () => {
  const page = await county.noScript();
  await county.signIn(page, 'xinfang');
  await page.goto('/petitions/new');
  await shot(page, 'window-1-form');
  await check(page);
  await page.getByRole('radio', { name: '来访' }).check();
  await page.getByLabel('什么事').fill('自来水断断续续半个月，老人挑水摔了一跤，请求尽快修复。');
  await page.getByLabel('在哪里').fill('阳升观村');
  // By its name: without script the other of the two rows of the form says the same.
  await page.locator('input[name="name"]').first().fill('罗新华');
  await page.locator('input[name="phone"]').first().fill('13812345678');
  await page.getByRole('button', { name: '登记并出回执' }).click();
  await page.getByRole('heading', { name: '已登记' }).waitFor();
  receipt.number = await page.locator('.card .no').innerText();
  receipt.code = await page.locator('.card .code').innerText();
  assert.match(receipt.number, /^攸信〔\d{4}〕\d{4}号$/);
  await shot(page, 'window-2-receipt');
  await check(page);
  assert.equal(await sheets(page), 1, 'the receipt is printed on one sheet');
  await page.getByRole('link', { name: '打开卡片' }).click();
  await page.getByText('现在可以办').waitFor();
});

test('a form that is wrong comes back with what was typed', async () => {
  const page = await county.noScript();
  await county.signIn(page, 'xinfang');
  await page.goto('/petitions/new');
  await page.getByLabel('什么事').fill('村道塌方，校车过不去。');
  await page.getByLabel('在哪里').fill('没有这个村');
  await page.locator('input[name="phone"]').first().fill('12');
  await page.getByRole('button', { name: '登记并出回执' }).click();
  await page.getByRole('alert').waitFor();
  assert.equal(await page.getByLabel('什么事').inputValue(), '村道塌方，校车过不去。');
  assert.equal(await page.getByLabel('在哪里').inputValue(), '没有这个村');
  assert.equal(await page.locator('input[name="phone"]').first().inputValue(), '12');
  await shot(page, 'window-3-refused');
  await check(page);
});

test('the villager follows it and adds to it', async () => {
  const page = await county.noScript();
  await page.goto('/track');
  await page.getByLabel('查询码').fill(receipt.code);
  await page.getByRole('button', { name: '查进度' }).click();
  const main = page.locator('main');
  await main.getByRole('heading', { name: receipt.number }).waitFor();
  await page.getByText('补充情况', { exact: true }).click();
  await page.locator('textarea[name="content"]').first().fill('今天又停了一天。');
  await page.getByRole('button', { name: '提交补充' }).click();
  await page.getByRole('status').waitFor();
  assert.match(await main.innerText(), /您补充了情况/);
  await shot(page, 'window-4-followed');
  await check(page);
});
