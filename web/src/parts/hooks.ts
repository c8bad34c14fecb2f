/// What rooms share: loading, pictures that need the key, pasting.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, reachable, send } from '../api/client';
import { picturesOf } from '../lib/pictures';

export interface Loaded<T> {
  data: T | null;
  error: unknown;
  loading: boolean;
  reload: () => void;
}

/// Loads once and whenever `inputs` change; again by itself when the service is back.
export function useLoaded<T>(load: (signal: AbortSignal) => Promise<T>, inputs: unknown[]): Loaded<T> {
  const [state, setState] = useState<{ data: T | null; error: unknown; loading: boolean }>({
    data: null,
    error: null,
    loading: true,
  });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    setState((before) => ({ ...before, loading: true }));
    load(abort.signal).then(
      (data) => setState({ data, error: null, loading: false }),
      (error: unknown) => {
        if (!abort.signal.aborted) setState((before) => ({ ...before, error, loading: false }));
      },
    );
    return () => abort.abort();
  }, [...inputs, turn]);
  const reload = useCallback(() => setTurn((count) => count + 1), []);
  useEffect(() => {
    if (!(state.error instanceof ApiError) || state.error.code !== 'offline') return undefined;
    return reachable.subscribe(() => reachable.get() && reload());
  }, [state.error, reload]);
  return { ...state, reload };
}

/// At most so many pictures are fetched at once: a gallery has thousands.
const kFetchers = 6;
let fetching = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (fetching >= kFetchers) await new Promise<void>((resolve) => waiting.push(resolve));
  fetching += 1;
  try {
    return await work();
  } finally {
    fetching -= 1;
    waiting.shift()?.();
  }
}

/// A blob: address of a picture behind the key; null until it is there, or where there is none.
export function usePicture(path: string | null): { url: string | null; blob: Blob | null } {
  const [picture, setPicture] = useState<{ url: string | null; blob: Blob | null }>({ url: null, blob: null });
  useEffect(() => {
    if (path === null) {
      setPicture({ url: null, blob: null });
      return undefined;
    }
    const abort = new AbortController();
    let url: string | null = null;
    inTurn(async () => {
      if (abort.signal.aborted) return;
      const blob = await (await send(path, { signal: abort.signal })).blob();
      if (abort.signal.aborted) return;
      url = URL.createObjectURL(blob);
      setPicture({ url, blob });
    }).catch(() => {
      if (!abort.signal.aborted) setPicture({ url: null, blob: null });
    });
    return () => {
      abort.abort();
      if (url) URL.revokeObjectURL(url);
    };
  }, [path]);
  return picture;
}

/// True from when the element first comes near the window.
export function useSeen<E extends Element>(): [{ current: E | null }, boolean] {
  const element = useRef<E>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (!element.current) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        setSeen(true);
        observer.disconnect();
      },
      { rootMargin: '200px' },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return [element, seen];
}

/// Pictures from the clipboard, wherever the room is focused.
export function usePaste(take: (files: File[]) => void): void {
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      const files = picturesOf(event.clipboardData);
      if (files.length === 0) return;
      event.preventDefault();
      latest.current(files);
    };
    window.addEventListener('paste', onPaste);
    return () => window.removeEventListener('paste', onPaste);
  }, []);
}
