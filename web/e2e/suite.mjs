// What every test needs: one server and one browser for a file, a page for each test, and the
// promise that the page itself complains of nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server, openBrowser, openPage, shoot } from './harness.mjs';

const kPatience = 300_000;

export function suite(name, prepare = async () => {}) {
  const state = { server: null, browser: null };
  before(async () => {
    state.server = await new Server(process.env.LIKENESS_PROGRAM).start();
    state.browser = await openBrowser();
    await prepare(state);
  }, { timeout: kPatience });
  after(async () => {
    await state.browser?.close();
    await state.server?.remove();
  });
  /// A test with a page; `options` as for openPage(), or a function that returns them.
  const check = (title, options, body) =>
    test(`${name}: ${title}`, { timeout: kPatience }, async () => {
      const wishes = typeof options === 'function' ? options(state) : options;
      const opened = await openPage(state.browser, state.server, wishes);
      try {
        await body(opened.page, { ...state, context: opened.context });
        assert.deepEqual(opened.problems, []);
      } catch (error) {
        await shoot(opened.page, `failed-${name}-${title.replace(/\W+/g, '-')}`).catch(() => {});
        throw error;
      } finally {
        await opened.close();
      }
    });
  return { state, check };
}
