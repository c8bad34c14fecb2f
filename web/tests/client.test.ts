import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { addressOf, ApiError, key, reachable, refusedKey, send, sendJson } from '../src/api/client';
import { explain, namedPhoto } from '../src/texts/problems';

type Answer = { status: number; body?: unknown; type?: string; headers?: Record<string, string> } | Error;

let asked: { url: string; init: RequestInit }[] = [];

function answers(...list: Answer[]): void {
  const left = [...list];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    asked.push({ url, init });
    const next = left.length > 1 ? left.shift() : left[0];
    if (next instanceof Error) throw next;
    const body = typeof next?.body === 'string' ? next.body : JSON.stringify(next?.body ?? {});
    return new Response(body, {
      status: next?.status,
      headers: { 'content-type': next?.type ?? 'application/problem+json', ...next?.headers },
    });
  });
}

async function refusal(path = '/v1/session'): Promise<ApiError> {
  try {
    await send(path);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error('it succeeded');
}

beforeEach(() => {
  asked = [];
  key.set('');
  reachable.set(true);
  refusedKey.set(null);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('requests', () => {
  it('carry the key in a header and never in the address', async () => {
    key.set('lk_secret');
    answers({ status: 200, body: { fine: true } });
    expect(await sendJson('/v1/people', { query: { after: 'A&B', limit: 5, other: undefined } })).toEqual({ fine: true });
    expect(asked[0]?.url).toBe('v1/people?after=A%26B&limit=5');
    expect(asked[0]?.url).not.toContain('lk_secret');
    expect((asked[0]?.init.headers as Headers).get('x-api-key')).toBe('lk_secret');
    expect(asked[0]?.init.credentials).toBe('omit');
  });
  it('are relative, for pages below a path', () => expect(addressOf('/health')).toBe('health'));
});

describe('refusals', () => {
  it('tell code, status and patience', async () => {
    answers({ status: 429, body: { code: 'quota_exceeded', detail: 'tomorrow' }, headers: { 'retry-after': '3600' } });
    expect(await refusal()).toMatchObject({ status: 429, code: 'quota_exceeded', detail: 'tomorrow', retryAfter: 3600 });
  });
  it('of a proxy, without JSON, are told by their status', async () => {
    answers({ status: 502, body: '<html>', type: 'text/html' });
    expect(await refusal()).toMatchObject({ status: 502, code: 'unavailable' });
    answers({ status: 413, body: '', type: 'text/html' });
    expect(await refusal()).toMatchObject({ code: 'too_large' });
  });
  it('of the key are told to the page', async () => {
    key.set('lk_old');
    answers({ status: 401, body: { code: 'unauthorized' } });
    expect((await refusal()).code).toBe('unauthorized');
    expect(refusedKey.get()).toEqual({ key: 'lk_old' });
  });
  it('that are no answer at all mean that the service is gone, until it answers', async () => {
    answers(new TypeError('network'));
    expect((await refusal()).code).toBe('offline');
    expect(reachable.get()).toBe(false);
    answers({ status: 404, body: { code: 'not_found' } });
    expect((await refusal()).code).toBe('not_found');
    expect(reachable.get()).toBe(true);
  });
  it('by abort are not taken for a service that is gone', async () => {
    const abort = new AbortController();
    abort.abort();
    answers(new DOMException('left', 'AbortError'));
    await expect(send('/v1/session', { signal: abort.signal })).rejects.toThrow('left');
    expect(reachable.get()).toBe(true);
  });
  it('for the moment are waited out', async () => {
    vi.useFakeTimers();
    answers({ status: 503, body: { code: 'busy' }, headers: { 'retry-after': '2' } }, { status: 200, body: { done: 1 } });
    const answer = sendJson('/v1/session');
    await vi.advanceTimersByTimeAsync(1900);
    expect(asked.length).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(await answer).toEqual({ done: 1 });
    expect(asked.length).toBe(2);
  });
  it('for long are not waited out, nor those that stay', async () => {
    answers({ status: 503, body: { code: 'busy' }, headers: { 'retry-after': '60' } });
    expect((await refusal()).code).toBe('busy');
    expect(asked.length).toBe(1);
    vi.useFakeTimers();
    answers({ status: 429, body: { code: 'rate_limited' }, headers: { 'retry-after': '1' } });
    const last = refusal();
    await vi.advanceTimersByTimeAsync(5000);
    expect((await last).code).toBe('rate_limited');
    expect(asked.length).toBe(1 + 3);
  });
});

describe('what a person is told', () => {
  it('is a sentence for every code of the API', () => {
    const codes =
      'invalid_request unauthorized forbidden not_found method_not_allowed already_exists too_large unsupported_media_type unsupported_format corrupt_file no_face invalid_argument rate_limited quota_exceeded busy timeout stopping unavailable not_ready offline';
    const unknown = explain(new ApiError(500, 'internal', '')).title;
    for (const code of codes.split(' ')) expect(explain(new ApiError(400, code, '')).title, code).not.toBe(unknown);
  });
  it('holds the service’s words where the code is new', () => {
    expect(explain(new ApiError(400, 'never_heard_of', 'the moon is full')).detail).toBe('the moon is full');
  });
  it('names the patience that is asked for', () => {
    expect(explain(new ApiError(503, 'busy', '', 1)).hint).toContain('1 second of');
    expect(explain(new ApiError(503, 'busy', '', 7)).hint).toContain('7 seconds of');
  });
  it('knows which photo is meant', () => {
    expect(namedPhoto(new ApiError(422, 'no_face', 'b: no face found'), ['a', 'b'])).toBe('b');
    expect(namedPhoto(new ApiError(422, 'no_face', 'about: nothing'), ['a', 'b'])).toBe(null);
  });
});
