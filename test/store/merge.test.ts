import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FACT_KINDS } from '../../src/core/fact.ts';
import { canonicalJson, storableKey } from '../../src/store/canonical.ts';
import { isState, KIND_CODE, kindOf } from '../../src/store/kinds.ts';
import { mergeFacts } from '../../src/store/merge.ts';
import type { FactRow } from '../../src/store/schema.ts';

const row = (at: number, data: string, more: Partial<FactRow> = {}): FactRow => ({
  account: 1,
  kind: KIND_CODE.ticket,
  at,
  record: 1,
  version: at,
  known_at: at,
  seen_at: null,
  deleted: 0,
  load: null,
  data,
  ...more,
});

/** Applies pages to a table that has no index and no window, only rows. */
function deliver(pages: FactRow[][]): FactRow[] {
  let table: FactRow[] = [];
  for (const facts of pages) {
    const { upserts, deletes } = mergeFacts(table, facts);
    const replaced = new Set([...upserts, ...deletes].map((r) => `${r.record} ${r.version}`));
    table = [...table.filter((r) => !replaced.has(`${r.record} ${r.version}`)), ...upserts];
  }
  return table.sort((a, b) => a.record - b.record || a.version - b.version);
}
const holds = (table: FactRow[], at: number) => table.findLast((r) => r.at <= at)?.data;
const statement = fc.record({ at: fc.integer({ min: 0, max: 12 }), data: fc.constantFrom('a', 'b', 'c') });

describe('merging states', () => {
  it('delivered in order, every instant is right and no version repeats the one before', () => {
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 20 }), fc.integer({ min: 1, max: 5 }), (all, size) => {
        const sorted = all.toSorted((a, b) => a.at - b.at).filter((s, i, list) => list[i + 1]?.at !== s.at);
        const pages = sorted.flatMap((_, i) =>
          i % size ? [] : [sorted.slice(i, i + size).map((s) => row(s.at, s.data))],
        );
        const table = deliver(pages);
        for (let at = 0; at <= 12; at++) expect(holds(table, at)).toBe(sorted.findLast((s) => s.at <= at)?.data);
        expect(table.some((r, i) => i > 0 && table[i - 1]?.data === r.data)).toBe(false);
      }),
    );
  });

  it('delivered in any order, what holds last is what was stated for the latest instant', () => {
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 20 }), (all) => {
        const table = deliver(all.map((s) => [row(s.at, s.data)]));
        const latest = Math.max(...all.map((s) => s.at));
        expect(holds(table, 99)).toBe(all.findLast((s) => s.at === latest)?.data);
      }),
    );
  });

  it('a page delivered again changes nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.array(statement, { maxLength: 6 }), { maxLength: 6 }), (pages) => {
        const table = deliver(pages.map((page) => page.map((s) => row(s.at, s.data))));
        const last = (pages.at(-1) ?? []).map((s) => row(s.at, s.data));
        const again = mergeFacts(table, last);
        expect([again.stored, again.removed, again.unchanged]).toEqual([0, 0, last.length]);
      }),
    );
  });

  it('remembers until when a version was stated, and restores it behind an older one that turns up', () => {
    const table = deliver([[row(1, 'a'), row(5, 'a'), row(9, 'a')], [row(4, 'b')]]);
    expect(table.map((r) => [r.at, r.data, r.seen_at])).toEqual([
      [1, 'a', null],
      [4, 'b', null],
      [9, 'a', null],
    ]);
  });

  it('corrects an instant without losing what was stated after it', () => {
    const table = deliver([[row(1, 'a'), row(5, 'a')], [row(1, 'b')]]);
    expect(table.map((r) => [r.at, r.data])).toEqual([
      [1, 'b'],
      [5, 'a'],
    ]);
  });

  it('lets a deletion that names no account end the record where it was', () => {
    const table = deliver([[row(1, 'a', { account: 7 })], [row(5, '{}', { account: 0, deleted: 1 })]]);
    expect(table.at(-1)).toMatchObject({ account: 7, deleted: 1 });
  });
});

describe('kinds', () => {
  it('have codes that never change', () => {
    expect(KIND_CODE).toMatchObject({
      account: 1,
      user: 2,
      contact: 3,
      opportunity: 4,
      opportunityRole: 5,
      activity: 6,
    });
    expect(KIND_CODE).toMatchObject({ usage: 7, ticket: 8, subscription: 9, invoice: 10, survey: 11 });
    expect(KIND_CODE).toMatchObject({ milestone: 12, training: 13, community: 14, participation: 15 });
    expect(KIND_CODE).toMatchObject({ marketing: 16, advocacy: 17, resource: 18, pulse: 19 });
    expect(FACT_KINDS.map((kind) => kindOf(KIND_CODE[kind]))).toEqual(FACT_KINDS);
    expect(FACT_KINDS.filter((kind) => !isState(kind))).toEqual([
      ...['activity', 'usage', 'survey', 'training', 'community', 'participation', 'marketing', 'advocacy', 'resource'],
    ]);
    expect(() => kindOf(99)).toThrow(/99/);
  });
});

describe('canonicalJson', () => {
  it('is equal for equal content and reads back as the known members', () => {
    const shuffled = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(shuffled, (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson({ ...turned, gone: undefined })).toBe(canonicalJson(value));
        const back = JSON.parse(canonicalJson(value));
        expect(canonicalJson(back)).toBe(canonicalJson(value));
        expect(Object.keys(back).sort()).toEqual(
          Object.keys(value)
            .filter((k) => value[k] !== null)
            .sort(),
        );
      }),
    );
  });
  it('drops what is unknown, keeps places in lists, zero, false and empty text', () => {
    expect(
      canonicalJson({ b: null, a: [null, 1, Number.NaN], z: 0, f: false, e: '', n: Number.NaN, m: { x: undefined } }),
    ).toBe('{"a":[null,1,null],"e":"","f":false,"m":{},"z":0}');
  });
  it('holds no text that a database could not hold', () => {
    const odd = { 'k\0': ['a\0b', { deep: 'half \ud800' }], plain: 'ünï 🙂 \u0001' };
    expect(canonicalJson(odd)).toBe('{"k\uFFFD":["a\uFFFDb",{"deep":"half \uFFFD"}],"plain":"ünï 🙂 \\u0001"}');
  });
  it('keeps well-formed keys as they are', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (key) => key.includes('\0') || storableKey(key) === key));
    expect(storableKey('a\0b\ud800')).toBe('a\uFFFDb\uFFFD');
  });
});
