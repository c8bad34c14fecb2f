/// One function for each thing that the page asks of the service.
import { send, sendJson, segment } from './client';
import type {
  Detection,
  Enrolment,
  Identification,
  Job,
  Key,
  Model,
  NewKey,
  PeoplePage,
  PersonDetails,
  Role,
  Session,
  Verification,
} from './types';

type Value = string | number | Blob | undefined;

/// Fields in their order; several values under one name as an array.
function formOf(fields: Record<string, Value | Blob[]>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one === undefined) continue;
      if (one instanceof File) form.append(name, one, one.name);
      else if (one instanceof Blob) form.append(name, one, 'picture.jpg');
      else form.append(name, String(one));
    }
  }
  return form;
}

const person = (name: string) => `/v1/people/${segment(name)}`;
const job = (id: string) => `/v1/style/jobs/${segment(id)}`;

export const getSession = (signal?: AbortSignal) => sendJson<Session>('/v1/session', { signal });

export const detect = (photo: File, signal?: AbortSignal) =>
  sendJson<Detection>('/v1/faces/detect', { form: formOf({ photo }), signal });

export const verify = (a: File, b: File, fmr: number | undefined, signal?: AbortSignal) =>
  sendJson<Verification>('/v1/faces/verify', { form: formOf({ a, b, fmr, crops: 'true' }), signal });

export const listPeople = (after: string | undefined, limit: number, signal?: AbortSignal) =>
  sendJson<PeoplePage>('/v1/people', { query: { after, limit }, signal });

export const getPerson = (name: string, signal?: AbortSignal) =>
  sendJson<PersonDetails>(person(name), { signal });

export const enrol = (name: string, photos: File[]) =>
  sendJson<Enrolment>('/v1/people', { form: formOf({ name, photo: photos }) });

export const addExamples = (name: string, photos: File[]) =>
  sendJson<Enrolment>(`${person(name)}/examples`, { form: formOf({ photo: photos }) });

export const renamePerson = (from: string, to: string) =>
  sendJson<{ name: string }>(person(from), { method: 'PATCH', json: { name: to } });

export const removePerson = (name: string) =>
  sendJson<{ removed: number }>(person(name), { method: 'DELETE' });

export const removeExample = (name: string, id: number) =>
  sendJson<{ removed: number }>(`${person(name)}/examples/${id}`, { method: 'DELETE' });

export const examplePicture = (name: string, id: number) => `${person(name)}/examples/${id}/picture`;

export const identify = (photo: File, signal?: AbortSignal) =>
  sendJson<Identification>('/v1/people/identify', { form: formOf({ photo }), signal });


export async function paintPreview(
  content: Blob,
  style: Blob,
  options: { alpha: number; size: number; original_colors: string },
  signal?: AbortSignal,
): Promise<{ picture: Blob; seconds: number | null }> {
  const form = formOf({ content, style, ...options });
  const response = await send('/v1/style/preview', { form, signal });
  const seconds = Number(response.headers.get('x-likeness-seconds') ?? NaN);
  return { picture: await response.blob(), seconds: Number.isFinite(seconds) ? seconds : null };
}

export interface JobWishes {
  mode: 'optimise' | 'fast';
  size: number;
  iterations?: number;
  style_weight?: number;
  alpha?: number;
  original_colors: string;
  format: 'jpeg' | 'png';
}

export const startJob = (content: File, style: File, wishes: JobWishes) =>
  sendJson<Job>('/v1/style/jobs', { form: formOf({ content, style, ...wishes }) });

export const listJobs = (signal?: AbortSignal) =>
  sendJson<{ jobs: Job[] }>('/v1/style/jobs', { signal });
export const getJob = (id: string, signal?: AbortSignal) => sendJson<Job>(job(id), { signal });
export const removeJob = (id: string) => sendJson<unknown>(job(id), { method: 'DELETE' });
export const jobEvents = (id: string, signal: AbortSignal) => send(`${job(id)}/events`, { signal });
export const jobPreview = (id: string) => `${job(id)}/preview`;
export const jobResult = (id: string) => `${job(id)}/result`;
export const jobContent = (id: string) => `${job(id)}/content`;

export const listModels = (signal?: AbortSignal) =>
  sendJson<{ models: Model[] }>('/v1/models', { signal });

export const getHealth = (signal?: AbortSignal) =>
  sendJson<{ status: string; version: string }>('/health', { signal });
export const getReady = (signal?: AbortSignal) => sendJson<{ status: string }>('/ready', { signal });

export const listKeys = (signal?: AbortSignal) => sendJson<{ keys: Key[] }>('/v1/keys', { signal });
export const createKey = (wishes: {
  name: string;
  role: Role;
  rate_per_minute?: number;
  daily_quota?: number;
}) => sendJson<NewKey>('/v1/keys', { json: wishes });
export const revokeKey = (id: string) =>
  sendJson<unknown>(`/v1/keys/${segment(id)}`, { method: 'DELETE' });
