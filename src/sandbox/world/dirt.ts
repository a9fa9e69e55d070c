import { unit } from './random.ts';

/** Each kind of dirt is on every n-th customer, at an offset that the seed decides. The primes keep kinds from coinciding. */
const EVERY = {
  'owner missing': 61,
  'owner inactive': 73,
  'manager missing': 67,
  'manager inactive': 71,
  'e-mail not synced': 17,
  'zero seats': 79,
  'shared domain': 83,
  'renewal date missing': 89,
  'unusual name': 23,
  'very long name': 97,
  'other currency': 7,
  'no usage': 101,
  'brand new': 59,
  'activity without contact': 29,
  'no contacts': 103,
} as const;

export type CustomerDirt = keyof typeof EVERY;
/** Dirt of accounts that are no customers. */
export type RecordDirt = 'merged' | 'deleted';
export const CUSTOMER_DIRT = Object.keys(EVERY) as CustomerDirt[];
export const DIRT_KINDS: (CustomerDirt | RecordDirt)[] = [...CUSTOMER_DIRT, 'merged', 'deleted'];

const slot = (seed: number, kind: CustomerDirt): number => Math.floor(unit(seed, 0, `dirt ${kind}`) * EVERY[kind]);

/** Whose turn it is: which kinds an account of this index has, and how many had a kind before it. */
export interface DirtRules {
  has(kind: CustomerDirt, index: number): boolean;
  nth(kind: CustomerDirt, index: number): number;
}
export function dirtOf(seed: number): DirtRules {
  const offsets = new Map(CUSTOMER_DIRT.map((kind) => [kind, slot(seed, kind)]));
  return {
    has: (kind, index) => index % EVERY[kind] === offsets.get(kind),
    nth: (kind, index) => Math.floor(index / EVERY[kind]),
  };
}
