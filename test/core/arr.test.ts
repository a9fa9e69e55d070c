import { describe, expect, it } from 'vitest';
import { arrOf } from '../../src/core/arr.ts';
import type { Fact, FactData } from '../../src/core/fact.ts';
import { viewAt } from '../../src/core/view.ts';

const T = Date.parse('2026-11-02T00:00:00Z');
const gbp = (minor: number) => ({ minor, currency: 'GBP' });
const account = (data: FactData<'account'>): Fact => ({
  kind: 'account',
  id: 'A',
  account: 'A',
  at: 1,
  knownAt: 1,
  data,
});
const subscription = (id: string, data: FactData<'subscription'>): Fact => ({
  kind: 'subscription',
  id,
  account: 'A',
  at: 2,
  knownAt: 2,
  data,
});
const arr = (...facts: Fact[]) =>
  arrOf(
    viewAt({ account: 'A', sources: [], facts: facts.map((f) => ({ ...f, source: 'crm' })) }, 'crm', T),
    '2026-11-02',
    (money) => (money.currency === 'EUR' ? gbp(money.minor * 2) : money),
  );

describe('arrOf', () => {
  it("takes the account record's own figure", () => {
    expect(arr(account({ arr: gbp(5) }), subscription('s', { arr: gbp(7) }))).toEqual(gbp(5));
  });

  it('else sums the running subscriptions, from ARR or MRR', () => {
    const facts = [
      subscription('a', { arr: gbp(1200), startOn: '2026-01-01' }),
      subscription('b', { mrr: gbp(10), endOn: '2026-11-03' }),
      subscription('ended', { arr: gbp(9), endOn: '2026-11-02' }),
      subscription('to come', { arr: gbp(9), startOn: '2026-11-03' }),
      subscription('trial', { arr: gbp(9), trial: true }),
    ];
    expect(arr(account({}), ...facts)).toEqual(gbp(1320));
  });

  it('converts several currencies, and knows nothing where one amount is unknown', () => {
    const eur = subscription('e', { arr: { minor: 3, currency: 'EUR' } });
    expect(arr(account({}), subscription('a', { arr: gbp(1) }), eur)).toEqual(gbp(7));
    expect(arr(account({}), subscription('a', { arr: gbp(1) }), subscription('b', {}))).toBeNull();
    expect(arr(account({}))).toBeNull();
  });
});
