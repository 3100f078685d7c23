// Reception: a villager books on a phone with nothing but HTML, the office sees the list, and on the day a clerk writes
// down what is said; what is not settled becomes a case bound to the leader who received.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { check, openCounty, PHONE, sheets, shot } from './harness.mjs';

const county = await openCounty();
after(() => county.close());

/** What the villager wrote down. */
const booking = {};

test('a villager books a place on a phone without script', async () => {
  const page = await county.noScript();
  await page.setViewportSize(PHONE);
  await page.goto('/receptions');
  await shot(page, 'receptions-1-published');
  await check(page);
  // The month of the next day may be over for the county's own: look where its place can be booked.
  const book = page.getByRole('link', { name: '预约县领导' });
  if ((await book.count()) === 0) await page.getByRole('link', { name: '下个月' }).click();
  await book.click();
  await page.getByLabel('什么事').fill('村道塌方三个月没有人修。');
  await page.getByLabel('您的姓名').fill('罗新华');
  await page.getByLabel('手机号').fill('12');
  await page.getByRole('button', { name: '预约' }).click();
  await page.getByRole('alert').waitFor();
  assert.equal(await page.getByLabel('什么事').inputValue(), '村道塌方三个月没有人修。');
  await shot(page, 'receptions-2-refused');
  await check(page);
  await page.getByLabel('手机号').fill('13812345678');
  await page.getByRole('button', { name: '预约' }).click();
  await page.getByRole('heading', { name: '预约好了' }).waitFor();
  booking.code = await page.locator('.card .code').innerText();
  assert.match(booking.code, /^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/);
  await shot(page, 'receptions-3-booked');
  await check(page);
  await page.goto('/bookings');
  await page.getByLabel('预约码').fill(booking.code);
  await page.getByRole('button', { name: '查预约' }).click();
  await page.getByText('已预约').waitFor();
  await shot(page, 'receptions-4-followed');
  await check(page);
});

test('the office finds the booking, and the year on one sheet', async () => {
  const page = await county.desk();
  await county.signIn(page, 'xinfang');
  await page.goto('/reception-days');
  await shot(page, 'receptions-5-home');
  await check(page);
  await page.goto('/reception-days/year');
  await shot(page, 'receptions-6-year');
  await check(page);
  assert.equal(await sheets(page), 1, 'the year is printed on one sheet');
  for (let months = 0; months < 3; months += 1) {
    await page.goto('/reception-days');
    for (let next = 0; next < months; next += 1) await page.getByRole('link', { name: '下个月' }).click();
    const row = page.locator('tr', { hasText: '县领导' });
    await row.getByRole('link').first().click();
    if ((await page.getByText('罗新华').count()) > 0) break;
  }
  await page.getByText('罗新华').first().waitFor();
  await shot(page, 'receptions-7-day');
  await check(page);
});

test('a clerk writes down, settles and turns into a case bound to the leader', async () => {
  const page = await county.desk();
  await county.signIn(page, 'xinfang');
  // The last day that was worked: somebody was not reached, and somebody comes again.
  await page.goto('/reception-days');
  for (let back = 0; back < 3; back += 1) {
    await page.locator('tr', { hasText: '县领导' }).getByRole('link').first().click();
    if ((await page.getByRole('link', { name: '补登接访' }).count()) > 0) break;
    await page.goto('/reception-days');
    for (let month = 0; month <= back; month += 1) await page.getByRole('link', { name: '上个月' }).click();
  }
  await page.getByRole('link', { name: '补登接访' }).click();
  await page.getByRole('heading', { name: '接访登记' }).waitFor();
  await shot(page, 'receptions-8-desk');
  await check(page);
  await page.getByLabel('领导怎么答复').fill('已请水利局三天内到现场。');
  await page.getByRole('button', { name: '当场答复' }).click();
  await page.getByRole('status').filter({ hasText: '已记下' }).waitFor();
  await page.getByRole('link', { name: '新来的' }).click();
  await page.getByLabel('姓名', { exact: true }).fill('易春华');
  await page.getByLabel('反映什么').fill('自来水断断续续半个月，老人挑水摔了一跤。');
  await page.getByLabel('在哪里').fill('阳升观村');
  await page.getByRole('button', { name: '转为信访件' }).click();
  await page.getByRole('heading', { name: '已转为信访件' }).waitFor();
  await page.getByText('包案，限期').waitFor();
  await shot(page, 'receptions-9-case');
  await check(page);
  await page.getByRole('link', { name: '打开卡片' }).click();
  await page.getByText('谢国华').first().waitFor();
  await page.goto('/reception-days/register');
  await page.getByText('易春华').waitFor();
  await shot(page, 'receptions-10-register');
  await check(page);
});

test('the leader sees the own days, and a unit fills its roster', async () => {
  const leader = await county.desk();
  await county.signIn(leader, 'lingdao');
  await leader.goto('/reception-days');
  await leader.getByRole('heading', { name: '我的接访日' }).waitFor();
  await shot(leader, 'receptions-11-mine');
  await check(leader);

  const head = await county.desk();
  await county.signIn(head, 'zhenzhang');
  await head.goto('/key-periods');
  await check(head);
  await head.getByRole('link', { name: '重要节点安全稳定' }).click();
  await shot(head, 'receptions-12-period');
  await check(head);
  await head.getByRole('link', { name: '莲塘坳镇', exact: true }).click();
  await head.getByText('还有 1 天没有人值班').waitFor();
  await head.getByRole('button', { name: '选出的人轮流排满' }).click();
  assert.equal(await head.getByText('没有人值班').count(), 0);
  await shot(head, 'receptions-13-roster');
  await check(head);
});
