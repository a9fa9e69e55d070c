import type { World, WorldAccount } from '../../../src/sandbox/world.types.ts';

/** What billing knows of an account; plain data, so that many can be kept. */
export type Billed = Pick<
  WorldAccount,
  'index' | 'key' | 'country' | 'externalKey' | 'payers' | 'subscriptions' | 'invoices'
> & { currency: string };

/** Enough for every account of a usual world; a larger one is made anew, account by account. */
const KEPT = 20_000;

/** The accounts of the world as billing sees them. */
export class Book {
  readonly world: World;
  readonly livemode: boolean;
  readonly #kept = new Map<number, Billed>();

  constructor(world: World, livemode: boolean) {
    this.world = world;
    this.livemode = livemode;
  }

  account(index: number): Billed {
    return this.#kept.get(index) ?? this.keep(this.world.account(index));
  }

  keep({ index, key, country, externalKey, currency, payers, subscriptions, invoices }: WorldAccount): Billed {
    const billed = {
      index,
      key,
      country,
      externalKey,
      payers,
      subscriptions,
      invoices,
      currency: currency.toLowerCase(),
    };
    const oldest = this.#kept.size >= KEPT ? this.#kept.keys().next().value : undefined;
    if (oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(index, billed);
    return billed;
  }
}

export type Json = Record<string, unknown>;

/** What is rendered: an account at an instant (ms), with the flags of the whole server. */
export interface View {
  account: Billed;
  at: number;
  livemode: boolean;
}

export const seconds = (at: number): number => Math.floor(at / 1000);
export const secondsOrNull = (at: number | null): number | null => (at === null ? null : seconds(at));

/** The element that must be there: rows point only at what the world has. */
export function nth<T>(list: readonly T[], n: number, what: string): T {
  const found = list[n];
  if (found === undefined) throw new Error(`no ${what} number ${n}`);
  return found;
}
