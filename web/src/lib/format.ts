/// Numbers and times as people read them. The page's language decides how they are written.

export const kLanguage = 'en';

const number = (options: Intl.NumberFormatOptions) => new Intl.NumberFormat(kLanguage, options);
const whole = number({ maximumFractionDigits: 0 });
const short = number({ maximumSignificantDigits: 3 });

export function formatCount(value: number): string {
  return whole.format(value);
}

/// A distance between encodings: three decimals, as the command line prints it.
export function formatDistance(value: number): string {
  return number({ minimumFractionDigits: 3, maximumFractionDigits: 3 }).format(value);
}

/// A share as per cent with one decimal; what would round to 0 or 100 is said to lie beyond.
export function formatShare(share: number): string {
  const percent = number({ minimumFractionDigits: 1, maximumFractionDigits: 1 });
  if (share > 0.999) return `> ${percent.format(99.9)} %`;
  if (share < 0.001) return `< ${percent.format(0.1)} %`;
  return `${percent.format(share * 100)} %`;
}

/// Whole per cent, for scores.
export function formatPercent(share: number): string {
  return `${whole.format(share * 100)} %`;
}

/// The N of "1 in N" for a rate, with two digits that count: 0.00163 gives 610.
export function oneIn(rate: number): number {
  if (!(rate > 0)) return Infinity;
  const n = 1 / rate;
  if (n < 10) return Math.round(n);
  const unit = 10 ** (Math.floor(Math.log10(n) + 1e-9) - 1);
  return Math.round(n / unit) * unit;
}

export function formatOneIn(rate: number): string {
  return formatCount(oneIn(rate));
}

const kUnits = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/// Bytes in steps of 1,024, as limits are set.
export function formatBytes(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < kUnits.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${short.format(value)} ${kUnits[unit]}`;
}

export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${number({ maximumFractionDigits: 1 }).format(seconds)} s`;
  const rounded = Math.round(seconds);
  if (rounded < 60) return `${rounded} s`;
  const minutes = Math.floor(rounded / 60);
  if (minutes < 60) return `${minutes} min ${rounded % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function formatNumber(value: number): string {
  return short.format(value);
}

/// A loss, which may be of any size.
export function formatLoss(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) {
    return number({ notation: 'scientific', maximumFractionDigits: 2 }).format(value);
  }
  return short.format(value);
}

/// A moment (ISO 8601) in the reader's own time zone; text that is none is given back.
export function formatTime(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  return new Intl.DateTimeFormat(kLanguage, { dateStyle: 'medium', timeStyle: 'short' }).format(time);
}

/// Up to two letters that stand for a person without a picture.
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const first = [...(words[0] ?? '?')][0] ?? '?';
  const last = words.length > 1 ? ([...(words[words.length - 1] ?? '')][0] ?? '') : '';
  return (first + last).toLocaleUpperCase(kLanguage);
}
