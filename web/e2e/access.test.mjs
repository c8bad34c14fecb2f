// Whoever cannot see, or uses keys alone, or a phone: axe finds nothing in any room, light or dark,
// wide or 390 px, and nothing sticks out.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { give, photos, shoot, style } from './harness.mjs';
import { suite } from './suite.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function violations(page) {
  // Colours in mid-change are no colours.
  await page.evaluate(() => Promise.all(document.getAnimations().filter((one) => one.effect?.getComputedTiming().iterations !== Infinity).map((one) => one.finished)));
  await page.evaluate(axe);
  const { violations: found } = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
  return found.map((one) => `${one.id}: ${one.nodes.map((node) => `${node.target.join(' ')} ${node.failureSummary}`).join(' | ')}`);
}

async function fits(page) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(content <= window, `content is ${content} px wide, the window ${window} px`);
}

const { check } = suite('access', async ({ server }) => {
  const form = new FormData();
  form.set('name', 'Anna Berger');
  form.set('photo', new Blob([readFileSync(photos(6))], { type: 'image/jpeg' }), 'photo.jpg');
  const enrolled = await fetch(`${server.url}v1/people`, { method: 'POST', body: form });
  assert.equal(enrolled.status, 201, await enrolled.clone().text());
});

/// What is looked at, with what has to be there first.
const kScenes = {
  'verify-empty': ['verify', async (page) => page.getByText('The answer appears here as soon as').waitFor()],
  'verify-answer': [
    'verify',
    async (page) => {
      await give(page, 'Photo A', photos(6));
      await give(page, 'Photo B', photos(1));
      await page.getByRole('heading', { name: 'Different people' }).waitFor();
    },
  ],
  people: ['people', async (page) => page.locator('.person .avatar img').waitFor()],
  'people-person': [
    'people',
    async (page) => {
      await page.getByRole('button', { name: /Anna Berger/ }).click();
      await page.getByRole('dialog').locator('.example img').waitFor();
    },
  ],
  'people-enrol': ['people', async (page) => page.getByRole('button', { name: 'Enrol somebody' }).click()],
  'people-identify': [
    'people/identify',
    async (page) => {
      await give(page, 'A photo of one or many', photos(6));
      await page.getByText('4 faces, 1 known').waitFor();
    },
  ],
  'studio-empty': ['studio', async (page) => page.getByRole('heading', { name: 'An empty easel' }).waitFor()],
  'studio-preview': [
    'studio',
    async (page) => {
      await give(page, 'Photo', photos(6));
      await give(page, 'Style', style);
      await page.getByText(/A first look, in one pass of/).waitFor();
    },
  ],
  system: ['system', async (page) => page.getByRole('heading', { name: 'mtcnn' }).waitFor()],
  'system-key': [
    'system',
    async (page) => {
      await page.getByRole('button', { name: 'New key' }).click();
      await page.getByRole('dialog').waitFor();
    },
  ],
};

for (const scheme of ['light', 'dark']) {
  for (const width of [1280, 390]) {
    const size = { scheme, width, height: width === 390 ? 844 : 900 };
    for (const [scene, [room, prepare]] of Object.entries(kScenes)) {
      check(`${scene}, ${scheme}, ${width} px`, { ...size, room }, async (page) => {
        await prepare(page);
        await shoot(page, `${scene}-${scheme}-${width}`);
        assert.deepEqual(await violations(page), []);
        await fits(page);
      });
    }
  }
}

check('rooms are walked through by keys alone', {}, async (page) => {
  await page.getByText('The answer appears here as soon as').waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the content');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'main');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Choose for Photo A');

  await page.getByRole('link', { name: 'People' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'People' }).waitFor();
  // The heading is there a moment before the focus moves.
  await page.waitForFunction(() => document.activeElement?.id === 'main');

  // A dialog keeps the focus, Escape closes it, and the focus is back where it was.
  const button = page.getByRole('button', { name: 'Enrol somebody' });
  await button.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  for (let step = 0; step < 12; ++step) {
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement === document.body || document.activeElement?.closest('dialog')), `step ${step}`);
  }
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.ok(await button.evaluate((element) => element === document.activeElement));
});

check('who wants calm gets calm', {}, async (page) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await give(page, 'Photo A', photos(6));
  await give(page, 'Photo B', photos(6));
  const disc = page.locator('.disc').first();
  await disc.waitFor();
  assert.equal(await disc.evaluate((element) => getComputedStyle(element).animationDuration), '0s');
});
