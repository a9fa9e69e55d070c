import { companyNumber } from './keys.ts';
import type { Portal } from './store.ts';
import type { Home, TypeName } from './types.ts';

/** A record of a hand-made portal. */
export interface Seed {
  /** Default companies. */
  type?: TypeName;
  /** Default: the next free id. */
  id?: number;
  created: number;
  /** Its watermark. Default `created`. */
  updated?: number;
  archivedAt?: number;
  homes?: Partial<Record<Home, number>>;
  props: Record<string, string>;
}

/** `n` companies of one kind, for portals in which only number and stamps matter. */
export function* seedCompanies(n: number, of: (index: number) => Omit<Seed, 'id'>): Generator<Seed> {
  for (let index = 0; index < n; index++) yield { id: companyNumber(index), ...of(index) };
}

export function seedRecord(portal: Portal, seed: Seed): void {
  portal.insert({
    type: seed.type ?? 'companies',
    id: seed.id ?? portal.newId(),
    created: seed.created,
    updated: seed.updated ?? seed.created,
    archivedAt: seed.archivedAt ?? null,
    homes: seed.homes ?? {},
    props: { ...seed.props },
  });
}
