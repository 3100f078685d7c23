import { after, test } from 'node:test';

import { check, openCounty, shot } from './harness.mjs';

const county = await openCounty();
after(() => county.close());

for (const [path, name] of [['/', 'front'], ['/sign-in', 'sign-in']]) {
  test(`${path} holds for everybody`, async () => {
    const page = await county.desk();
    await page.goto(path);
    await shot(page, name);
    await check(page);
  });

  test(`${path} holds on a phone`, async () => {
    const page = await county.phone();
    await page.goto(path);
    await check(page);
  });

  test(`${path} holds without script`, async () => {
    const page = await county.noScript();
    await page.goto(path);
    await check(page);
  });
}
