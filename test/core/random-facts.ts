import fc from 'fast-check';
import type { z } from 'zod';
import { DAY_MS, dateOf, dayOf } from '../../src/core/days.ts';
import { FACT_KINDS, FACTS, type FactKind, type StoredFact } from '../../src/core/fact.ts';
import { KINDS } from '../../src/core/vocabulary.ts';
import { TODAY } from './helpers.ts';

/** Facts drawn from the schemas themselves, so that a new kind or field is tried without anybody thinking of it. */

const DAY = dayOf(TODAY);
/** A few names for everything, so that records meet each other: contacts in activities, features in days, people in trainings. */
const NAMES = ['A1', 'U1', 'c1', 'c2', 'o1', 'Renewal', 'CFO', 'Champion', 'green', 'positive', 'Upsell', 'crm'];
const CURRENCIES = ['GBP', 'EUR'];

// Near T things decide: windows are short.
const day = fc.oneof(fc.integer({ min: -900, max: 400 }), fc.integer({ min: -60, max: 3 })).map((n) => DAY + n);
const instant = fc.tuple(day, fc.integer({ min: 0, max: 23 })).map(([own, hours]) => own * DAY_MS + hours * 3_600_000);

type Def = z.core.$ZodTypes['_zod']['def'];

function arbitrary(schema: z.core.$ZodType, key: string): fc.Arbitrary<unknown> {
  const def = schema._zod.def as Def;
  switch (def.type) {
    case 'optional':
      return fc.option(arbitrary(def.innerType, key), { nil: undefined, freq: 4 });
    case 'nullable':
      return fc.option(arbitrary(def.innerType, key), { nil: null, freq: 6 });
    case 'object':
      return fc.record(Object.fromEntries(Object.entries(def.shape).map(([k, own]) => [k, arbitrary(own, k)])));
    case 'array':
      return fc.array(arbitrary(def.element, key), { maxLength: 3 });
    case 'record':
      return fc.dictionary(
        fc.constantFrom(...(key === 'metrics' ? Object.keys(KINDS.usage.fields) : NAMES)),
        arbitrary(def.valueType, key),
        { maxKeys: 6 },
      );
    case 'enum':
      return fc.constantFrom(...Object.values(def.entries));
    case 'boolean':
      return fc.boolean();
    case 'union':
      return fc.oneof(...def.options.map((o) => arbitrary(o, key)));
    case 'null':
      return fc.constant(null);
    case 'string':
      if (/(On|Until)$/.test(key)) return day.map(dateOf);
      return fc.constantFrom(...(key === 'currency' ? CURRENCIES : NAMES));
    case 'number':
      if (/At$/.test(key)) return instant;
      // Also what cannot be: negative seats, an NPS of 300.
      if (key === 'minor') return fc.integer({ min: -100, max: 5_000_000 });
      return fc.oneof(fc.integer({ min: -2, max: 120 }), fc.constantFrom(0, 0.5, 300));
    default:
      throw new Error(`${key}: no random values of ${def.type}`);
  }
}

const DATA = Object.fromEntries(FACT_KINDS.map((kind) => [kind, arbitrary(FACTS[kind].data, kind)])) as Record<
  FactKind,
  fc.Arbitrary<unknown>
>;

/** Ids by kind: few, so that facts are versions of each other. */
const ids = (kind: FactKind): string[] =>
  kind === 'account' || kind === 'pulse'
    ? ['A1']
    : kind === 'contact'
      ? ['c1', 'c2']
      : kind === 'opportunity'
        ? ['o1']
        : ['1', '2', '3'];

/** A fact of a kind between two instants; known then, or up to a year later. */
export function factsOf(kind: FactKind, from: number, to: number): fc.Arbitrary<StoredFact> {
  const near = 50 * DAY_MS;
  const at = fc.oneof(
    fc.integer({ min: from, max: to }),
    fc.integer({ min: from, max: Math.min(to, from + near) }),
    fc.integer({ min: Math.max(from, to - near), max: to }),
  );
  return fc
    .record({
      at: FACTS[kind].shape === 'series' ? at.map((t) => Math.ceil(t / DAY_MS) * DAY_MS) : at,
      late: fc.constantFrom(0, 0, 0, DAY_MS, 200 * DAY_MS),
      id: fc.constantFrom(...ids(kind)),
      source: fc.constantFrom('crm', 'crm', 'crm', 'desk'),
      deleted: fc.constantFrom(false, false, false, false, true),
      data: DATA[kind],
    })
    .map(({ late, deleted, ...fact }) => {
      const whole = { kind, account: 'A1', knownAt: fact.at + late, ...fact };
      return (deleted ? { ...whole, deleted } : whole) as StoredFact;
    });
}

/** Facts of any kind. */
export const anyFact = (from: number, to: number): fc.Arbitrary<StoredFact> =>
  fc.constantFrom(...FACT_KINDS).chain((kind) => factsOf(kind, from, to));

/** A book of an account: a few facts of every kind. */
export const book = (from: number, to: number): fc.Arbitrary<StoredFact[]> =>
  fc
    .tuple(...FACT_KINDS.map((kind) => fc.array(factsOf(kind, from, to), { minLength: 2, maxLength: 7 })))
    .map((lists) => lists.flat());
