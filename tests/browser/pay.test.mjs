// A unit's month: personnel settles it, every fen is explained, two others approve, and the sheet is offered.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { check, openCounty, shot } from './harness.mjs';

const county = await openCounty();
after(() => county.close());

/** The address of the settlement. */
let run;

test('personnel settles a month, opens one explanation and submits', async () => {
  const page = await signedIn('renshi');
  await page.goto('/pay/runs');
  await shot(page, 'pay-1-ledger');
  await check(page);
  const form = page.locator('form', { has: page.getByRole('button', { name: '结算', exact: true }) });
  await form.getByLabel('单位').selectOption({ label: '县自然资源局' });
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
  await page.getByRole('button', { name: '提交会签' }).click();
  await page.getByText('易春兰 提交会签').waitFor();
  assert.equal(await page.getByRole('button', { name: '核准' }).count(), 0, 'whoever settles does not approve');
  await check(page);
});

test('the superior and the finance bureau approve', async () => {
  for (const login of ['fenguan', 'caizheng']) {
    const page = await signedIn(login);
    await page.goto(run);
    await page.getByRole('button', { name: '核准' }).click();
    await page.getByText(/核准$/).first().waitFor();
    assert.equal(await page.getByRole('button', { name: '核准' }).count(), 0, 'nobody approves twice');
    await check(page);
  }
});

test('the approved month is locked and its sheet is offered', async () => {
  const page = await signedIn('renshi');
  await page.goto(run);
  const text = await page.locator('main').innerText();
  assert.match(text, /陈新民 核准/);
  assert.match(text, /文国强 核准/);
  assert.equal(await page.getByRole('button', { name: '重新结算' }).count(), 0);
  await shot(page, 'pay-4-approved');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: '导出发放表' }).click()]);
  assert.match(download.suggestedFilename(), /\.xlsx$/);
  await check(page);
});

test('whoever is paid finds the own share and how it came about', async () => {
  const page = await county.phone();
  await county.signIn(page, 'chengban');
  await page.goto('/pay/mine');
  await shot(page, 'pay-5-mine');
  await check(page);
  await page.locator(`a[href="${run.replace('runs', 'mine')}"]`).click();
  await page.getByRole('heading', { name: '每一分怎样来' }).first().waitFor();
  await shot(page, 'pay-6-explained');
  await check(page);
});

/** Decides, as the superior, what the settlement leaves open; how many there were. */
async function decisions() {
  const page = await signedIn('fenguan');
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
