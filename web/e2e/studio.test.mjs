// Studio: the first look, a full painting with live progress, a cancelled one, the history.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { give, photos, shoot, style, zone } from './harness.mjs';
import { suite } from './suite.mjs';

const { check } = suite('studio');

async function set(page, label, value) {
  await page.getByLabel(label).fill(String(value));
}

check('a first look that follows the slider', { room: 'studio' }, async (page) => {
  await page.getByRole('heading', { name: 'An empty easel' }).waitFor();
  await shoot(page, 'studio-empty');
  await give(page, 'Photo', photos(6));
  await page.getByText('Now a picture whose style you like').waitFor();
  await give(page, 'Style', style);
  await page.getByText(/A first look, in one pass of/).waitFor();
  await shoot(page, 'studio-preview');
  const painting = page.getByRole('img', { name: 'The painting' });
  const first = await painting.getAttribute('src');
  await page.evaluate(() => {
    window.asked = [];
    const send = window.fetch;
    window.fetch = (url, init) => {
      if (init?.body instanceof FormData) window.asked.push(`${url} ${init.body.get('alpha')}`);
      return send(url, init);
    };
  });
  await set(page, 'How much style', 0.4);
  await page.waitForFunction(() => window.asked.includes('v1/style/preview 0.4'));
  await page.waitForFunction((before) => document.querySelector('.before-after .after')?.getAttribute('src') !== before, first);

  // The line between photo and painting moves by keys.
  const line = page.getByRole('slider', { name: 'Where photo and painting meet' });
  await line.focus();
  await page.keyboard.press('Home');
  assert.equal(await line.getAttribute('aria-valuetext'), '0 % photo');
  await page.keyboard.press('ArrowRight');
  assert.equal(await line.getAttribute('aria-valuetext'), '1 % photo');
});

check('a full painting, from start to file', { room: 'studio' }, async (page) => {
  await give(page, 'Photo', photos(6));
  await give(page, 'Style', style);
  await page.getByLabel('Longest side').selectOption('256');
  await set(page, 'Steps at most', 50);
  await page.getByRole('button', { name: 'Paint it' }).click();
  await page.getByRole('heading', { name: /^Painting: (in progress|waiting)/ }).waitFor();
  await page.getByRole('img', { name: 'The painting so far' }).waitFor({ timeout: 150_000 });
  await shoot(page, 'studio-running');
  await page.getByRole('heading', { name: 'Painting: done' }).waitFor({ timeout: 250_000 });
  await page.locator('.job-over .before-after').waitFor();
  await shoot(page, 'studio-done');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()]);
  assert.match(download.suggestedFilename(), /^likeness-\w+\.jpg$/);
  const file = readFileSync(await download.path());
  assert.deepEqual([...file.subarray(0, 2)], [0xff, 0xd8]);

  await page.reload();
  const card = page.getByRole('button', { name: /^done/ });
  await card.first().click();
  await page.locator('.job-over .before-after').waitFor();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByText('The painting is removed.').waitFor();
  await card.waitFor({ state: 'detached' });
});

check('a painting that is stopped keeps its picture', { room: 'studio' }, async (page) => {
  await give(page, 'Photo', photos(6));
  await give(page, 'Style', style);
  await page.getByLabel('Longest side').selectOption('512');
  await set(page, 'Steps at most', 1000);
  await page.getByRole('button', { name: 'Paint it' }).click();
  await page.getByRole('img', { name: 'The painting so far' }).waitFor({ timeout: 150_000 });
  await page.getByRole('button', { name: 'Stop and keep what there is' }).click();
  await page.getByRole('heading', { name: 'Painting: stopped' }).waitFor();
  await page.getByText('Stopped early; this is the picture it had.').waitFor();
  await page.locator('.job-over .before-after').waitFor();
  await zone(page, 'Painting').getByRole('button', { name: 'Back to the first look' }).click();
  await page.getByText(/A first look, in one pass/).waitFor();
});

check('the curve follows the costs that the service tells', { room: 'studio' }, async (page) => {
  const job = (state, iteration, total_loss) => ({
    id: 'ab12',
    state,
    mode: 'optimise',
    created_at: '2026-01-31T10:00:00Z',
    started_at: '2026-01-31T10:00:01Z',
    finished_at: null,
    progress: iteration / 100,
    iteration,
    iterations: 100,
    width: 256,
    height: 205,
    total_loss,
    content_loss: null,
    style_loss: null,
    seconds: iteration / 10,
    has_preview: false,
    has_result: false,
    error: state === 'failed' ? { code: 'internal', detail: 'the canvas fell off the easel' } : null,
    options: {},
  });
  const event = (name, data) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
  await page.route('**/v1/style/jobs', (route) => route.fulfill({ json: { jobs: [job('running', 0, null)] } }));
  await page.route('**/v1/style/jobs/ab12/events', (route) =>
    route.fulfill({
      contentType: 'text/event-stream',
      body:
        event('progress', job('running', 1, 8000)) +
        event('progress', job('running', 50, 900)) +
        event('progress', job('running', 51, null)) +
        event('done', job('failed', 60, 700)),
    }),
  );
  await page.reload();
  await page.getByRole('button', { name: /^in progress/ }).click();
  await page.getByRole('img', { name: 'The cost fell from 8,000 to 700 in 60 steps.' }).waitFor();
  await page.getByText('the canvas fell off the easel').waitFor();
});
