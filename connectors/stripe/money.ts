import type { Money } from '../../src/core/fact.ts';
import { exponentOf } from '../../src/kit/money.ts';
import { type Fraction, rounded, times, whole } from './fraction.ts';

/** https://docs.stripe.com/currencies: amounts without decimals, and two currencies that keep two for old times' sake. */
const WITHOUT = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '));
const THREE = new Set('BHD JOD KWD OMR TND'.split(' '));
const exponent = (currency: string): number => (WITHOUT.has(currency) ? 0 : THREE.has(currency) ? 3 : 2);

/** The vendor's smallest unit → ours (ISO 4217), rounded once: 500 ISK there are 5 krónur. */
export function toMoney(amount: Fraction, currency: string): Money {
  const shift = exponentOf(currency) - exponent(currency);
  const factor = shift >= 0 ? whole(10n ** BigInt(shift)) : whole(1n, 10n ** BigInt(-shift));
  return { minor: rounded(times(amount, factor)), currency };
}
