import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, daysBetween } from '../../src/core/calendar.ts';
import { renewalOf } from '../../src/core/renewal.ts';
import { NOW, rulesOf, state, TODAY, viewOf } from './states.ts';

const gbp = (minor: number) => ({ minor, currency: 'GBP' });
const eur = (minor: number) => ({ minor, currency: 'EUR' });
const account = (renewalOn: string | null, at?: number) => state('account', 'A', { renewalOn, arr: gbp(100) }, at);
const opportunity = (id: string, closeOn: string, more = {}) =>
  state('opportunity', id, { closeOn, renewal: true, closed: false, amount: gbp(70), ...more });
const subscription = (id: string, endOn: string, more = {}) =>
  state('subscription', id, { endOn, arr: gbp(50), ...more });
const renewal = (...facts: Parameters<typeof viewOf>) => renewalOf(viewOf(...facts), rulesOf(), TODAY);

describe('renewalOf', () => {
  it('takes the first source that has a coming date', () => {
    const facts = [opportunity('o', '2027-02-01'), subscription('s', '2027-03-01')];
    expect(renewal(account('2027-01-14'), ...facts)).toEqual({
      on: '2027-01-14',
      daysAway: 50,
      arr: gbp(100),
      source: 'account field',
    });
    expect(renewal(account(null), ...facts)).toMatchObject({
      on: '2027-02-01',
      source: 'open renewal opportunity',
      arr: gbp(70),
    });
    expect(renewal(account(null), subscription('s', '2027-03-01'))).toMatchObject({
      source: 'subscription',
      arr: gbp(50),
    });
    const order = rulesOf({ renewal: ['subscription', 'account field'] });
    expect(renewalOf(viewOf(account('2027-01-14'), ...facts), order, TODAY)?.source).toBe('subscription');
    expect(renewal(account(null))).toBeNull();
  });

  it('keeps an overdue date for a year, but never before a coming one', () => {
    expect(renewal(account('2026-11-01'))).toMatchObject({ on: '2026-11-01', daysAway: -24 });
    expect(renewal(account('2025-11-25'))?.daysAway).toBe(-365);
    expect(renewal(account('2025-11-24'))).toBeNull();
    expect(renewal(account('2026-11-01'), subscription('s', '2027-03-01'))?.on).toBe('2027-03-01');
    expect(renewal(account(TODAY))?.daysAway).toBe(0);
  });

  it('does not call overdue what was won', () => {
    const won = opportunity('o', '2026-10-20', { closed: true, won: true });
    expect(renewal(account('2026-11-01'), won)).toBeNull();
  });

  it('reads open renewals only, the earliest of them', () => {
    const facts = [
      opportunity('new', '2026-12-01', { renewal: false }),
      opportunity('lost', '2026-12-02', { closed: true, won: false }),
      opportunity('late', '2027-05-01'),
      opportunity('next', '2027-02-01', { amount: null }),
    ];
    expect(renewal(...facts)).toMatchObject({ on: '2027-02-01', arr: null });
  });

  it('of several contracts gives the next date and what renews on it', () => {
    const facts = [
      subscription('past', '2026-10-01'),
      subscription('a', '2027-01-31'),
      subscription('b', '2027-01-31', { arr: null, mrr: gbp(10) }),
      subscription('c', '2027-06-30'),
      subscription('trial', '2026-12-01', { trial: true }),
    ];
    expect(renewal(...facts)).toMatchObject({ on: '2027-01-31', arr: gbp(170) });
  });

  it('adds up currencies only by a rate', () => {
    const view = viewOf(subscription('a', '2027-01-31'), subscription('b', '2027-01-31', { arr: eur(100) }));
    expect(renewalOf(view, rulesOf(), TODAY)?.arr).toBeNull();
    const convert = (m: { minor: number; currency: string }) => (m.currency === 'GBP' ? m : gbp(m.minor * 0.8));
    expect(renewalOf(view, rulesOf(), TODAY, convert)?.arr).toEqual(gbp(130));
  });

  it('knows the term from the contract, or from a renewal that was won', () => {
    expect(renewal(account('2027-01-14'), subscription('s', '2027-01-15', { startOn: '2026-12-01' }))?.termDays).toBe(
      45,
    );
    const earlier = account('2026-01-14', NOW - 400 * 86_400_000);
    expect(renewal(earlier, account('2027-01-14'))?.termDays).toBeUndefined();
    const won = opportunity('o', '2026-01-10', { closed: true, won: true });
    expect(renewal(earlier, account('2027-01-14'), won)?.termDays).toBe(365);
  });

  it('ignores what is no date', () => {
    expect(renewal(account('2027-02-30'), state('account', 'x', { renewalOn: 'soon' }, NOW - 5, 'files'))).toBeNull();
  });

  it('always counts the days to the date that it gives', () => {
    const offset = fc.integer({ min: -500, max: 900 });
    fc.assert(
      fc.property(fc.option(offset), fc.array(offset), fc.array(offset), (field, opportunities, subscriptions) => {
        const on = (by: number) => addDays(TODAY, by);
        const found = renewal(
          account(field === null ? null : on(field)),
          ...opportunities.map((by, i) => opportunity(`o${i}`, on(by))),
          ...subscriptions.map((by, i) => subscription(`s${i}`, on(by))),
        );
        const all = [...(field === null ? [] : [field]), ...opportunities, ...subscriptions].filter((by) => by >= -365);
        expect(found === null).toBe(all.length === 0);
        if (!found) return;
        expect(found.daysAway).toBe(daysBetween(TODAY, found.on));
        expect(all).toContain(found.daysAway);
        expect(found.daysAway >= 0).toBe(all.some((by) => by >= 0));
      }),
      { seed: 9 },
    );
  });
});
