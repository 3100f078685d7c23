// A demo county in a fresh folder, Chromium in front of it, and what must hold on every page.
//
//     const county = await openCounty();
//     after(() => county.close());
//     test('…', async () => {
//       const page = await county.desk();          // or county.phone(), county.noScript()
//       await county.signIn(page, 'xinfang');
//       await check(page);
//       await shot(page, 'case');
//     });
//
// `cargo xtask test browser` builds the program, sets the variables read here and runs every *.test.mjs;
// `cargo xtask test browser -- WORD` runs the tests whose name has the word in it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const { YOUZHI_BIN, YOUZHI_CHROMIUM, YOUZHI_COUNTIES, YOUZHI_NODE_MODULES, YOUZHI_SHOTS } = process.env;
assert(YOUZHI_BIN, 'run these tests with `cargo xtask test browser`');

// The packages lie in the target directory, where an import would not find them.
const require = createRequire(join(YOUZHI_NODE_MODULES, 'here.js'));
const { chromium } = require('playwright-core');
const axe = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');

/** The sizes at which every page must hold. */
export const DESK = { width: 1360, height: 900 };
export const PHONE = { width: 390, height: 844 };

const TO_START_MS = 120_000;
const TO_ANSWER_MS = 15_000;

/** Starts `youzhi demo` on an empty folder, and a browser. */
export async function openCounty({ households = 500 } = {}) {
  const folder = await mkdtemp(join(YOUZHI_COUNTIES, 'county-'));
  const server = await startDemo(folder, households);
  const browser = await chromium.launch({
    executablePath: YOUZHI_CHROMIUM,
    args: [
      '--no-sandbox', // it refuses to run as root with it
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      // It would look for updates and its maker's servers.
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

  const newPage = async (settings) => {
    const context = await browser.newContext({ baseURL: server.address, locale: 'zh-CN', ...settings });
    context.setDefaultTimeout(TO_ANSWER_MS);
    const page = await context.newPage();
    watch(page, settings.javaScriptEnabled !== false);
    return page;
  };
  return {
    /** Where the demo listens, such as `http://127.0.0.1:38123`. */
    address: server.address,
    /** The password of every demo account. */
    password: server.password,
    /** What the demo printed: the accounts among it. */
    printed: server.printed,
    /** A page, each in a context of its own: nobody is signed in. */
    desk: () => newPage({ viewport: DESK }),
    phone: () => newPage({ viewport: PHONE, isMobile: true, hasTouch: true, deviceScaleFactor: 2 }),
    noScript: () => newPage({ viewport: DESK, javaScriptEnabled: false }),
    /** Signs in through the form, as a person would. */
    async signIn(page, login) {
      await page.goto('/sign-in');
      await page.locator('input[autocomplete="username"]').fill(login);
      await page.locator('input[autocomplete="current-password"]').fill(server.password);
      await page.keyboard.press('Enter');
      await page.waitForURL((url) => url.pathname !== '/sign-in').catch(async () => {
        throw new Error(`signing in as ${login} stays on the form:\n${await page.locator('main, body').first().innerText()}`);
      });
    },
    async close() {
      await browser.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startDemo(folder, households) {
  // Settings are variables of this kind too: the demo must not see ours, nor those of the person who tests.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('YOUZHI_')));
  const server = spawn(
    YOUZHI_BIN,
    ['demo', '--data', folder, '--listen', '127.0.0.1:0', '--households', String(households)],
    { env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const kill = () => server.kill('SIGKILL');
  process.on('exit', kill);
  const ended = new Promise((resolve) => server.on('close', resolve));

  const printed = [];
  let said = '';
  server.stderr.on('data', (text) => (said = (said + text).slice(-20_000)));
  try {
    const found = await new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error('youzhi demo did not print its address and password in time')), TO_START_MS).unref();
      server.on('error', reject);
      ended.then((code) => reject(new Error(`youzhi demo ended with ${code}`)));
      const found = {};
      createInterface({ input: server.stdout }).on('line', (line) => {
        printed.push(line);
        found.address ??= line.match(/http:\/\/127\.0\.0\.1:\d+/)?.[0];
        found.password ??= line.match(/^密码\s+(\S+)/)?.[1];
        if (found.address && found.password) resolve(found);
      });
    });
    return {
      ...found,
      printed,
      async stop() {
        process.off('exit', kill);
        server.kill('SIGTERM');
        const late = setTimeout(kill, 10_000);
        await ended;
        clearTimeout(late);
      },
    };
  } catch (error) {
    kill();
    throw new Error(`${error.message}\n${printed.join('\n')}\n${said}`);
  }
}

/** Of each page: what went wrong since it was opened or last checked, and whether scripts run on it. */
const watched = new WeakMap();

function watch(page, scripts) {
  const found = [];
  watched.set(page, { found, scripts });
  page.on('pageerror', (error) => found.push(`script error: ${error.message}`));
  page.on('console', (message) => {
    // Chromium says this of every answer from 400 on, of a form that is rightly refused too: see `response`.
    const isAnswer = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isAnswer) found.push(`console: ${message.text()}`);
  });
  page.on('response', (response) => {
    const isPage = response.request().resourceType() === 'document';
    if (response.status() >= (isPage ? 500 : 400)) found.push(`${response.status()} from ${response.url()}`);
  });
  page.on('requestfailed', (request) => {
    // A page that is left cancels what it was still loading.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') found.push(`${request.failure()?.errorText}: ${request.url()}`);
  });
}

/**
 * What must hold on every page, at the width of a desk and of a phone: no script error, nothing to scroll sideways,
 * no serious finding of axe-core, and every control reached with the Tab key in the order of the document.
 */
export async function check(page) {
  const found = [];
  await atBothSizes(page, async (size) => {
    const at = `${new URL(page.url()).pathname} at ${size.width} px: `;
    const add = (problem) => found.push(at + problem);
    (await tooWide(page)).forEach(add);
    // Axe waits for promises, which never come true on a page without script.
    if (watched.get(page).scripts) (await findingsOfAxe(page)).forEach(add);
    (await notReachedByTab(page)).forEach(add);
  });
  found.push(...watched.get(page).found.splice(0));
  assert(found.length === 0, found.join('\n'));
}

/** Saves the page as it looks on a desk and on a phone: `target/shots/NAME-1360.png` and `NAME-390.png`. */
export async function shot(page, name) {
  await mkdir(YOUZHI_SHOTS, { recursive: true });
  await atBothSizes(page, async (size) => {
    await page.screenshot({ path: join(YOUZHI_SHOTS, `${name}-${size.width}.png`), fullPage: true });
  });
}

/** How many sheets of A4 a page takes when it is printed. */
export async function sheets(page) {
  const pdf = await page.pdf({ preferCSSPageSize: true, format: 'A4' });
  return pdf.toString('latin1').match(/\/Type\s*\/Page\b/g).length;
}

async function atBothSizes(page, look) {
  const before = page.viewportSize();
  for (const size of [DESK, PHONE]) {
    await page.setViewportSize(size);
    await look(size);
  }
  await page.setViewportSize(before);
}

async function tooWide(page) {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const widest = [...document.body.querySelectorAll('*')].find((element) => element.getBoundingClientRect().right > clientWidth + 1);
    return [`${scrollWidth} px wide, more than the ${clientWidth} px there are: ${widest?.outerHTML.slice(0, 160) ?? ''}`];
  });
}

async function findingsOfAxe(page) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe);
  const violations = await page.evaluate(async () => (await globalThis.axe.run(document, { resultTypes: ['violations'] })).violations);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id} (${help}): ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`);
}

async function notReachedByTab(page) {
  const controls = await page.evaluateHandle(() => {
    const candidates = document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]');
    const reachable = [...candidates].filter(
      (element) =>
        element.tabIndex >= 0 &&
        !element.matches(':disabled, [type=hidden]') &&
        !element.closest('[inert]') &&
        (element.localName !== 'summary' || element.parentElement.localName === 'details') &&
        element.checkVisibility({ visibilityProperty: true }),
    );
    // Of the buttons of one question, Tab reaches the chosen one, or the first.
    return reachable.filter((element) => {
      if (element.type !== 'radio' || !element.name) return true;
      const group = reachable.filter((other) => other.type === 'radio' && other.name === element.name && other.form === element.form);
      return element === (group.find((other) => other.checked) ?? group[0]);
    });
  });
  const count = await controls.evaluate((all) => all.length);
  if (count === 0) return [];

  // From the first on; after the last, Tab passes the browser's own bar and comes back to the first.
  const stops = watched.get(page).scripts ? await stopsAtOnce(page, controls, count) : await stopsOneByOne(page, controls, count);
  const describe = (index) => controls.evaluate((all, index) => all[index]?.outerHTML.slice(0, 160) ?? 'nowhere', index);
  for (let index = 0; index < count; index++) {
    const wanted = (index + 1) % count;
    if (stops[index] !== wanted) return [`Tab goes from ${await describe(index)} to ${await describe(stops[index])} instead of ${await describe(wanted)}`];
  }
  // No ring around a control in the screenshots.
  await page.evaluate(() => document.activeElement.blur());
  return [];
}

// A date has a stop for each of its parts, and a part of the page that scrolls is a stop too (-1): neither is counted.
const distinct = (stops) => stops.filter((stop, index) => stop !== -1 && stop !== (stops[index - 1] ?? 0));

/** Which controls Tab reaches after the first, up to the first again: the page itself keeps count. */
async function stopsAtOnce(page, controls, count) {
  await controls.evaluate((all) => {
    all[0].focus();
    globalThis.stopsOfTab = [];
    document.addEventListener('focusin', ({ target }) => globalThis.stopsOfTab.push(all.indexOf(target)), true);
  });
  let stops = [];
  for (let left = count * 4 + 40; left > 0 && !stops.includes(0); left -= 40) {
    await Promise.all(Array.from({ length: 40 }, () => page.keyboard.press('Tab')));
    stops = distinct(await page.evaluate(() => globalThis.stopsOfTab));
  }
  return stops;
}

/** The same on a page without script, which cannot keep count. */
async function stopsOneByOne(page, controls, count) {
  await controls.evaluate((all) => all[0].focus());
  const stops = [];
  for (let left = count * 4 + 40; left > 0 && !distinct(stops).includes(0); left--) {
    await page.keyboard.press('Tab');
    stops.push(await controls.evaluate((all) => all.indexOf(document.activeElement)));
  }
  return distinct(stops);
}
