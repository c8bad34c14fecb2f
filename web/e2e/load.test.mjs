// The first load: small, from nowhere else, and kept by the browser.
import assert from 'node:assert/strict';
import { get } from 'node:http';
import { test } from 'node:test';
import { suite } from './suite.mjs';

const kMostBytes = 150 * 1024;

function ask(url, headers = {}) {
  return new Promise((done, failed) => {
    get(url, { headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => done({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }));
    }).on('error', failed);
  });
}

const { state, check } = suite('load');

check('takes at most 150 KB, all of it from the service', {}, async (page, { context, server }) => {
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  let bytes = 0;
  const files = [];
  session.on('Network.loadingFinished', (event) => (bytes += event.encodedDataLength));
  session.on('Network.responseReceived', (event) => files.push(event.response.url));
  await page.goto('about:blank');
  await session.send('Network.clearBrowserCache');
  bytes = 0;
  files.length = 0;
  await page.goto(server.url);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForLoadState('networkidle');
  console.log(`first load: ${bytes} bytes in ${files.length} answers`);
  assert.ok(files.some((url) => url.endsWith('.js')) && files.some((url) => url.endsWith('.css')), files.join(' '));
  assert.ok(bytes > 1000 && bytes <= kMostBytes, `${bytes} bytes`);
});

check('is quick and does not jump', {}, async (page, { server }) => {
  await page.goto('about:blank');
  await page.goto(server.url);
  await page.getByRole('heading', { level: 1 }).waitFor();
  const figures = await page.evaluate(async () => {
    const entries = (type) =>
      new Promise((done) => {
        new PerformanceObserver((list) => done(list.getEntries())).observe({ type, buffered: true });
        setTimeout(() => done([]), 500);
      });
    const paint = (await entries('paint')).find((entry) => entry.name === 'first-contentful-paint');
    const shifts = await entries('layout-shift');
    return { paint: paint?.startTime ?? null, shift: shifts.reduce((sum, entry) => sum + entry.value, 0) };
  });
  console.log(`first contentful paint: ${Math.round(figures.paint)} ms, layout shift ${figures.shift.toFixed(3)}`);
  assert.ok(figures.paint !== null && figures.paint < 4000, `${figures.paint} ms`);
  assert.ok(figures.shift < 0.1, `${figures.shift}`);
});

test('load: files are typed, packed, kept and guarded', async () => {
  const { url } = state.server;
  const index = await ask(url, { 'accept-encoding': 'gzip' });
  assert.equal(index.status, 200);
  assert.equal(index.headers['content-encoding'], 'gzip');
  assert.equal(index.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(index.headers['cache-control'], 'no-cache');
  assert.match(index.headers['content-security-policy'], /default-src 'none'/);
  assert.match(index.headers['permissions-policy'], /camera=\(self\)/);
  assert.equal(index.headers['x-content-type-options'], 'nosniff');

  const again = await ask(url, { 'if-none-match': index.headers.etag });
  assert.equal(again.status, 304);
  assert.equal(again.body.length, 0);

  const plain = await ask(url);
  assert.equal(plain.headers['content-encoding'], undefined);
  const script = /src="\.\/(assets\/[^"]+\.js)"/.exec(plain.body.toString())?.[1];
  assert.ok(script, plain.body.toString());
  assert.doesNotMatch(plain.body.toString(), /<script>|<style|style="|onclick/);
  const asset = await ask(url + script, { 'accept-encoding': 'gzip' });
  assert.match(asset.headers['cache-control'], /immutable/);
  assert.match(asset.headers['content-type'], /^text\/javascript/);
  assert.equal((await ask(`${url}assets/none.js`)).status, 404);
});
