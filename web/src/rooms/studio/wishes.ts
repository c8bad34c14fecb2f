/// What the person has chosen in the studio; kept while other rooms are visited.
import type { JobWishes } from '../../api/calls';
import { session } from '../../api/session';
import { closePicture, openPicture, type Picture } from '../../lib/pictures';
import { Store } from '../../lib/store';

export const kColours = ['no', 'luminance', 'match'] as const;
export type Colours = (typeof kColours)[number];

export interface Wishes {
  alpha: number; ///< of the preview and of the mode fast
  colours: Colours;
  mode: 'optimise' | 'fast';
  size: number;
  strength: number; ///< log10 of the weight of the style cost
  iterations: number;
  format: 'jpeg' | 'png';
}

/// Those of `likeness style`.
export const kUsual: Wishes = {
  alpha: 1,
  colours: 'no',
  mode: 'optimise',
  size: 512,
  strength: Math.log10(30),
  iterations: 120,
  format: 'jpeg',
};

export const wishes = new Store<Wishes>(kUsual);
export const sources = new Store<{ content: Picture | null; style: Picture | null }>({ content: null, style: null });

export function wish(change: Partial<Wishes>): void {
  wishes.update((now) => ({ ...now, ...change }));
}

export function putSource(which: 'content' | 'style', file: File | null): void {
  closePicture(sources.get()[which]);
  sources.update((now) => ({ ...now, [which]: file ? openPicture(file) : null }));
}

/// The longest sides that are offered, up to what the service allows.
export function sizes(): number[] {
  const now = session.get();
  const most = now.state === 'ready' ? now.session.limits.max_style_size : 1024;
  const usual = [256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096].filter((size) => size < most);
  return [...usual, most];
}

export function jobWishes(now: Wishes): JobWishes {
  const common = { mode: now.mode, size: now.size, original_colors: now.colours, format: now.format };
  if (now.mode === 'fast') return { ...common, alpha: now.alpha };
  return { ...common, iterations: now.iterations, style_weight: Number((10 ** now.strength).toPrecision(3)) };
}
