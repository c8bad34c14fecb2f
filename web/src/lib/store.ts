/// A value that parts of the page share and are drawn again for when it changes.
import { useEffect, useState } from 'preact/hooks';

export class Store<T> {
  private listeners = new Set<() => void>();

  constructor(private value: T) {}

  get(): T {
    return this.value;
  }

  set(value: T): void {
    if (Object.is(value, this.value)) return;
    this.value = value;
    for (const listener of [...this.listeners]) listener();
  }

  update(change: (value: T) => T): void {
    this.set(change(this.value));
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

export function useStore<T>(store: Store<T>): T {
  const [, redraw] = useState(0);
  useEffect(() => {
    let seen = store.get();
    const look = () => {
      if (Object.is(seen, store.get())) return;
      seen = store.get();
      redraw((count) => count + 1);
    };
    // It may have changed between drawing and listening.
    redraw((count) => count + 1);
    return store.subscribe(look);
  }, [store]);
  return store.get();
}
