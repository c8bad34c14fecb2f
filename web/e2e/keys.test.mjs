// Keys: the first one closes the door; roles decide what is offered; revoked ones open nothing.
import assert from 'node:assert/strict';
import { openPage, shoot } from './harness.mjs';
import { suite } from './suite.mjs';

const { check, state } = suite('keys');
let admin = '';
let reader = '';

async function make(page, name, role) {
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  if (role) await page.getByLabel('Role').selectOption({ label: role });
  await page.getByRole('button', { name: 'Make the key' }).click();
  const secret = await page.getByRole('textbox', { name: 'Key', exact: true }).inputValue();
  assert.match(secret, /^lk_/);
  return secret;
}

check('the first key is made here and the page goes on with it', { room: 'system' }, async (page) => {
  await page.getByRole('heading', { name: 'No keys yet' }).waitFor();
  admin = await make(page, 'front desk');
  await shoot(page, 'keys-fresh');
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  await page.getByText('The key is in the clipboard.').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), admin);
  await page.getByRole('button', { name: 'I have kept it' }).click();
  await page.getByText('Key “front desk”').waitFor();
  reader = await make(page, 'door', 'may look');
  await page.getByRole('button', { name: 'I have kept it' }).click();
  await page.getByRole('row', { name: /door/ }).waitFor();
  assert.ok(!(await page.content()).includes(reader), 'the key is still on the page');
  await shoot(page, 'keys');
});

check('without a key a dialog asks for one, in every room', { room: 'people' }, async (page) => {
  const dialog = page.getByRole('dialog', { name: 'This service asks for a key' });
  await dialog.waitFor();
  await shoot(page, 'key-dialog');
  await page.keyboard.press('Escape');
  await dialog.waitFor();
  await dialog.getByLabel('Key').fill('lk_wrong_key');
  await dialog.getByRole('button', { name: 'Use this key' }).click();
  await page.getByText('The service does not know this key').waitFor();
  await dialog.getByLabel('Key').fill(admin);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Nobody is enrolled yet' }).waitFor();
  assert.ok(!page.url().includes('lk_'));
  await page.reload();
  await page.getByRole('heading', { name: 'Nobody is enrolled yet' }).waitFor();
  await page.getByRole('button', { name: 'Forget the key' }).click();
  await dialog.waitFor();
});

check('a key that may only look sees nothing to change', () => ({ room: 'people', key: reader }), async (page) => {
  await page.getByText('Your key may look, but not enrol.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Enrol somebody' }).count(), 0);
  await page.getByRole('link', { name: 'System' }).click();
  await page.getByText('Well, and ready for work').waitFor();
  assert.equal(await page.getByRole('heading', { name: 'Keys' }).count(), 0);
});

check('a revoked key is shut out where it is in use', () => ({ room: 'system', key: admin }), async (page) => {
  const guest = await openPage(state.browser, state.server, { room: 'people', key: reader });
  await guest.page.getByText('Nobody is enrolled yet').waitFor();
  await page.getByRole('button', { name: /Revoke\s*door/ }).click();
  await shoot(page, 'keys-revoke');
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
  await page.getByText('The key “door” is revoked.').waitFor();
  await guest.page.waitForTimeout(1500); // a running service looks at its keys every second
  await guest.page.getByRole('link', { name: 'System' }).click();
  await guest.page.getByRole('dialog', { name: 'This service asks for a key' }).waitFor();
  await guest.close();
});
