/// What a person is told about a refusal, by its stable code.
import { ApiError } from '../api/client';
import { hasText, t } from '.';

export interface Explained {
  title: string;
  hint: string;
  detail: string; ///< the service's own words, where they add something
}

/// Codes whose own words say which value or photo is meant.
const kTelling = new Set(['invalid_argument', 'invalid_request', 'corrupt_file', 'unsupported_format', 'ambiguous_face']);

export function explain(error: unknown): Explained {
  const problem = error instanceof ApiError ? error : new ApiError(0, 'internal', String(error));
  const titleKey = `problem.${problem.code}`;
  const hintKey = `problem.${problem.code}.hint`;
  const known = hasText(titleKey);
  let hint = hasText(hintKey) ? (t as (key: string) => string)(hintKey) : '';
  if (problem.retryAfter !== null) hint = `${hint} ${t('problem.retry', { count: Math.ceil(problem.retryAfter) })}`.trim();
  return {
    title: (t as (key: string) => string)(known ? titleKey : 'problem.internal'),
    hint,
    detail: !known || kTelling.has(problem.code) ? problem.detail : '',
  };
}

/// Of two photos, the one that a refusal speaks of ("a: no face found").
export function namedPhoto(error: unknown, names: readonly string[]): string | null {
  const detail = error instanceof ApiError ? error.detail : '';
  return names.find((name) => new RegExp(`^['"]?${name}['"]?\\s*:`).test(detail)) ?? null;
}
