// What goes wrong around the page: uploads that are too large, a server that goes and comes back.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { give, photos, shoot } from './harness.mjs';
import { suite } from './suite.mjs';

const { check } = suite('errors');

check('a picture that is too large is refused before it is sent', {}, async (page, { server }) => {
  const session = await (await fetch(`${server.url}v1/session`)).json();
  const large = server.file('large.jpg');
  writeFileSync(large, Buffer.alloc(session.limits.max_upload_bytes + 1, 0xff));
  let sent = 0;
  page.on('request', (request) => (sent += request.url().includes('/v1/faces/') ? 1 : 0));
  await give(page, 'Photo A', large);
  await page.getByText(/“large\.jpg” has .* this service takes up to/).waitFor();
  await shoot(page, 'error-too-large');
  assert.equal(sent, 0);
});

check('a picture that the service finds too large is refused in words', {}, async (page, { server }) => {
  // The page does not know of the limit: a proxy before the service may have one of its own.
  await page.route('**/v1/session', async (route) => {
    const answer = await route.fetch();
    const json = await answer.json();
    json.limits.max_upload_bytes *= 100;
    await route.fulfill({ response: answer, json });
  });
  await page.reload();
  await page.getByText('The answer appears here as soon as').waitFor();
  const session = await (await fetch(`${server.url}v1/session`)).json();
  const large = server.file('larger.jpg');
  writeFileSync(large, Buffer.alloc(session.limits.max_upload_bytes * 2, 0xff));
  await give(page, 'Photo A', large);
  await page.getByText('That is too large for this service').waitFor();
});

check('a server that goes and comes back', {}, async (page, { server }) => {
  await give(page, 'Photo A', photos(6));
  await page.getByText('4 faces').waitFor();
  await server.stop();
  await give(page, 'Photo B', photos(6));
  const banner = page.getByText('The service does not answer.');
  await banner.waitFor();
  await page.getByText('The service cannot be reached').first().waitFor();
  await shoot(page, 'error-server-gone');
  await server.start();
  await page.getByRole('button', { name: 'Try now' }).click({ timeout: 5000 }).catch(() => {}); // it may be back by itself
  await page.getByText('The service is back.').waitFor();
  await banner.waitFor({ state: 'detached' });
  // What was chosen is still there, and is compared without a further click.
  await page.getByRole('heading', { name: 'Same person' }).waitFor();
  await shoot(page, 'error-server-back');
});

check('a page that is opened while the server is gone finds it later', {}, async (page, { server }) => {
  await page.getByText('The answer appears here as soon as').waitFor();
  await server.stop();
  await page.getByRole('link', { name: 'System' }).click();
  await page.getByText('The service does not answer.').waitFor();
  await server.start();
  await page.getByText('Well, and ready for work').waitFor();
});
