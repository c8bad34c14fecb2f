/// A painting job from now to its end: by events while they come, by asking where they break off.
import { getJob, jobEvents } from './calls';
import { ApiError } from './client';
import { readEvents } from './sse';
import type { Job } from './types';

export interface JobListener {
  job(job: Job): void;
  preview(path: string): void;
}

export function isOver(job: Job): boolean {
  return job.state === 'done' || job.state === 'failed' || job.state === 'cancelled';
}

/// Ends with the job's last state, or throws ApiError where the job is not there (any more).
export async function followJob(id: string, listener: JobListener, signal: AbortSignal): Promise<Job> {
  for (let wait = 1; ; wait = Math.min(8, wait * 2)) {
    try {
      const response = await jobEvents(id, signal);
      if (response.body) {
        for await (const event of readEvents(response.body)) {
          wait = 1;
          if (event.event === 'preview') {
            listener.preview((JSON.parse(event.data) as { url: string }).url);
          } else if (event.event === 'progress' || event.event === 'done') {
            const job = JSON.parse(event.data) as Job;
            listener.job(job);
            if (event.event === 'done') return job;
          }
        }
      }
    } catch (error) {
      signal.throwIfAborted();
      // A stream that breaks in the middle is no ApiError; the service may be back in a moment.
      if (error instanceof ApiError && error.status >= 400 && error.status < 500) throw error;
    }
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, wait * 1000));
    signal.throwIfAborted();
    const job = await getJob(id, signal).catch((error: unknown) => {
      if (error instanceof ApiError && (error.status === 0 || error.status >= 500)) return null;
      throw error;
    });
    if (job) {
      listener.job(job);
      if (isOver(job)) return job;
    }
  }
}
