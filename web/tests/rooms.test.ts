import { describe, expect, it } from 'vitest';
import { parseRoute } from '../src/lib/route';
import { Store } from '../src/lib/store';
import { matching } from '../src/rooms/people/roster';
import { curveOf } from '../src/rooms/studio/loss_curve';
import { jobWishes, kUsual } from '../src/rooms/studio/wishes';
import { gapOf } from '../src/rooms/verify/verdict';

describe('addresses', () => {
  it('lead to rooms and their views', () => {
    expect(parseRoute('#/people/identify')).toEqual({ room: 'people', view: 'identify' });
    expect(parseRoute('#/system')).toEqual({ room: 'system', view: '' });
  });
  it('that lead nowhere lead to the first room', () => {
    for (const hash of ['', '#', '#/', '#/nowhere/else', '#verify']) expect(parseRoute(hash).room).toBe('verify');
  });
});

describe('stores', () => {
  it('tell only of changes', () => {
    const store = new Store(1);
    const seen: number[] = [];
    const leave = store.subscribe(() => seen.push(store.get()));
    store.set(1);
    store.set(2);
    store.update((value) => value + 1);
    leave();
    store.set(9);
    expect(seen).toEqual([2, 3]);
  });
});

describe('search', () => {
  const people = ['Dora Šimková', 'Anna Berger', 'Mei Lin'].map((name) => ({ name, examples: 1, example_id: null, has_crop: false }));
  it('minds neither accents nor capitals nor order', () => {
    expect(matching(people, 'SIMK dora').map((person) => person.name)).toEqual(['Dora Šimková']);
    expect(matching(people, '  ')).toHaveLength(3);
    expect(matching(people, 'anna lin')).toEqual([]);
  });
});

describe('discs', () => {
  it('overlap for one person, part for two, and stay in sight', () => {
    expect(gapOf(0.1, 0.467)).toBeLessThan(0);
    expect(gapOf(0.467, 0.467)).toBeCloseTo(0);
    expect(gapOf(0.6, 0.467)).toBeGreaterThan(0);
    expect(gapOf(0, 0.467)).toBeGreaterThanOrEqual(-0.34);
    expect(gapOf(4, 0.467)).toBeLessThanOrEqual(0.5);
  });
});

describe('the loss curve', () => {
  it('needs two points', () => {
    expect(curveOf([], 100)).toBe('');
    expect(curveOf([[1, 5]], 100)).toBe('');
  });
  it('falls from the top left, along the steps that were wished for', () => {
    const points = curveOf([[0, 1000], [50, 10]], 100).split(' ').map((point) => point.split(',').map(Number));
    expect(points[0]).toEqual([0, 6]);
    expect(points[1]).toEqual([160, 90]);
  });
  it('is level where nothing changes, and passes over what has no logarithm', () => {
    expect(curveOf([[0, 7], [1, 0], [10, 7]], 10)).toBe('0.0,48.0 320.0,48.0');
  });
});

describe('wishes of a job', () => {
  it('hold only what belongs to the way of painting', () => {
    expect(jobWishes(kUsual)).toEqual({ mode: 'optimise', size: 512, original_colors: 'no', format: 'jpeg', iterations: 120, style_weight: 30 });
    expect(jobWishes({ ...kUsual, mode: 'fast', alpha: 0.5 })).toEqual({ mode: 'fast', size: 512, original_colors: 'no', format: 'jpeg', alpha: 0.5 });
  });
});
