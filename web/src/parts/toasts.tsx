/// Short news in a corner, also read aloud; they go by themselves.
import { Store, useStore } from '../lib/store';

interface Toast {
  id: number;
  text: string;
}

const toasts = new Store<Toast[]>([]);
let last = 0;

export function say(text: string): void {
  last += 1;
  const id = last;
  toasts.update((list) => [...list, { id, text }]);
  setTimeout(() => toasts.update((list) => list.filter((toast) => toast.id !== id)), 5000);
}

export function Toasts() {
  const list = useStore(toasts);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {list.map((toast) => (
        <p key={toast.id}>{toast.text}</p>
      ))}
    </div>
  );
}
