/// The jobs, and the one that is looked at: followed by events while it runs.
import { useEffect } from 'preact/hooks';
import { listJobs } from '../../api/calls';
import { ApiError, send } from '../../api/client';
import { followJob, isOver } from '../../api/follow';
import type { Job } from '../../api/types';
import { Store } from '../../lib/store';

export interface Watched {
  id: string;
  job: Job | null;
  preview: string | null; ///< blob: of the picture so far
  losses: [iteration: number, loss: number][];
  error: unknown;
}

export const watched = new Store<Watched | null>(null);
export const jobs = new Store<{ list: Job[] | null; error: unknown }>({ list: null, error: null });

export async function loadJobs(signal?: AbortSignal): Promise<void> {
  try {
    jobs.set({ list: (await listJobs(signal)).jobs, error: null });
  } catch (error) {
    if (!signal?.aborted) jobs.update((now) => ({ ...now, error }));
  }
}

/// Puts one job's news into the list.
export function note(job: Job): void {
  jobs.update((now) => {
    if (!now.list) return now;
    const there = now.list.some((one) => one.id === job.id);
    return { ...now, list: there ? now.list.map((one) => (one.id === job.id ? job : one)) : [job, ...now.list] };
  });
}

export function look(id: string | null, job: Job | null = null): void {
  const before = watched.get();
  if (before?.preview) URL.revokeObjectURL(before.preview);
  watched.set(id === null ? null : { id, job, preview: null, losses: [], error: null });
}

function change(id: string, how: (now: Watched) => Watched): void {
  watched.update((now) => (now && now.id === id ? how(now) : now));
}

function tell(job: Job): void {
  note(job);
  change(job.id, (now) => {
    const last = now.losses[now.losses.length - 1];
    const news = job.total_loss !== null && job.iteration > (last?.[0] ?? -1);
    return { ...now, job, losses: news ? [...now.losses, [job.iteration, job.total_loss ?? 0]] : now.losses };
  });
}

/// One picture at a time: of those that come while one is fetched, the last counts.
function previewLoader(id: string, signal: AbortSignal): (path: string) => void {
  let busy = false;
  let next: string | null = null;
  const load = async (path: string) => {
    busy = true;
    try {
      const url = URL.createObjectURL(await (await send(path, { signal })).blob());
      const old = watched.get()?.preview;
      if (watched.get()?.id === id) change(id, (now) => ({ ...now, preview: url }));
      else URL.revokeObjectURL(url);
      if (old) setTimeout(() => URL.revokeObjectURL(old), 1000);
    } catch {
      // the next one will come
    }
    busy = false;
    if (next !== null && !signal.aborted) {
      const path = next;
      next = null;
      void load(path);
    }
  };
  return (path) => {
    if (busy) next = path;
    else void load(path);
  };
}

/// Follows the watched job for as long as the studio is open.
export function useFollowing(id: string | null): void {
  useEffect(() => {
    const now = watched.get();
    if (id === null || (now?.job && isOver(now.job))) return undefined;
    const abort = new AbortController();
    followJob(id, { job: tell, preview: previewLoader(id, abort.signal) }, abort.signal).then(
      () => void loadJobs(),
      (error: unknown) => {
        if (!abort.signal.aborted) change(id, (before) => ({ ...before, error }));
        if (error instanceof ApiError && error.status === 404) void loadJobs();
      },
    );
    return () => abort.abort();
  }, [id]);
}
