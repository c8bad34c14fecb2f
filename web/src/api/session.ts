/// Who one is here, and what the service offers. Everything else waits for it.
import { Store } from '../lib/store';
import { getSession } from './calls';
import { ApiError, key, reachable, refusedKey } from './client';
import type { Role, Session } from './types';

export type SessionState =
  | { state: 'loading' }
  | { state: 'ready'; session: Session }
  | { state: 'key-needed'; rejected: boolean }
  | { state: 'failed'; error: ApiError };

export const session = new Store<SessionState>({ state: 'loading' });

const kRanks: Record<Role, number> = { read: 0, enrol: 1, admin: 2 };

export function may(role: Role): boolean {
  const now = session.get();
  return now.state === 'ready' && kRanks[now.session.role] >= kRanks[role];
}

export async function loadSession(): Promise<void> {
  try {
    session.set({ state: 'ready', session: await getSession() });
  } catch (error) {
    const problem = error instanceof ApiError ? error : new ApiError(0, 'internal', String(error));
    if (problem.status === 401) {
      session.set({ state: 'key-needed', rejected: key.get() !== '' });
    } else if (session.get().state !== 'ready') {
      session.set({ state: 'failed', error: problem });
    }
  }
}

/// Tries `secret`; session tells how it went.
export async function tryKey(secret: string): Promise<void> {
  key.set(secret);
  await loadSession();
}

export function forgetKey(): void {
  key.set('');
  session.set({ state: 'loading' });
  void loadSession();
}

export function watchSession(): void {
  refusedKey.subscribe(() => {
    const refused = refusedKey.get();
    if (refused && session.get().state === 'ready') {
      session.set({ state: 'key-needed', rejected: refused.key !== '' });
    }
  });
  reachable.subscribe(() => {
    if (reachable.get() && session.get().state !== 'key-needed') void loadSession();
  });
}
