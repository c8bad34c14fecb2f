// Verify: two photos, and what can be wrong with them.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { emptyPicture, give, photos, shoot, zone } from './harness.mjs';
import { suite } from './suite.mjs';

const { check } = suite('verify');
const same = (page) => page.getByRole('heading', { name: 'Same person' });
const different = (page) => page.getByRole('heading', { name: 'Different people' });

check('one person in two photos, and two people', {}, async (page) => {
  await page.getByText('The answer appears here as soon as').waitFor();
  await shoot(page, 'verify-empty');
  await give(page, 'Photo A', photos(6));
  await zone(page, 'Photo A').getByText('4 faces').waitFor();
  await page.getByText('One more photo').waitFor();
  await give(page, 'Photo B', photos(6));
  await same(page).waitFor();
  await page.getByRole('img', { name: /Distance 0\.0\d\d on a scale from 0/ }).waitFor();
  assert.equal(await page.locator('.disc').count(), 2);
  assert.equal(await page.locator('.face-frame.main').count(), 2);
  assert.equal(await page.locator('.face-frame').count(), 8);
  assert.match(await page.locator('.facts').innerText(), /1 in \d[\d,]* pairs of strangers would be accepted/);
  await shoot(page, 'verify-same');

  await give(page, 'Photo B', photos(1));
  await different(page).waitFor();
  await shoot(page, 'verify-different');
});

check('a stricter threshold is asked for and shown', {}, async (page) => {
  await give(page, 'Photo A', photos(2));
  await give(page, 'Photo B', photos(2));
  await same(page).waitFor();
  const usual = await page.locator('.key-threshold').innerText();
  await page.getByLabel('How strict').selectOption({ label: 'For a door: 1 in 100,000 strangers passes' });
  await page.getByText('1 in 100,000 pairs of strangers').waitFor();
  assert.notEqual(await page.locator('.key-threshold').innerText(), usual);
});

check('pictures and answers outlive a visit to another room', {}, async (page) => {
  await give(page, 'Photo A', photos(2));
  await give(page, 'Photo B', photos(2));
  await same(page).waitFor();
  await page.getByRole('link', { name: 'System' }).click();
  await page.getByRole('heading', { level: 1, name: 'System' }).waitFor();
  await page.getByRole('link', { name: 'Verify' }).click();
  await same(page).waitFor();
});

check('a photo without a face is named', {}, async (page, { server }) => {
  await give(page, 'Photo A', photos(2));
  await give(page, 'Photo B', emptyPicture(server.file('empty.png')));
  await page.getByText('No face was found').first().waitFor();
  await page.getByText('About Photo B:').waitFor();
  await shoot(page, 'verify-no-face');
  await zone(page, 'Photo B').getByRole('button', { name: /Remove the picture/ }).click();
  await page.getByText('One more photo').waitFor();
});

check('files that are no pictures, and broken ones, are refused in words', {}, async (page, { server }) => {
  const text = server.file('letter.txt');
  writeFileSync(text, 'Dear Anna');
  await give(page, 'Photo A', text);
  await page.getByText('“letter.txt” is not a picture.').waitFor();
  const broken = server.file('broken.jpg');
  writeFileSync(broken, readFileSync(photos(1)).subarray(0, 400));
  await give(page, 'Photo A', broken);
  await page.getByText('That picture is damaged').waitFor();
});

check('photos are dropped and pasted', {}, async (page) => {
  const bytes = readFileSync(photos(2)).toString('base64');
  const transfer = await page.evaluateHandle((text) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], 'photo.jpg', { type: 'image/jpeg' }));
    return data;
  }, bytes);
  await zone(page, 'Photo B').dispatchEvent('drop', { dataTransfer: transfer });
  await zone(page, 'Photo B').getByText(/\d faces?/).first().waitFor();
  await page.evaluate((data) => window.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, cancelable: true })), transfer);
  await same(page).waitFor();
});

check('the camera takes a photo', {}, async (page) => {
  await page.getByRole('button', { name: 'Camera for Photo A' }).click();
  const take = page.getByRole('button', { name: 'Take the photo' });
  await take.click();
  // Chromium's false camera shows a green disc: nobody.
  await zone(page, 'Photo A').getByText('No face found in this photo.').waitFor();
});
