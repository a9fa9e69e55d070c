import { FACTS, type FactKind } from '../core/fact.ts';

/** How a fact kind is written in the database. Append-only: a code never changes and is never given again. */
export const KIND_CODE = {
  account: 1,
  user: 2,
  contact: 3,
  opportunity: 4,
  opportunityRole: 5,
  activity: 6,
  usage: 7,
  ticket: 8,
  subscription: 9,
  invoice: 10,
  survey: 11,
  milestone: 12,
  training: 13,
  community: 14,
  participation: 15,
  marketing: 16,
  advocacy: 17,
  resource: 18,
  pulse: 19,
} as const satisfies Record<FactKind, number>;

const BY_CODE = new Map(Object.entries(KIND_CODE).map(([kind, code]) => [code as number, kind as FactKind]));

/** The kind of a stored code. Throws for a code that no version of this program wrote. */
export function kindOf(code: number): FactKind {
  const kind = BY_CODE.get(code);
  if (!kind) throw new Error(`the store holds a fact of unknown kind ${code}`);
  return kind;
}

/** Whether rows of this kind are versions of a state. */
export const isState = (kind: FactKind): boolean => FACTS[kind].shape === 'state';
