import { DAY_MS } from '../../core/days.ts';
import type { Fact } from '../../core/fact.ts';
import { type BySource, factsOf, idOf, random } from './facts.ts';

/** So long a past has the book of `bench backtest`: a year of dates, a quarter before them and one after. */
const DAYS = 560;
const WEEK = 7;
/** Of customers, this share leaves in that time; their use falls for so many days before. */
const LEAVES = 0.2;
const FALLS = 120;
const HALVES = 3;
const HALF_DAYS = 182;

/**
 * A customer of the last eighteen months: use is told week by week, and some leave, whose use falls before. Of those nothing is told
 * later.
 */
export function pastOf(n: number, seed: number, now: number): BySource {
  const below = random(seed * 7_368_787 + n);
  const midnight = Math.floor(now / DAY_MS) * DAY_MS;
  const ago = (days: number): number => midnight - days * DAY_MS;
  const left = below(1000) < LEAVES * 1000 ? below(DAYS) : null;
  const seats = 20 + below(180);
  const usual = 1 + below(seats);
  const product: Fact[] = [];
  for (let days = DAYS; days > 0; days -= WEEK) {
    if (left !== null && days <= left) break;
    // Not all who leave use less before, nor do all others use the same.
    const falling = left !== null && days - left < FALLS && n % 3 > 0 ? (days - left) / FALLS : 1;
    const users = Math.max(1, Math.round(usual * falling * (0.7 + below(60) / 100)));
    const [logins, uses] = [below(4 * users), users * (1 + below(5))];
    const features = { featuresUsed: 1 + below(12), featuresAvailable: 12 };
    const metrics = { activeUsers: Math.min(seats, users), logins, uses, advancedUses: below(uses), ...features };
    const at = ago(days);
    product.push({ kind: 'usage', id: `${idOf(n)}-usage`, account: idOf(n), at, knownAt: at, data: { metrics } });
  }
  // What customers do is told of three half years; what they are, once.
  const { crm, desk, billing } = factsOf(n, seed, now);
  for (let half = 1; half < HALVES; half++) {
    const earlier = factsOf(n, seed + half, now - half * HALF_DAYS * DAY_MS);
    const own = (fact: Fact): Fact => ({ ...fact, id: `${fact.id}-${half}` });
    crm.push(...earlier.crm.filter(({ kind }) => kind === 'activity').map(own));
    desk.push(...earlier.desk.map(own));
    billing.push(...earlier.billing.filter(({ kind }) => kind === 'invoice').map(own));
  }
  const had = (fact: Fact): boolean => left === null || fact.at < ago(left);
  const kept = billing.filter(had);
  const subscription = kept.find((fact) => fact.kind === 'subscription');
  if (left !== null && subscription) {
    const endOn = new Date(ago(left)).toISOString().slice(0, 10);
    kept.push({ ...subscription, at: ago(left), knownAt: ago(left), data: { ...subscription.data, endOn } } as Fact);
  }
  return { crm: crm.filter(had), product, desk: desk.filter(had), billing: kept };
}
