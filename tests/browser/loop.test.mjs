// The county's loop: a villager's matter gets a number and an owner, is answered, and its number is closed by another.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { check, openCounty, shot } from './harness.mjs';

const county = await openCounty();
after(() => county.close());

const MATTER = '三组的晒谷坪被邻村采石场的碎石压了，下雨就往田里冲，要求清理并赔偿青苗。';
const TITLE = '三组的晒谷坪被邻村采石场的碎石压了';

/** What the villager took home. */
const receipt = {};

test('a villager hands a matter in and gets a number and a code', async () => {
  const page = await county.phone();
  await page.goto('/');
  await page.getByLabel('什么事').fill(MATTER);
  await page.getByLabel('在哪里').pressSequentially('阳升');
  await page.getByRole('option').filter({ hasText: '阳升观村' }).first().click();
  await page.getByLabel('具体位置').fill('三组 路口');
  await page.getByLabel('您的姓名').fill('罗新华');
  await page.getByLabel('手机号').first().fill('138 1234 5678');
  await shot(page, 'loop-1-intake');
  await page.getByRole('button', { name: '提交' }).click();
  await page.getByRole('heading', { name: '收到了' }).waitFor();
  receipt.number = await page.locator('.card .no').innerText();
  receipt.code = await page.locator('.card .code').innerText();
  assert.match(receipt.number, /^攸信〔\d{4}〕\d{4}号$/);
  await shot(page, 'loop-2-receipt');
  await check(page);
});

test('the officer finds it in the ledger, classifies it and gives it to a unit', async () => {
  const page = await signedIn('xinfang');
  await page.goto('/petitions');
  await page.getByRole('searchbox').fill('罗新华');
  await page.getByRole('button', { name: '查找' }).click();
  await check(page);
  const row = page.getByRole('row').filter({ hasText: receipt.number });
  assert.match(await row.innerText(), /阳升观村/);
  await row.getByRole('link', { name: receipt.number }).click();
  receipt.card = new URL(page.url()).pathname;
  await check(page);

  await act(page, '分类', async (form) => {
    await form.getByLabel('类别').selectOption('claim');
    await form.getByLabel('申诉求决类的情形').selectOption('6');
    await shot(page, 'loop-3-classification');
  });
  await act(page, '交办', async (form) => {
    await form.getByLabel('主办单位').selectOption({ label: '县自然资源局' });
    await form.getByLabel('交办意见').fill('请到现场看，按程序答复。');
  });
  assert.match(await facts(page), /县自然资源局/);
  await check(page);
});

test('the unit accepts, gives notice, works on it and answers', async () => {
  const page = await signedIn('chengban');
  await page.goto(receipt.card);
  await act(page, '受理');
  await page.getByRole('link', { name: '受理告知书' }).click();
  await page.locator('.paper').getByRole('heading', { name: '信访事项受理告知书' }).waitFor();
  await shot(page, 'loop-4-notice');
  await check(page);
  await page.getByRole('link', { name: '回到卡片' }).click();
  await act(page, '送达受理告知书', (form) => form.getByLabel('签收人').fill('罗新华'));
  await act(page, '记一次办理', (form) => form.getByLabel('做了什么').fill('和村干部一起到现场量了压占面积：0.4 亩。'));
  await shot(page, 'loop-5-handling');

  await page.getByRole('link', { name: '起草处理意见书' }).click();
  await check(page);
  await page.getByLabel('信访请求').fill('清理碎石，赔偿青苗。');
  await page.getByLabel('查明的事实').fill('采石场堆场挡墙缺口 6 米，碎石压占晒谷坪 0.4 亩。');
  await page.getByLabel('依据').fill('《中华人民共和国土地管理法》第七十五条');
  await page.getByRole('radio', { name: '予以支持', exact: true }).check();
  await page.getByLabel('意见内容').fill('由采石场二十日内清理并补砌挡墙，按标准赔偿青苗。');
  await page.getByRole('button', { name: '出具' }).click();
  await page.waitForURL((url) => url.pathname === receipt.card || url.pathname.endsWith('/opinion'));
  await page.goto(`${receipt.card}/opinion`);
  assert.match(await page.locator('main').innerText(), /请求复查/);
  await shot(page, 'loop-6-opinion');
  await check(page);
  await page.getByRole('link', { name: '回到卡片' }).click();
  await act(page, '送达处理意见书', (form) => form.getByLabel('签收人').fill('罗新华'));
  assert.equal(await page.locator('#acts summary', { hasText: '办结销号' }).count(), 0, 'whoever handled it does not close it');
  await check(page);
});

test('the villager follows it with the code, confirms and rates', async () => {
  const page = await county.phone();
  await page.goto('/track');
  await check(page);
  await page.getByLabel('查询码').fill(receipt.code.toLowerCase().replaceAll('-', ' '));
  await page.getByRole('button', { name: '查进度' }).click();
  const main = page.locator('main');
  await main.getByRole('heading', { name: receipt.number }).waitFor();
  assert.match(await main.innerText(), /复查/, 'the page says what can be done against the answer');
  assert.match(await main.innerText(), /县自然资源局，最近一次 \d+ 月 \d+ 日/, 'the page says who has read the file');
  await shot(page, 'loop-7-follow');
  await check(page);
  await page.getByRole('button', { name: '确认收到答复' }).click();
  await page.getByRole('status').waitFor();
  await page.getByRole('radio', { name: '满意', exact: true }).check();
  await page.getByLabel('想说的话').fill('来看得快，谢谢。');
  await page.getByRole('button', { name: '提交评价' }).click();
  await page.getByRole('status').waitFor();
  await shot(page, 'loop-8-rated');
  await check(page);
});

test('another officer calls back and closes the number, and the card bears the seal', async () => {
  const page = await signedIn('xinfang2');
  await page.goto(receipt.card);
  assert.equal(await page.getByLabel('已销号').count(), 0);
  await act(page, '回访', async (form) => {
    await form.getByRole('radio', { name: '联系到了' }).check();
    await form.getByLabel('信访人怎么说').fill('碎石已开始清，认可。');
  });
  await act(page, '办结销号', async (form) => {
    await shot(page, 'loop-9-closure');
    await form.getByRole('radio', { name: '已化解' }).check();
  });
  await page.getByRole('img', { name: '已销号' }).waitFor();
  assert.match(await page.locator('main').innerText(), /满意/);
  await shot(page, 'loop-10-closed');
  await check(page);
});

async function signedIn(login) {
  const page = await county.desk();
  await county.signIn(page, login);
  return page;
}

async function facts(page) {
  assert.match(await page.locator('h1').innerText(), new RegExp(TITLE));
  return page.locator('dl.facts').innerText();
}

/** Opens one of the forms of the card, fills it, sends it, and sees that it was not refused. */
async function act(page, heading, fill = async () => {}) {
  const form = page.locator('#acts details').filter({ has: page.locator('summary', { hasText: new RegExp(`^${heading}$`) }) });
  await form.locator('summary').click();
  await fill(form);
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.request().method() === 'POST'),
    form.getByRole('button', { name: heading }).click(),
  ]);
  assert.equal(answer.status(), 303, `${heading}: ${await page.locator('main').innerText()}`);
  await page.waitForLoadState();
}
