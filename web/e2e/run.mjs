// Browser tests of the page against a real server.
//
//     node web/e2e/run.mjs --server build/release/likeness [NAME…]
//
// NAME: verify, people, studio, system, keys, errors, access, load; all without one. Screenshots go
// to build/web-screenshots. Needs npm ci in web/, Debian's chromium (or LIKENESS_CHROMIUM) and the
// photos of tools/photos.sh.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root, requirePhotos } from './harness.mjs';

const kNames = ['load', 'verify', 'people', 'studio', 'system', 'keys', 'errors', 'access'];

const given = process.argv.slice(2);
const at = given.indexOf('--server');
const [, program] = at < 0 ? [] : given.splice(at, 2);
process.env.LIKENESS_PROGRAM = resolve(program ?? resolve(root, 'build/release/likeness'));
const unknown = given.filter((name) => !kNames.includes(name));
if (unknown.length > 0) {
  console.error(`no such test: ${unknown.join(', ')}; there are ${kNames.join(', ')}`);
  process.exit(2);
}
requirePhotos();
// One after the other, each with a server and a browser of its own.
let failed = false;
for (const name of given.length > 0 ? given : kNames) {
  const file = fileURLToPath(new URL(`${name}.test.mjs`, import.meta.url));
  const { status } = spawnSync(process.execPath, ['--test-reporter=spec', file], { stdio: 'inherit' });
  failed ||= status !== 0;
}
process.exit(failed ? 1 : 0);
