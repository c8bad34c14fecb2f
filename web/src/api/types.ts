/// What the service answers (docs/openapi.json).

export type Role = 'read' | 'enrol' | 'admin';

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface DetectedFace {
  box: Box;
  score: number;
  quality?: FaceQuality;
}

export interface FaceQuality {
  score: number;
  eye_distance: number;
  sharpness: number;
  yaw: number;
  brightness: number;
  remarks: string[];
}

export interface Detection {
  width: number;
  height: number;
  faces: DetectedFace[];
}

export interface VerifiedPhoto {
  width: number;
  height: number;
  faces: number;
  face: DetectedFace;
  crop?: string;
}

export interface Verification {
  model: string;
  same_person: boolean;
  distance: number;
  threshold: number;
  probability: number | null;
  fmr: number | null;
  max_distance: number;
  a: VerifiedPhoto;
  b: VerifiedPhoto;
}

export interface Person {
  name: string;
  examples: number;
  example_id: number | null;
  has_crop: boolean;
}

export interface PeoplePage {
  people: Person[];
  total: number;
  next: string | null;
}

export interface EnrolledPhoto {
  quality: number;
  remarks: string[];
  faces: number;
  looks_like: string | null;
}

export interface Enrolment {
  name: string;
  added: number;
  already_enrolled: number;
  examples: number[];
  photos: EnrolledPhoto[];
}

export interface Example {
  id: number;
  source: string;
  quality: number;
  enrolled_at: string;
  has_crop: boolean;
}

export interface PersonDetails {
  name: string;
  examples: Example[];
}

export interface IdentifiedFace {
  box: Box;
  score: number;
  matches: { subject: string; distance: number; probability: number | null }[];
  ambiguous: boolean;
  nearest_distance: number | null;
}

export interface Identification {
  model: string;
  width: number;
  height: number;
  threshold: number;
  fpir: number | null;
  people: number;
  examples: number;
  faces: IdentifiedFace[];
}

export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

export interface Job {
  id: string;
  state: JobState;
  mode: 'optimise' | 'fast';
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  progress: number;
  iteration: number;
  iterations: number;
  width: number;
  height: number;
  total_loss: number | null;
  content_loss: number | null;
  style_loss: number | null;
  seconds: number;
  has_preview: boolean;
  has_result: boolean;
  error: { code: string; detail: string } | null;
  options: Record<string, unknown>;
}

export interface Session {
  name: string;
  role: Role;
  keys_exist: boolean;
  gallery: {
    model: string;
    people: number;
    examples: number;
    protection: string;
    keep_crops: boolean;
  } | null;
  model: string;
  threshold: number;
  limits: { max_upload_bytes: number; max_pixels: number; max_style_size: number };
  version: string;
}

export interface Model {
  id: string;
  task: string;
  licence: string;
  source: unknown;
  bytes: number;
  input: string;
  quality: string;
  in_use: boolean;
  available: boolean;
}

export interface Key {
  id: string;
  name: string;
  role: Role;
  created_at: string;
  last_used_at: string | null;
  revoked: boolean;
  rate_per_minute: number | null;
  daily_quota: number | null;
}

export interface NewKey {
  id: string;
  name: string;
  role: Role;
  key: string;
}
