import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonical, hashOf, hashText } from '../../src/core/hash.ts';

describe('hashOf', () => {
  test('is fixed: stored hashes stay comparable over versions and machines', () => {
    expect(hashText('')).toBe('f503a12a75913e24e988f61089f09ae8');
    expect(hashText('Pulseback')).toBe('8831e9b3b5ab9cb83d8d5e236ad45ed4');
  });

  test('does not depend on the order of keys, nor on members that are undefined', () => {
    expect(hashOf({ a: 1, b: [{ c: 2, d: null }] })).toBe(hashOf({ b: [{ d: null, c: 2, e: undefined }], a: 1 }));
    expect(canonical({ b: [1, 'x'], a: null })).toBe('{"a":null,"b":[1,"x"]}');
  });

  test('tells different values apart', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (x, y) => {
        expect(hashOf(x) === hashOf(y)).toBe(canonical(x) === canonical(y));
      }),
      { seed: 5 },
    );
    const many = new Set(Array.from({ length: 50_000 }, (_, i) => hashOf(['account', i])));
    expect(many.size).toBe(50_000);
  });

  test('half of its bits flip when one character changes', () => {
    const bits = (hex: string) => [...hex].map((h) => Number.parseInt(h, 16).toString(2).padStart(4, '0')).join('');
    for (let i = 0; i < 50; i++) {
      const [a, b] = [bits(hashText(`account ${i}`)), bits(hashText(`account ${i + 1000}`))];
      const flipped = [...a].filter((bit, at) => bit !== b[at]).length;
      expect(flipped).toBeGreaterThan(35);
      expect(flipped).toBeLessThan(93);
    }
  });
});
