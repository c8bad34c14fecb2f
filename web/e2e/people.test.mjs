// People: enrol, look for, identify, change, forget.
import assert from 'node:assert/strict';
import { emptyPicture, give, openPage, photos, shoot } from './harness.mjs';
import { suite } from './suite.mjs';

const { check } = suite('people');

async function enrol(page, name, photo) {
  await page.getByRole('button', { name: 'Enrol somebody' }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await give(page, 'Photos', photo);
  await page.getByRole('button', { name: 'Enrol', exact: true }).click();
  await page.getByText(`${name} is enrolled with 1 new photo.`).waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
}

check('from an empty gallery to a name on a face', { room: 'people' }, async (page, { server, browser }) => {
  await page.getByRole('heading', { name: 'Nobody is enrolled yet' }).waitFor();
  await shoot(page, 'people-empty');

  await page.getByRole('button', { name: 'Enrol somebody' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Nobody');
  await give(page, 'Photos', emptyPicture(server.file('empty.png')));
  await page.getByRole('button', { name: 'Enrol', exact: true }).click();
  await page.getByText('No face was found').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  await enrol(page, 'Anna Berger', photos(6));
  await enrol(page, 'Dora Šimková', photos(1));
  await page.getByText('2 people').waitFor();
  // Kept faces come as pictures, behind the key.
  await page.locator('.person .avatar img').first().waitFor();
  await shoot(page, 'people-gallery');

  await page.getByRole('searchbox').fill('simk');
  await page.getByText('1 of 2 fits').waitFor();
  assert.equal(await page.locator('.person').count(), 1);
  await page.getByRole('searchbox').fill('xyz');
  await page.getByText('Nobody is called “xyz”').waitFor();
  await page.getByRole('searchbox').fill('');

  await page.getByRole('link', { name: 'Who is this?' }).click();
  await give(page, 'A photo of one or many', photos(6));
  await page.getByText('4 faces, 1 known').waitFor();
  await page.locator('.face-frame.known', { hasText: 'Anna Berger' }).waitFor();
  await page.getByRole('listitem').filter({ hasText: 'Anna Berger' }).first().waitFor();
  await shoot(page, 'people-identify');

  // Somebody who was not known is enrolled from there, and then is.
  await page.getByRole('button', { name: /^Enrol face/ }).first().click();
  await page.getByLabel('Name', { exact: true }).fill('Eva O’Neill/Smith');
  await page.getByRole('button', { name: 'Enrol', exact: true }).click();
  await page.getByText('Eva O’Neill/Smith is enrolled').waitFor();
  await shoot(page, 'people-enrolled');
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByText('4 faces, 2 known').waitFor();

  // The same in a tab of its own: nothing of it was only in this page.
  const other = await openPage(browser, server, { room: 'people' });
  await other.page.getByText('3 people').waitFor();
  await other.close();
});

check('a person is changed and forgotten', { room: 'people' }, async (page) => {
  await enrol(page, 'Zoe Before', photos(2));
  await page.getByRole('button', { name: /Zoe Before/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Zoe Before' });
  await dialog.getByText('1 photo').waitFor();
  await shoot(page, 'people-person');

  await dialog.getByRole('button', { name: 'Rename' }).click();
  await page.getByLabel('New name').fill('Anna Berger');
  await page.getByRole('button', { name: 'Save the name' }).click();
  await page.getByText('That name is taken').waitFor();
  await page.getByLabel('New name').fill('Zoe After');
  await page.getByRole('button', { name: 'Save the name' }).click();
  const renamed = page.getByRole('dialog', { name: 'Zoe After' });
  await renamed.waitFor();

  await renamed.getByRole('button', { name: 'Add photos' }).click();
  await give(page, 'Photos', photos(3));
  await page.getByRole('button', { name: 'Enrol', exact: true }).click();
  await page.getByText('Zoe After is enrolled with 1 new photo.').waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
  await renamed.getByText('2 photos').waitFor();

  await renamed.getByRole('button', { name: 'Remove photo 2' }).click();
  await page.getByRole('dialog', { name: 'Remove this photo?' }).getByRole('button', { name: 'Remove', exact: true }).click();
  await renamed.getByText('1 photo', { exact: true }).waitFor();

  await renamed.getByRole('button', { name: 'Forget' }).click();
  await page.getByRole('dialog', { name: 'Forget Zoe After?' }).getByRole('button', { name: 'Cancel' }).click();
  await renamed.getByRole('button', { name: 'Forget' }).click();
  await page.getByRole('button', { name: 'Forget this person' }).click();
  await page.getByText('Zoe After is forgotten.').waitFor();
  await page.getByRole('button', { name: /Zoe After/ }).waitFor({ state: 'detached' });
});
