import type { Money } from './fact.ts';

/** Brings an amount into the reporting currency; null = no rate is known. */
export type Convert = (money: Money) => Money | null;

/** Sum in one currency: as it is where all agree, else converted; null where one amount is unknown or has no rate. */
export function sumAmounts(amounts: readonly (Money | null | undefined)[], convert?: Convert): Money | null {
  const known = amounts.filter((a): a is Money => a !== null && a !== undefined);
  const first = known[0];
  if (!first || known.length < amounts.length) return null;
  const one = known.every((a) => a.currency === first.currency);
  const same = one ? known : known.map((a) => convert?.(a) ?? null);
  let minor = 0;
  let currency = first.currency;
  for (const amount of same) {
    if (!amount) return null;
    minor += amount.minor;
    currency = amount.currency;
  }
  return { minor, currency };
}
