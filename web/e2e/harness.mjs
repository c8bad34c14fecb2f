// A real server with a gallery and keys of its own, and a browser with a fresh profile.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, existsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as zlib from 'node:zlib';
import { chromium } from 'playwright-core';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const kChromium = process.env.LIKENESS_CHROMIUM ?? '/usr/bin/chromium';
const kFlags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
];

export const photos = (number) => join(root, `demo/photos/sample${number}.jpg`);
export const style = join(root, 'examples/pictures/great_wave.jpg');

export function requirePhotos() {
  const fetched = spawnSync(join(root, 'tools/photos.sh'), { cwd: root, stdio: 'inherit' });
  if (fetched.status !== 0 || !existsSync(photos(1))) throw new Error('the photos of tools/photos.sh are needed');
}

export class Server {
  constructor(program) {
    this.program = resolve(program);
    this.folder = mkdtempSync(join(tmpdir(), 'likeness-e2e-'));
    this.port = 0;
    this.process = null;
  }

  file(name) {
    return join(this.folder, name);
  }

  createKey(role, name = role) {
    const made = spawnSync(this.program, ['keys', 'create', '--role', role, '--name', name, '--keys', this.file('keys.json')], {
      encoding: 'utf8',
    });
    const key = /lk_\S+/.exec(made.stdout)?.[0];
    if (!key) throw new Error(`keys create: ${made.stdout}${made.stderr}`);
    return key;
  }

  async start() {
    const options = ['serve', '--host', '127.0.0.1', '--port', String(this.port)];
    options.push('--gallery', this.file('people.gallery'), '--keep-crops', '--no-encryption', '--keys', this.file('keys.json'), '--jobs', this.file('paintings'));
    options.push(...(process.env.LIKENESS_SERVE_OPTIONS?.split(' ').filter(Boolean) ?? []));
    this.process = spawn(this.program, options, { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] });
    this.log = '';
    this.process.stderr.on('data', (text) => (this.log += text));
    const line = await new Promise((done, failed) => {
      let text = '';
      const timer = setTimeout(() => failed(new Error(`not ready within 60 s: ${text}${this.log}`)), 60_000);
      this.process.stdout.on('data', (more) => {
        text += more;
        const ready = /likeness: listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(text);
        if (!ready) return;
        clearTimeout(timer);
        done(ready);
      });
      this.process.once('exit', (code) => {
        clearTimeout(timer);
        failed(new Error(`the server ended with ${code}: ${text}${this.log}`));
      });
    });
    this.port = Number(line[1]);
    return this;
  }

  get url() {
    return `http://127.0.0.1:${this.port}/`;
  }

  async stop(signal = 'SIGTERM') {
    const running = this.process;
    this.process = null;
    if (!running || running.exitCode !== null) return;
    const ended = new Promise((done) => running.once('exit', done));
    running.kill(signal);
    const timer = setTimeout(() => running.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(timer);
  }

  async remove() {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const kScreenshots = process.env.LIKENESS_SCREENSHOTS ?? join(root, 'build/web-screenshots');

export async function openBrowser() {
  mkdirSync(kScreenshots, { recursive: true });
  return await chromium.launch({ executablePath: kChromium, args: kFlags, ignoreDefaultArgs: ['--headless=old'] });
}

/// A page that is already open in a room. `problems` collects what no page should do.
export async function openPage(browser, server, options = {}) {
  const { key, room = 'verify', width = 1280, height = 900, scheme = 'light' } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    permissions: ['clipboard-read', 'clipboard-write', 'camera'],
    acceptDownloads: true,
  });
  if (key) await context.addInitScript((value) => sessionStorage.setItem('likeness-key', value), key);
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const problems = [];
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('console', (message) => {
    const text = message.text();
    // The browser reports every answer that is no success, and a server that is gone, by itself.
    if (message.type() === 'error' && !/Failed to load resource|net::ERR_/.test(text)) problems.push(`console: ${text}`);
  });
  page.on('request', (request) => {
    const url = request.url();
    if (/^(blob|data):/.test(url)) return;
    if (!url.startsWith(server.url)) problems.push(`third party: ${url}`);
  });
  await page.goto(`${server.url}#/${room}`);
  return { page, context, problems, close: () => context.close() };
}

export async function shoot(page, name) {
  await page.evaluate(() => window.scrollTo({ top: 0, behavior: 'instant' }));
  await page.waitForTimeout(350); // what moves has come to rest
  await page.screenshot({ path: join(kScreenshots, `${name}.png`), fullPage: true });
}

export const zone = (page, label) => page.getByRole('region', { name: label, exact: true });

export async function give(page, label, ...files) {
  await zone(page, label).locator('input[type=file]').setInputFiles(files);
}

/// A picture without anybody in it, drawn here: a PNG of bands of colour.
export function emptyPicture(path, width = 320, height = 240) {
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; ++y) {
    for (let x = 0; x < width; ++x) {
      rows.set([(x * 255) / width, (y * 255) / height, 120], y * (1 + width * 3) + 1 + x * 3);
    }
  }
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(8 + data.length + 4);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(checksum(body), 8 + data.length);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  writeFileSync(path, Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', zlib.deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]));
  return path;
}

/// Node 18 has no zlib.crc32.
function checksum(bytes) {
  if (typeof zlib.crc32 === 'function') return zlib.crc32(bytes);
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
