/// The names of the gallery, page by page, and all of them once somebody searches.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { listPeople } from '../../api/calls';
import type { Person } from '../../api/types';
import { useLoaded } from '../../parts/hooks';

const kFirstPage = 48;
const kWholePage = 1000;
/// Beyond this a list in a browser helps nobody.
const kMost = 20_000;

interface Roster {
  people: Person[];
  total: number;
  next: string | null;
}

async function load(everybody: boolean, count: number, signal: AbortSignal): Promise<Roster> {
  const wanted = everybody ? kMost : count;
  const roster: Roster = { people: [], total: 0, next: null };
  do {
    const limit = Math.min(kWholePage, wanted - roster.people.length);
    const page = await listPeople(roster.next ?? undefined, limit, signal);
    roster.people.push(...page.people);
    roster.total = page.total;
    roster.next = page.next;
  } while (roster.next !== null && roster.people.length < wanted);
  return roster;
}

export function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase();
}

/// All whose name holds every word of `search`, whatever the accents and capitals.
export function matching(people: Person[], search: string): Person[] {
  const words = fold(search).split(/\s+/).filter(Boolean);
  return people.filter((person) => words.every((word) => fold(person.name).includes(word)));
}

export function useRoster(search: string) {
  const [count, setCount] = useState(kFirstPage);
  const searching = search.trim() !== '';
  useEffect(() => setCount(kFirstPage), [search]);
  const loaded = useLoaded((signal) => load(searching, count, signal), [searching, searching ? 0 : count]);
  const found = useMemo(() => matching(loaded.data?.people ?? [], search), [loaded.data, search]);
  return {
    ...loaded,
    shown: searching ? found.slice(0, count) : (loaded.data?.people ?? []),
    matches: found.length,
    total: loaded.data?.total ?? 0,
    hasMore: searching ? found.length > count : (loaded.data?.next ?? null) !== null,
    more: () => setCount((now) => now + kFirstPage),
  };
}
