import { describe, expect, it } from 'vitest';
import type { Fact } from '../../src/core/fact.ts';
import { type Model, modelHash } from '../../src/core/model.ts';
import type { PeersSummary } from '../../src/core/peers.ts';
import { type AccountScore, POINT } from '../../src/core/result.ts';
import { AccountRules } from '../../src/core/rules.ts';
import { changeBetween } from '../../src/pipeline/change.ts';
import { withPeers } from '../../src/pipeline/peers.ts';
import { pullSource } from '../../src/pipeline/pull.ts';
import { rescore, settingOf } from '../../src/pipeline/rescore.ts';
import { scoreAll } from '../../src/pipeline/score.ts';
import { settingAt } from '../../src/pipeline/setting.ts';
import { modelOf, reads, signal } from '../core/helpers.ts';
import { type Book, book, customer, DAY } from './book.ts';
import { NOW } from './support.ts';

const RANKED = modelOf({
  dimensions: [
    {
      key: 'rank',
      weight: 1,
      signals: [
        reads('a', 1, { curve: { percentile: { within: 'segment' } } }),
        signal('uses', {
          from: { kind: 'usage', metric: 'uses' },
          aggregation: 'sum',
          windowDays: 28,
          curve: { percentile: { within: 'all' } },
        }),
      ],
    },
  ],
});
const SEGMENTS = AccountRules.parse({
  population: { field: 'Type', is: 'Customer' },
  segment: [
    { key: 'smb', when: { field: 'Size', is: 'small' } },
    { key: 'big', when: { field: 'Size', is: 'large' } },
  ],
});

const used = (account: string, uses: number, at = NOW - 3 * DAY): Fact => ({
  kind: 'usage',
  id: `use-${account}`,
  account,
  at: Math.floor(at / DAY) * DAY,
  knownAt: at,
  data: { feature: null, metrics: { uses } },
});
const small = (id: string, a: number, Size = 'small'): Fact => customer(id, { a, attributes: { Size } });

/** Six small customers, two large ones, and a prospect whom nobody is compared with. */
const FACTS: Fact[] = [
  ...[10, 20, 30, 40, 50, 60].flatMap((a, i) => [small(`S${i}`, a), used(`S${i}`, 100 * i)]),
  ...[70, 80].flatMap((a, i) => [small(`L${i}`, a, 'large'), used(`L${i}`, 1000)]),
  customer('P', { a: 1000, attributes: { Type: 'Prospect', Size: 'small' } }),
  used('P', 5000),
];

async function ranked(facts = FACTS, model: Model = RANKED) {
  const made: Book = Object.assign(await book(facts), { model, rules: SEGMENTS });
  await pullSource(made, made.primary);
  const scores = new Map<string, AccountScore>();
  const score = async (at: number) => {
    const { summary } = await scoreAll(made, at, (found) => {
      for (const s of found) scores.set(s.account, s);
    });
    return summary;
  };
  return { made, scores, summary: await score(NOW), score };
}
const worthOf = (score: AccountScore | undefined, key: string): number | null =>
  score?.contributions.find((c) => c.signal === key)?.value ?? null;

describe('scoring among peers', () => {
  it('ranks the population as of the day, within a segment that is large enough, else among all', async () => {
    const { scores, made } = await ranked();
    expect([0, 2, 5].map((i) => worthOf(scores.get(`S${i}`), 'a'))).toEqual([83_333, 416_667, 916_667]);
    expect(worthOf(scores.get('L1'), 'a')).toBe(937_500); // two are too few: seventh and eighth of eight
    expect(worthOf(scores.get('L1'), 'uses')).toBe(87.5 * POINT);
    const kept = (await made.store.keptSetting(modelHash(RANKED), NOW)) as { peers: PeersSummary };
    expect(kept.peers.accounts).toEqual({ big: 2, smb: 6 });
  });

  it('scores one account again with the peers of then, to the last digit, whatever came since', async () => {
    const { scores, made } = await ranked();
    const stored = scores.get('S3');
    if (!stored) throw new Error('S3 was not scored');
    made.next = ['N0', 'N1', 'N2'].flatMap((id) => [small(id, 35), used(id, 250)]);
    await pullSource(made, made.primary);
    const again = await rescore(made, 'S3', await settingOf(made, stored));
    expect(again).toMatchObject({ points: stored.points, change30: stored.change30, reasons: stored.reasons });
    const anew = await rescore(made, 'S3', await withPeers(made, await settingAt(made, NOW)));
    expect('points' in anew && anew.points).not.toBe(stored.points);
  });

  it('ranks what was 30 days ago among what was then', async () => {
    const then = NOW - 200 * DAY;
    // All fall by 40 and keep their places: nothing changed among them.
    const facts = [0, 1, 2, 3, 4].flatMap((i) => [
      customer(`S${i}`, { a: 50 + i, attributes: { Size: 'small' } }, then),
      customer(`S${i}`, { a: 10 + i, attributes: { Size: 'small' } }, NOW - 5 * DAY),
    ]);
    const alone = reads('a', 1, { curve: { percentile: {} } });
    const { scores } = await ranked(facts, modelOf({ dimensions: [{ key: 'rank', weight: 1, signals: [alone] }] }));
    expect([...scores.values()].map((s) => [s.score, s.trend, s.change30])).toEqual(
      [10, 30, 50, 70, 90].map((score) => [score, 'stable', 0]),
    );
  });

  it('tells what peers did to a score apart from what the account did, to the last digit', async () => {
    const { scores, made, score } = await ranked();
    const from = scores.get('S2');
    // The others use more; S2 itself changes nothing.
    made.next = [3, 4, 5, 0, 1]
      .map((i) => small(`S${i}`, 90))
      .map((f) => ({ ...f, at: NOW + DAY, knownAt: NOW + DAY }));
    made.at(NOW + 2 * DAY);
    await pullSource(made, made.primary);
    await score(NOW + 2 * DAY);
    const to = scores.get('S2');
    if (!from || !to) throw new Error('S2 was not scored');
    const { sum, effects } = await changeBetween(made, { score: from, worked: null }, { score: to, worked: null });
    expect(sum).toBe((to.points ?? 0) - (from.points ?? 0));
    expect([effects.model.total, effects.missing.total, effects.data.total]).toEqual([0, 0, 0]);
    expect(effects.peers.total).toBe(sum);
    expect(sum).toBe(Math.round((8.3333 - 41.6667) * POINT) / 2);
    expect(effects.peers.lines[0]?.text).toBe('a: among its peers 8 instead of 42 of 100');
  });

  it('tells a signal that a new model ranks as what the model did', async () => {
    const plain = modelOf({ dimensions: [{ key: 'rank', weight: 1, signals: [reads('a', 1)] }] });
    const { scores, made } = await ranked(FACTS, plain);
    const from = scores.get('S2');
    Object.assign(made, { model: RANKED });
    made.at(NOW + DAY);
    await scoreAll(made, NOW + DAY, (found) => {
      for (const s of found) scores.set(s.account, s);
    });
    const to = scores.get('S2');
    if (!from || !to) throw new Error('S2 was not scored');
    const { sum, effects } = await changeBetween(made, { score: from, worked: null }, { score: to, worked: null });
    expect(sum).toBe((to.points ?? 0) - (from.points ?? 0));
    expect([effects.model.total, effects.peers.total]).toEqual([sum, 0]);
  });

  it('shrinks segments by the number of their customers, which takes no look at their facts', async () => {
    const model = modelOf({
      dimensions: [
        { key: 'x', weight: 50, signals: [reads('a', 1)] },
        { key: 'y', weight: 50, signals: [reads('score', 1)] },
      ],
      segments: { smb: { weights: { x: 100, y: 0 } } },
      shrinkage: { accounts: 2 },
    });
    const facts = [0, 1, 2, 3, 4, 5].map((i) => customer(`S${i}`, { a: 80, attributes: { Size: 'small', score: 0 } }));
    const { scores } = await ranked(facts, model);
    // 6 of 8 its own: 87.5 and 12.5
    expect(scores.get('S0')?.points).toBe(70 * POINT);
    expect(scores.get('S0')?.dimensions.map((d) => d.weight)).toEqual([0.875, 0.125]);
  });

  it('counts families that are scored as one once', async () => {
    const rules = AccountRules.parse({ ...SEGMENTS, hierarchy: { score: 'top' } });
    const made: Book = Object.assign(await book(FACTS.map(childOf('S0', 'S1', 'S2'))), { model: RANKED, rules });
    await pullSource(made, made.primary);
    const setting = await withPeers(made, await settingAt(made, NOW));
    expect(setting.peers?.accounts).toEqual({ big: 2, smb: 4 });
    expect((await scoreAll(made, NOW)).summary.accounts).toBe(6);
  });
});

const childOf =
  (parent: string, ...children: string[]) =>
  (fact: Fact): Fact =>
    fact.kind === 'account' && children.includes(fact.id)
      ? { ...fact, data: { ...fact.data, parentId: fact.id === parent ? null : parent } }
      : fact;

describe('a segment with a whole model of its own', () => {
  const general = modelOf({ name: 'general', dimensions: [{ key: 'd', weight: 1, signals: [reads('a', 1)] }] });
  const own = modelOf({
    name: 'for-smb',
    version: 3,
    bands: [
      { key: 'gold', from: 55 },
      { key: 'lead', from: 0 },
    ],
    dimensions: [{ key: 'own', weight: 1, signals: [reads('a', 1, { curve: { percentile: { within: 'all' } } })] }],
  });
  const model: Model = { ...general, segments: { smb: { model: own } } };

  it('is scored by it, told by both names, and ranked among its own', async () => {
    const { scores, summary } = await ranked(FACTS, model);
    expect(scores.get('L0')).toMatchObject({ model: 'general 1', score: 70, band: 'yellow' });
    expect(scores.get('S3')).toMatchObject({ model: 'general 1, for-smb 3', points: 583_333, band: 'gold' });
    expect(scores.get('S3')?.dimensions.map((d) => d.dimension)).toEqual(['own']);
    expect(summary.bands).toEqual({ green: 1, yellow: 1, red: 0, gold: 3, lead: 3 });
    expect(summary.atRisk.map((r) => r.band)).toEqual(['lead', 'lead', 'lead', 'yellow']);
  });

  it('is part of what the model is known by', () => {
    const other: Model = { ...general, segments: { smb: { model: { ...own, version: 4 } } } };
    expect(modelHash(other)).not.toBe(modelHash(model));
  });
});
