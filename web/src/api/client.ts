/// How the page speaks with the service: the key in a header, refusals as ApiError, and whether the
/// service can be reached at all.
import { Store } from '../lib/store';

/// A refusal (application/problem+json), or 'offline' where no answer came.
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly retryAfter: number | null = null,
  ) {
    super(detail || code);
    this.name = 'ApiError';
  }
}

export interface RequestOptions {
  method?: string;
  query?: Record<string, string | number | undefined>;
  form?: FormData;
  json?: unknown;
  signal?: AbortSignal;
}

const kKeyPlace = 'likeness-key';
/// How often, and how long, a request waits that the service had no time for.
const kPatience = { attempts: 3, longestWait: 10 };

function storedKey(): string {
  try {
    return sessionStorage.getItem(kKeyPlace) ?? '';
  } catch {
    return '';
  }
}

/// The key of this tab: gone when the tab is closed, never in an address.
export const key = new Store<string>(storedKey());
key.subscribe(() => {
  try {
    if (key.get()) sessionStorage.setItem(kKeyPlace, key.get());
    else sessionStorage.removeItem(kKeyPlace);
  } catch {
    // it holds until the page is left
  }
});

/// Whether the service answered when it was last asked.
export const reachable = new Store<boolean>(true);
/// The last 401: the key that was refused (empty: none was given).
export const refusedKey = new Store<{ key: string } | null>(null);

export function addressOf(path: string, query: RequestOptions['query'] = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  // Relative, so that the page works below a path of a reverse proxy.
  return path.replace(/^\//, '') + (text ? `?${text}` : '');
}

export function segment(name: string): string {
  return encodeURIComponent(name);
}

function pause(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

export async function errorOf(response: Response): Promise<ApiError> {
  const wait = Number(response.headers.get('retry-after') ?? NaN);
  const retryAfter = Number.isFinite(wait) ? wait : null;
  let code = '';
  let detail = '';
  try {
    const problem = (await response.json()) as { code?: unknown; detail?: unknown };
    if (typeof problem.code === 'string') code = problem.code;
    if (typeof problem.detail === 'string') detail = problem.detail;
  } catch {
    // Not from the service itself: a proxy, perhaps.
  }
  if (!code) code = fallbackCode(response.status);
  return new ApiError(response.status, code, detail, retryAfter);
}

function fallbackCode(status: number): string {
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not_found';
  if (status === 413) return 'too_large';
  if (status === 429) return 'rate_limited';
  if (status === 502 || status === 503 || status === 504) return 'unavailable';
  return 'internal';
}

async function sendOnce(path: string, options: RequestOptions): Promise<Response> {
  const headers = new Headers();
  const used = key.get();
  if (used) headers.set('x-api-key', used);
  let body: BodyInit | undefined = options.form;
  if (options.json !== undefined) {
    headers.set('content-type', 'application/json');
    body = JSON.stringify(options.json);
  }
  let response: Response;
  try {
    response = await fetch(addressOf(path, options.query), {
      method: options.method ?? (body === undefined ? 'GET' : 'POST'),
      headers,
      body,
      signal: options.signal,
      cache: 'no-store',
      redirect: 'error',
      credentials: 'omit',
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    reachable.set(false);
    throw new ApiError(0, 'offline', '');
  }
  reachable.set(true);
  if (response.ok) return response;
  const problem = await errorOf(response);
  if (problem.status === 401 && used === key.get()) refusedKey.set({ key: used });
  throw problem;
}

/// The answer to a request that succeeded. Throws ApiError. Waits and asks again where the service
/// says that it is busy for a moment.
export async function send(path: string, options: RequestOptions = {}): Promise<Response> {
  for (let attempt = 1; ; ++attempt) {
    try {
      return await sendOnce(path, options);
    } catch (error) {
      if (!(error instanceof ApiError) || attempt === kPatience.attempts) throw error;
      const momentary = error.code === 'busy' || error.code === 'rate_limited';
      const wait = error.retryAfter ?? 1;
      if (!momentary || wait > kPatience.longestWait) throw error;
      await pause(wait, options.signal);
    }
  }
}

export async function sendJson<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(path, options);
  try {
    return (await response.json()) as T;
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(response.status, 'internal', '');
  }
}

/// Asks until the service answers again, at first often, then every eight seconds.
export function watchReachability(): void {
  let wait = 1;
  let timer = 0;
  const ask = async () => {
    try {
      const response = await fetch(addressOf('/health'), { cache: 'no-store', credentials: 'omit' });
      reachable.set(response.ok || response.status < 500);
    } catch {
      reachable.set(false);
    }
    plan();
  };
  const plan = () => {
    clearTimeout(timer);
    if (reachable.get()) {
      wait = 1;
      timer = window.setTimeout(() => (document.hidden ? plan() : void ask()), 15_000);
    } else {
      timer = window.setTimeout(() => void ask(), wait * 1000);
      wait = Math.min(8, wait * 2);
    }
  };
  reachable.subscribe(plan);
  window.addEventListener('online', () => void ask());
  window.addEventListener('offline', () => reachable.set(false));
  askNow = ask;
  plan();
}

let askNow: () => Promise<void> = async () => {};
export function askWhetherReachable(): void {
  void askNow();
}
