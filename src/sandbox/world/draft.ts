import type { WorldContact, WorldOpportunity } from '../world.types.ts';
import type { Frame, Identity } from './identity.ts';
import { type Random, randomFor } from './random.ts';
import type { Contract } from './terms.ts';

/** What every part of an account's story may build on. Each part draws from streams of its own. */
export interface Draft extends Frame {
  id: Identity;
  health(at: number): number;
}
export interface CustomerDraft extends Draft {
  contract: Contract;
}
export interface PeopledDraft extends CustomerDraft {
  contacts: WorldContact[];
  opportunities: WorldOpportunity[];
}

export const streamOf = (draft: Draft, purpose: string): Random =>
  randomFor(draft.options.seed, draft.id.index, purpose);

/** The stretch in which the account lives as a customer within the span; null = never. */
export function customerSpan({ id, span, contract }: CustomerDraft): { from: number; to: number } | null {
  if (id.since === null) return null;
  const from = Math.max(id.since, span.from);
  const to = Math.min(contract.churnedAt ?? span.to, span.to);
  return from < to ? { from, to } : null;
}

/** The stretch in which anything at all may happen with it. */
export function livingSpan({ id, span, contract }: CustomerDraft): { from: number; to: number } | null {
  const from = Math.max(id.createdAt, span.from);
  const ends = [contract.churnedAt, id.deletedAt, id.merged?.at ?? null].flatMap((at) => (at === null ? [] : [at]));
  const to = Math.min(span.to, ...ends);
  return from < to ? { from, to } : null;
}

/** Unique inside the world, and stable: "acct-000017-t003". */
export const childKey = (draft: Draft, letter: string, n: number): string =>
  `${draft.id.key}-${letter}${String(n + 1).padStart(3, '0')}`;
