import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fill, t } from '../src/texts';
import { en } from '../src/texts/en';

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(entry.name) && entry.name !== 'en.ts' ? [path] : [];
  });
}

const files = sources(join(__dirname, '../src'));
const code = files.map((file) => readFileSync(file, 'utf8')).join('\n');

describe('texts', () => {
  it('are all used', () => {
    // Keys that are put together, as `room.${name}`.
    const prefixes = [...code.matchAll(/`([a-z_.]+\.)\$\{/g)].map((match) => match[1] ?? '');
    const unused = Object.keys(en).filter(
      (key) => !code.includes(`'${key}'`) && !prefixes.some((prefix) => key.startsWith(prefix)),
    );
    expect(unused).toEqual([]);
  });
  it('stand in no other file', () => {
    const found: string[] = [];
    for (const file of files.filter((name) => name.endsWith('.tsx'))) {
      const source = readFileSync(file, 'utf8').replace(/\/\/.*$/gm, '');
      for (const [, text] of source.matchAll(/>\s*([A-Za-z][^<>{}()=;|&?]*[a-z])\s*<\//g)) {
        // The name and commands are the same in every language.
        if (!/^(Likeness|likeness serve .*)$/.test(text ?? '')) found.push(`${file}: ${text}`);
      }
      for (const [, text] of source.matchAll(/(?:aria-label|title|placeholder|alt)="([^"]+)"/g)) found.push(`${file}: ${text}`);
    }
    expect(found).toEqual([]);
  });
  it('are not empty and have no broken names', () => {
    for (const [key, text] of Object.entries(en)) {
      for (const one of typeof text === 'string' ? [text] : Object.values(text)) {
        expect(one.trim(), key).not.toBe('');
        expect(one.replace(/\{\w+\}/g, ''), key).not.toMatch(/[{}]/);
      }
    }
  });
  it('are filled in', () => {
    expect(fill('{a} and {b}', { a: 1234, b: 'x {a}' })).toBe('1,234 and x {a}');
    expect(fill('{a} {c}', { a: '<b>' })).toBe('<b> {c}');
  });
  it('follow the number', () => {
    expect(t('people.count', { count: 1 })).toBe('1 person');
    expect(t('people.count', { count: 0 })).toBe('0 people');
    expect(t('people.count', { count: 1200 })).toBe('1,200 people');
  });
});
