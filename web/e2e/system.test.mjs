// System: what runs here.
import assert from 'node:assert/strict';
import { shoot } from './harness.mjs';
import { suite } from './suite.mjs';

const { check } = suite('system');

check('tells health, gallery, limits and models', { room: 'system' }, async (page) => {
  await page.getByText('Well, and ready for work').waitFor();
  await page.getByRole('heading', { name: 'duo', exact: true }).waitFor();
  assert.match(await page.locator('.models').innerText(), /Licence/);
  await page.getByText('in use').first().waitFor();
  assert.match(await page.getByRole('region', { name: 'Gallery' }).innerText(), /Pictures of faces\s+kept/);
  assert.match(await page.getByRole('region', { name: 'Limits' }).innerText(), /\d+ MB/);
  await page.getByRole('heading', { name: 'No keys yet' }).waitFor();
  await shoot(page, 'system');
});

check('colours follow the system until one is chosen', { room: 'system', scheme: 'dark' }, async (page) => {
  await page.getByText('Well, and ready for work').waitFor();
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await ground();
  await page.getByRole('button', { name: /Colours: as the system/ }).click();
  const light = await ground();
  assert.notEqual(dark, light);
  await page.reload();
  await page.getByText('Well, and ready for work').waitFor();
  assert.equal(await ground(), light);
});
