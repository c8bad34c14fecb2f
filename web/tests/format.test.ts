import { describe, expect, it } from 'vitest';
import { formatBytes, formatDistance, formatLoss, formatOneIn, formatSeconds, formatShare, formatTime, initials, oneIn } from '../src/lib/format';

describe('shares', () => {
  it('have one decimal', () => {
    expect(formatShare(0.107)).toBe('10.7 %');
    expect(formatShare(0.5)).toBe('50.0 %');
  });
  it('never claim certainty', () => {
    expect(formatShare(1)).toBe('> 99.9 %');
    expect(formatShare(0.99951)).toBe('> 99.9 %');
    expect(formatShare(0)).toBe('< 0.1 %');
  });
});

describe('one in N', () => {
  it('keeps two digits that count', () => {
    expect(oneIn(0.0016701)).toBe(600);
    expect(oneIn(0.00163)).toBe(610);
    expect(oneIn(0.001)).toBe(1000);
    expect(oneIn(0.3)).toBe(3);
    expect(formatOneIn(0.00001)).toBe('100,000');
  });
  it('is endless for no rate', () => {
    expect(oneIn(0)).toBe(Infinity);
    expect(oneIn(-1)).toBe(Infinity);
    expect(oneIn(NaN)).toBe(Infinity);
  });
});

describe('amounts', () => {
  it('of bytes go in steps of 1,024', () => {
    expect(formatBytes(0)).toBe('0 B');
    expect(formatBytes(1023)).toBe('1,020 B');
    expect(formatBytes(16 << 20)).toBe('16 MB');
    expect(formatBytes(27_619_504)).toBe('26.3 MB');
  });
  it('of time read like speech', () => {
    expect(formatSeconds(0.44)).toBe('0.4 s');
    expect(formatSeconds(59.7)).toBe('1 min 0 s');
    expect(formatSeconds(3700)).toBe('1 h 1 min');
  });
  it('of distance have three decimals', () => expect(formatDistance(0.1914)).toBe('0.191'));
  it('of loss may be of any size', () => {
    expect(formatLoss(0)).toBe('0');
    expect(formatLoss(1234.5)).toBe('1,230');
    expect(formatLoss(12_345_678)).toBe('1.23E7');
    expect(formatLoss(0.00012)).toBe('1.2E-4');
  });
});

it('a time that is none stays as it was', () => expect(formatTime('soon')).toBe('soon'));

describe('initials', () => {
  it('are of the first and the last name', () => {
    expect(initials('anna berger')).toBe('AB');
    expect(initials('Anna Maria von Berger')).toBe('AB');
    expect(initials('Šimková')).toBe('Š');
  });
  it('of other scripts and of nothing', () => {
    expect(initials('李 梅')).toBe('李梅');
    expect(initials('😀 face')).toBe('😀F');
    expect(initials('  ')).toBe('?');
  });
});
