/// Texts by key, with {names} filled in. Keys and names are checked when the page is compiled.
///
///     t('people.count', { count: 3 })
///
/// A translation is a second file like en.ts, chosen here.
import { kLanguage } from '../lib/format';
import { en } from './en';

type Texts = typeof en;
export type TextKey = keyof Texts;

type NamesIn<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;
type NamesOf<T> = T extends { one: infer A; other: infer B } ? NamesIn<A> | NamesIn<B> | 'count' : NamesIn<T>;
type Values<T> = { [Name in NamesOf<T>]: string | number };
type Rest<T> = [NamesOf<T>] extends [never] ? [] : [values: Values<T>];

const plural = new Intl.PluralRules(kLanguage);
const numbers = new Intl.NumberFormat(kLanguage);

export function fill(text: string, values: Record<string, string | number> = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? numbers.format(value) : value;
  });
}

export function t<K extends TextKey>(key: K, ...rest: Rest<Texts[K]>): string {
  const values = (rest[0] ?? {}) as Record<string, string | number>;
  const text: string | { one: string; other: string } = en[key];
  if (typeof text === 'string') return fill(text, values);
  return fill(plural.select(Number(values.count)) === 'one' ? text.one : text.other, values);
}

export function hasText(key: string): key is TextKey {
  return Object.hasOwn(en, key);
}
