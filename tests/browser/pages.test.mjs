// Every place of every role: it opens, it holds, and none of its links is dead; and what is printed fits its sheet.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { check, openCounty, sheets, shot } from './harness.mjs';

const county = await openCounty();
after(() => county.close());

/** The accounts that the demo prints: `  xinfang    信访干部：肖文 县信访局接访科科长`. */
const accounts = county.printed.map((line) => line.match(/^ {2}([a-z0-9]+) +([^：\s]+)：/)).filter(Boolean);
assert(accounts.length >= 12, county.printed.join('\n'));

/** Links of one kind differ in a number; of each kind so many are followed from a page. */
const OF_A_KIND = 5;

/** The kinds of page that lie behind the places and have been looked at, by whichever role came first. */
const looked = new Set();

describe('the places of', { concurrency: 2 }, () => {
  for (const [, login, role] of accounts) {
    test(`${role} (${login})`, async () => {
      const page = await county.desk();
      await county.signIn(page, login);
      const places = await page.locator('nav[aria-label="主导航"] a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
      assert(places.length > 0, 'nobody has an empty rail');
      const found = [];
      const behind = new Map();
      for (const place of [...places, '/account']) {
        await lookAt(page, place, login, found);
        for (const link of await links(page)) behind.set(link, place);
      }
      for (const [link, place] of behind) {
        const answer = await page.request.get(link, { maxRedirects: 5 });
        if (answer.status() >= 400) found.push(`${answer.status()} behind ${link} on ${place}`);
        const isPage = (answer.headers()['content-type'] ?? '').startsWith('text/html');
        await answer.dispose();
        if (answer.ok() && isPage && !places.includes(pathOf(link)) && !looked.has(kindOf(pathOf(link)))) {
          looked.add(kindOf(pathOf(link)));
          await lookAt(page, link, login, found);
        }
      }
      await page.context().close();
      assert(found.length === 0, found.join('\n'));
    });
  }
});

test('every place of every role opens without script, and says what it says with it', async () => {
  for (const [, login] of accounts) {
    const page = await county.noScript();
    await county.signIn(page, login);
    const places = await page.locator('nav[aria-label="主导航"] a').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    for (const place of places) {
      const answer = await page.goto(place);
      assert.equal(answer.status(), 200, `${login}: ${place}`);
      const empty = await page.locator('main').evaluate((main) => main.innerText.trim().length < 10);
      assert(!empty, `${login}: nothing on ${place} without script`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
      assert(!wide, `${login}: ${place} scrolls sideways`);
    }
    await page.context().close();
  }
});

test('many cards are printed on one sheet each', async () => {
  const page = await county.desk();
  await county.signIn(page, 'xinfang');
  await page.goto('/petitions/cards?tab=all');
  const cards = await page.locator('article.one-page').count();
  assert(cards > 10, `${cards} cards`);
  assert.equal(await sheets(page), cards);
  await page.context().close();
});

test('the papers of a petition are printed on one sheet each', async () => {
  const page = await county.desk();
  await county.signIn(page, 'xinfang');
  await page.goto('/petitions?tab=closed&category=claim');
  const cards = await page.locator('table.lines tbody td:first-child a').evaluateAll((links) => links.slice(0, 12).map((link) => link.href));
  const printed = new Set();
  for (const card of cards) {
    await page.goto(card);
    for (const paper of ['受理告知书', '处理意见书']) {
      const link = page.getByRole('link', { name: paper, exact: true });
      if ((await link.count()) === 0 || printed.has(paper)) continue;
      await link.click();
      assert.equal(await sheets(page), 1, page.url());
      printed.add(paper);
      await page.goto(card);
    }
  }
  assert.deepEqual([...printed].sort(), ['受理告知书', '处理意见书'].sort());
});

test('the card of a petition is printed on one sheet', async () => {
  const page = await county.desk();
  await county.signIn(page, 'xinfang');
  for (const tab of ['open', 'closed', 'bound']) {
    await page.goto(`/petitions?tab=${tab}`);
    const row = page.locator('table.lines tbody td:first-child a');
    if ((await row.count()) === 0) continue;
    await row.first().click();
    assert.equal(await sheets(page), 1, `${tab}: ${page.url()}`);
  }
});

test('the contact card of a household is printed on one sheet', async () => {
  const page = await county.phone();
  await county.signIn(page, 'cun');
  await page.goto('/households');
  await page.locator('table.lines tbody a').first().click();
  await page.getByRole('link', { name: '联系卡' }).click();
  await page.getByText('便民服务联系卡').waitFor();
  await shot(page, 'pages-contact');
  await check(page);
  assert.equal(await sheets(page), 1);
});

/** Opens a page, and adds what does not hold on it. */
async function lookAt(page, path, login, found) {
  const answer = await page.goto(path);
  if (answer.status() !== 200) found.push(`${answer.status()} from ${path}`);
  await check(page).catch((error) => found.push(error.message));
  await shot(page, `pages-${login}${pathOf(path).replace(/\d{6,}/g, 'N').replaceAll('/', '-')}`);
}

/** The links of a page that lead to this county, a few of each kind. */
async function links(page) {
  const all = await page.locator('a[href]').evaluateAll((links) => links.map((link) => link.href));
  const counted = new Map();
  return [...new Set(all.map((link) => link.split('#')[0]))].filter((link) => {
    if (!link.startsWith(county.address)) return false;
    const kind = kindOf(link);
    counted.set(kind, (counted.get(kind) ?? 0) + 1);
    return counted.get(kind) <= OF_A_KIND;
  });
}

function pathOf(link) {
  return new URL(link, county.address).pathname;
}

/** What is left of an address without its values. */
function kindOf(link) {
  const { pathname, searchParams } = new URL(link, county.address);
  return [pathname.replace(/\d+/g, 'N'), ...[...searchParams.keys()].sort()].join(' ');
}
