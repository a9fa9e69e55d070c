import { describe, expect, it } from 'vitest';
import type { Fact } from '../../src/core/fact.ts';
import { pullSource } from '../../src/pipeline/pull.ts';
import { rescore } from '../../src/pipeline/rescore.ts';
import { scoreAll } from '../../src/pipeline/score.ts';
import { settingAt } from '../../src/pipeline/setting.ts';
import { modelOf, reads, signal } from '../core/helpers.ts';
import { book, customer, DAY, moneyBook } from './book.ts';
import { NOW } from './support.ts';

async function scored(...args: Parameters<typeof book>) {
  const made = await book(...args);
  await pullSource(made, made.primary);
  return { made, ...(await scoreAll(made, NOW)) };
}

describe('scoreAll', () => {
  it('counts accounts and ARR by band in one currency, and tells what it left out', async () => {
    const {
      summary,
      scored: members,
      outside,
    } = await scored([
      customer('A1', { a: 90, arr: { minor: 100, currency: 'GBP' } }),
      customer('A2', { a: 85, arr: { minor: 100, currency: 'USD' } }), // half of it in pounds
      customer('A3', { a: 30, arr: { minor: 100, currency: 'SEK' } }), // no rate
      customer('A4', { a: null, arr: null }),
      customer('A5', { attributes: { Type: 'Prospect' } }),
      { ...customer('A6'), deleted: true },
    ]);
    expect(summary).toMatchObject({
      accounts: 4,
      outside: outside.size,
      scored: 3,
      notScored: 1,
      bands: { green: 2, yellow: 0, red: 1 },
      arrByBand: { green: 150 },
      arrUnconverted: 1,
      currency: 'GBP',
    });
    expect([...members]).toEqual(['A1', 'A2', 'A3', 'A4']);
    expect(outside.has('A5')).toBe(true);
  });

  it('converts by the rates of the day that is scored, and names a currency that had none then', async () => {
    const facts = [customer('A1', { a: 90, arr: { minor: 100, currency: 'USD' } })];
    const rates = [
      { from: '2026-06-01', USD: 2 },
      { from: '2026-11-01', USD: 4 },
    ];
    const { made, summary } = await scored(facts, { rates });
    expect(summary).toMatchObject({ arrByBand: { green: 25 }, arrUnconverted: 0, currenciesWithoutRate: [] });
    expect((await scoreAll(made, NOW - 50 * DAY)).summary.arrByBand).toEqual({ green: 50 });
    const before = (await scoreAll(made, NOW - 250 * DAY)).summary;
    expect(before).toMatchObject({ arrByBand: {}, arrUnconverted: 1, currenciesWithoutRate: ['USD'] });
    // What the CRM says itself goes first.
    const own = { base: 'USD', rates: [{ currency: 'GBP', from: null, rate: 0.1 }] };
    await made.store.state(made.primary.name).set('rates', null, JSON.stringify(own));
    expect((await scoreAll(made, NOW)).summary.arrByBand).toEqual({ green: 10 });
  });

  it('lists the largest ARR at risk first, red before yellow at the same ARR, never green or unscored', async () => {
    const of = (id: string, a: number | null, minor: number) => customer(id, { a, arr: { minor, currency: 'GBP' } });
    const many = Array.from({ length: 12 }, (_, i) => of(`M${i}`, 30, 10 + i));
    const { summary } = await scored([
      of('a-yellow', 65, 1_000),
      of('b-red', 30, 1_000),
      of('green', 90, 9_000),
      of('unknown', null, 9_000),
      ...many,
    ]);
    expect(summary.atRisk.map((r) => r.account)).toEqual([
      'b-red',
      'a-yellow',
      'M11',
      'M10',
      'M9',
      'M8',
      'M7',
      'M6',
      'M5',
      'M4',
    ]);
    expect(summary.atRisk[0]).toMatchObject({ score: 30, band: 'red', renewalOn: '2026-12-20' });
  });

  it('scores a past day from what was known then', async () => {
    const facts = [
      customer('A1', { a: 90 }, NOW - 100 * DAY),
      customer('A1', { a: 20 }, NOW - 10 * DAY),
      customer('A2', { a: 50 }, NOW - 10 * DAY),
    ];
    const { made } = await scored(facts);
    const past = await scoreAll(made, NOW - 50 * DAY);
    expect(past.summary).toMatchObject({ accounts: 1, bands: { green: 1, yellow: 0, red: 0 } });
    expect((await made.store.latestScore('A1'))?.score).toMatchObject({ score: 20, trend: 'declining fast' });
    expect((await made.store.latestScore('A1', NOW - 50 * DAY))?.score.score).toBe(90);
  });

  it('a kind that nobody carried then covers nobody then: what came later leaves a past score as it was', async () => {
    const posts = signal('posts', { from: { kind: 'community' }, aggregation: 'count', windowDays: 30 });
    const model = modelOf({ dimensions: [{ key: 'd', weight: 1, signals: [reads('a', 1), posts] }] });
    const at = NOW - 20 * DAY;
    const post: Fact = {
      ...{ kind: 'community', id: 'P1', account: 'A1', at: NOW - 5 * DAY, knownAt: NOW - 5 * DAY },
      data: { type: 'post' },
    };
    const asOf = async (facts: Fact[]) => {
      const made = await book(facts);
      await pullSource(made, made.primary);
      await scoreAll({ ...made, model }, at);
      return (await made.store.latestScore('A1', at))?.score;
    };
    const without = await asOf([customer('A1', { a: 90 })]);
    expect(without?.contributions[1]?.missing).toBe('no source carries community');
    expect(await asOf([customer('A1', { a: 90 }), post])).toEqual(without);
  });

  it('tells which source is stale now, and never of a past day, whose pulls are forgotten', async () => {
    const { made } = await scored([customer('A1')]);
    made.at(NOW + 10 * DAY);
    expect((await scoreAll(made, NOW + 10 * DAY)).summary.stale).toEqual(['crm is stale since 2026-11-25']);
    expect((await scoreAll(made, NOW + 5 * DAY)).summary.stale).toEqual([]);
  });

  it('stores a score once for the same inputs on the same day', async () => {
    const { made } = await scored([customer('A1')]);
    await scoreAll(made, NOW + 1_000);
    const asOf: number[] = [];
    for await (const rows of made.store.latestScores()) asOf.push(...rows.map((r) => r.asOf));
    expect(asOf).toHaveLength(1);
  });

  it('finds the people in charge, and counts accounts that lack one', async () => {
    const { made, summary } = await scored([customer('A1'), customer('A2', { ownerId: null })]);
    expect((await made.store.latestScore('A1'))?.score).toMatchObject({
      csmId: 'ANN',
      ownerId: 'ANN',
      managerId: 'MO',
    });
    expect(summary.unresolvedRoles).toBe(1);
  });

  it('stops when it is told to', async () => {
    const made = await book([customer('A1')]);
    await pullSource(made, made.primary);
    const stop = new AbortController();
    stop.abort(new Error('stopped'));
    await expect(scoreAll({ ...made, signal: stop.signal }, NOW)).rejects.toThrow('stopped');
  });
});

describe('amounts in the texts of scores', () => {
  it('are money in the reporting currency, in bulk as for one account', async () => {
    const made = await moneyBook();
    await pullSource(made, made.primary);
    await scoreAll(made, NOW);
    const setting = await settingAt(made, NOW);
    // More accounts than are read in full at first.
    for (let i = 0; i < 120; i++) {
      const stored = await made.store.latestScore(`A${i}`);
      expect(stored).not.toBeNull();
      const alone = await rescore(made, `A${i}`, setting);
      if ('why' in alone) throw new Error(alone.why);
      const texts = ({ contributions, reasons }: typeof alone) => ({
        reasons,
        lines: contributions.map((c) => c.text),
      });
      expect(stored && texts(stored.score)).toEqual(texts(alone));
    }
    const lines = async (id: string) => (await made.store.latestScore(id))?.score.contributions.map((c) => c.text);
    // Two dollars, or 200 yen, are a pound.
    expect(await lines('A0')).toEqual(['ARR £40k', 'Invoiced £0 in 90 days']);
    expect(await lines('A1')).toEqual(['ARR £30k→£20k since 26 Oct', 'Invoiced £12.5k in 90 days']);
    expect(await lines('A2')).toEqual(['ARR £1.2m', 'Invoiced £0.5 in 90 days']);
    // Never the minor units of an amount that could not be converted.
    expect(await lines('A3')).toEqual(['arr: no arr known', 'Invoiced £0 in 90 days']);
    expect((await made.store.latestScore('A1'))?.score.reasons.join(' ')).toContain('Invoiced £12.5k in 90 days');
  });
});
