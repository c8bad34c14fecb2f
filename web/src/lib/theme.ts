/// Light, dark, or as the system likes it (the default); remembered by this browser.
import { Store } from './store';

export const kThemes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof kThemes)[number];
const kPlace = 'likeness-theme';

function remembered(): Theme {
  try {
    return kThemes.find((name) => name === localStorage.getItem(kPlace)) ?? 'system';
  } catch {
    return 'system'; // storage may be forbidden
  }
}

export const theme = new Store<Theme>('system');

function apply(): void {
  const root = document.documentElement;
  if (theme.get() === 'system') delete root.dataset.theme;
  else root.dataset.theme = theme.get();
}

export function startTheme(): void {
  theme.set(remembered());
  apply();
  theme.subscribe(() => {
    apply();
    try {
      localStorage.setItem(kPlace, theme.get());
    } catch {
      // it holds until the page is left
    }
  });
}

export function nextTheme(): Theme {
  return kThemes[(kThemes.indexOf(theme.get()) + 1) % kThemes.length] ?? 'system';
}
