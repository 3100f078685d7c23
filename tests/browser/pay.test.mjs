// A unit's month: personnel settles it, every fen is explained, another checks it, its notice is put up and objected to;
// and the demo's approved month, whose files are offered.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { check, openCounty, shot } from './harness.mjs';

const county = await openCounty();
after(() => county.close());

/** The address of the settlement. */
let run;

test('personnel settles a month and opens one explanation', async () => {
  const page = await signedIn('renshi');
  await page.goto('/pay/runs');
  await shot(page, 'pay-1-ledger');
  await check(page);
  const form = page.locator('form', { has: page.getByRole('button', { name: '结算', exact: true }) });
  await form.getByLabel('单位').selectOption({ label: '县信访局' });
  await form.getByLabel('结算月份').selectOption({ index: 2 }); // its cut-off has passed, whatever day today is
  assert.equal(new URL(page.url()).pathname, '/pay/runs', 'to choose is not to settle');
  await form.getByRole('button', { name: '结算', exact: true }).click();
  await page.waitForURL(/\/pay\/runs\/\d+$/);
  run = new URL(page.url()).pathname;
  assert.match(await page.locator('main').innerText(), /按所存数据重算，分毫不差/);
  await shot(page, 'pay-2-run');
  await check(page);

  await page.locator(`a[href^="${run}/shares/"]`).first().click();
  await page.getByRole('heading', { name: '每一分怎样来' }).first().waitFor();
  await shot(page, 'pay-3-share');
  await check(page);
  await page.goto(run);

  assert.equal(await page.getByRole('link', { name: '导出发放表' }).count(), 0, 'nothing is paid before it is approved');
  // Where everybody reached the same, or the spread would make a share negative, the superior decides first.
  if ((await decisions()) > 0) {
    await page.reload();
    await page.getByRole('button', { name: '重新结算' }).click();
    await page.waitForURL((url) => /\/pay\/runs\/\d+$/.test(url.pathname) && url.pathname !== run);
    run = new URL(page.url()).pathname;
  }
  assert.equal(await page.getByRole('button', { name: '核对无误' }).count(), 0, 'whoever settles does not check');
  await check(page);
});

test('finance checks it and personnel puts its notice up', async () => {
  const finance = await signedIn('caizheng');
  await finance.goto(run);
  await finance.getByRole('button', { name: '核对无误' }).click();
  await finance.getByText('文国强 核对').waitFor();
  await check(finance);
  const page = await signedIn('renshi');
  await page.goto(run);
  await page.getByRole('button', { name: '公示', exact: true }).click();
  await page.getByText('公示中').first().waitFor();
  assert.equal(await page.getByRole('button', { name: '提交会签' }).count(), 0, 'nothing is signed while it is up');
  await shot(page, 'pay-4-notice');
  await check(page);
});

test('somebody in it reads the notice, objects, and is answered', async () => {
  const own = await county.phone();
  await county.signIn(own, 'xinfang');
  await own.goto(run.replace('runs', 'notices'));
  await own.getByRole('heading', { name: '绩酬公示' }).waitFor();
  await shot(own, 'pay-5-paper');
  await check(own);
  await own.goto(run.replace('runs', 'mine'));
  await own.getByRole('link', { name: '提出异议' }).click();
  await own.getByLabel('哪里不对').fill('有一项按期完成，漏记了销号。');
  await own.getByRole('button', { name: '提出' }).click();
  await own.getByText('待答复').waitFor();
  await check(own);
  const page = await signedIn('renshi');
  await page.goto(run);
  await page.getByRole('link', { name: '肖文' }).click();
  await page.getByRole('radio', { name: '不成立' }).check();
  await page.getByLabel('理由').fill('逐项核对过，没有漏记。');
  await page.getByRole('button', { name: '答复' }).click();
  await page.getByRole('heading', { name: '答复：不成立' }).waitFor();
  await shot(page, 'pay-6-answer');
  await check(page);
});

test('the approved month of the demo is locked and its files are offered', async () => {
  const page = await signedIn('renshi');
  await page.goto('/pay/runs');
  await page.getByRole('link', { name: '莲塘坳镇' }).click();
  const text = await page.locator('main').innerText();
  assert.match(text, /谢国华 核准/);
  assert.match(text, /文国强 核准/);
  assert.equal(await page.getByRole('button', { name: '重新结算' }).count(), 0);
  await shot(page, 'pay-7-approved');
  for (const [name, end] of [['导出发放表', /\.xlsx$/], ['汇总 Word', /\.docx$/]]) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()]);
    assert.match(download.suggestedFilename(), end);
  }
  await check(page);
});

test('whoever is paid finds the own share and how it came about', async () => {
  const page = await county.phone();
  await county.signIn(page, 'chengban');
  await page.goto('/pay/mine');
  await shot(page, 'pay-8-mine');
  await check(page);
  await page.locator('table a[href^="/pay/mine/"]').first().click();
  await page.getByRole('heading', { name: '每一分怎样来' }).first().waitFor();
  await shot(page, 'pay-9-explained');
  await check(page);
});

/** Decides, as the superior, what the settlement leaves open; how many there were. */
async function decisions() {
  const page = await signedIn('juzhang');
  await page.goto(run);
  const open = page.getByRole('button', { name: /^(登记名次|批准不拉开差额)$/ });
  const count = await open.count();
  if (count > 0) await shot(page, 'pay-3-decisions');
  await check(page);
  for (let n = 0; n < count; n++) {
    const form = page.locator('form', { has: open.first() });
    const places = form.locator('input[name=place]');
    for (let place = 0; place < (await places.count()); place++) await places.nth(place).fill(String(place + 1));
    const reason = form.getByLabel('理由');
    if ((await reason.count()) > 0) await reason.fill('本月各项进度相近。');
    await form.getByRole('button').click();
    await page.getByRole('status').nth(n).waitFor();
  }
  return count;
}

async function signedIn(login) {
  const page = await county.desk();
  await county.signIn(page, login);
  return page;
}
