import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { versionsOf } from '../../../connectors/hubspot/history.ts';
import { DAY, record, T0 } from './facts-support.ts';

const told = (...args: Parameters<typeof versionsOf>) =>
  versionsOf(...args).map(({ at, values }) => [(at - T0) / DAY, values.get('a') ?? null, values.get('b') ?? null]);

describe('the versions of a record', () => {
  it('begin with each change of a named property', () => {
    const one = record(
      { a: '2', b: 'y' },
      {
        a: [
          [T0, '1'],
          [T0 + 5 * DAY, '2'],
        ],
        b: [
          [T0, 'x'],
          [T0 + 9 * DAY, 'y'],
        ],
      },
    );
    expect(told(one, ['a', 'b'])).toEqual([
      [0, '1', 'x'],
      [5, '2', 'x'],
      [9, '2', 'y'],
    ]);
  });

  it('are one where several properties change at once', () => {
    const one = record({ a: '2', b: 'y' }, { a: [[T0, '2']], b: [[T0, 'y']] });
    expect(told(one, ['a', 'b'])).toEqual([[0, '2', 'y']]);
  });

  it('know nothing of a property before its oldest entry: HubSpot keeps a limited number', () => {
    const one = record({ a: '2', b: 'y' }, { a: [[T0, '2']], b: [[T0 + 9 * DAY, 'y']] });
    expect(told(one, ['a', 'b'])).toEqual([
      [0, '2', null],
      [9, '2', 'y'],
    ]);
  });

  it('end with what holds now and no entry tells, since the stamp and never earlier', () => {
    const one = record({ a: '3', b: 'calculated' }, { a: [[T0, '3']] });
    expect(told(one, ['a', 'b'])).toEqual([
      [0, '3', null],
      [30, '3', 'calculated'],
    ]);
  });

  it('are one where there is no history at all', () => {
    expect(told(record({ a: '3' }, {}, { propertiesWithHistory: undefined }), ['a', 'b'])).toEqual([[30, '3', null]]);
  });

  it('know what was cleared', () => {
    const one = record(
      { a: null },
      {
        a: [
          [T0, '1'],
          [T0 + DAY, null],
        ],
      },
    );
    expect(told(one, ['a'])).toEqual([
      [0, '1', null],
      [1, null, null],
    ]);
  });

  it('take no entry for older than the record: imports bring values a moment before it', () => {
    expect(told(record({ a: '1' }, { a: [[T0 - 40, '1']] }), ['a'])).toEqual([[0, '1', null]]);
  });

  it('keep of one instant what was set last', () => {
    const one = record(
      { a: '9' },
      {
        a: [
          [T0 - 40, '1'],
          [T0, '2'],
          [T0 + DAY, '3'],
          [T0 + DAY, '4'],
          [T0 + 2 * DAY, '9'],
        ],
      },
    );
    expect(told(one, ['a'])).toEqual([
      [0, '2', null],
      [1, '4', null],
      [2, '9', null],
    ]);
  });

  it('end with the present values, each instant once, in order of time', () => {
    const entries = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.constantFrom('1', '2', null)), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(entries, entries, fc.constantFrom('1', '2', null), (a, b, now) => {
        const past = (list: [number, string | null][]) =>
          list.toSorted(([x], [y]) => x - y).map(([day, value]): [number, string | null] => [T0 + day * DAY, value]);
        const versions = versionsOf(record({ a: now, b: '1' }, { a: past(a), b: past(b) }), ['a', 'b']);
        const instants = versions.map((v) => v.at);
        expect(instants).toEqual([...new Set(instants)].sort((x, y) => x - y));
        const last = versions.at(-1)?.values;
        expect([last?.get('a') ?? null, last?.get('b') ?? null]).toEqual([now, '1']);
      }),
    );
  });
});
