import { expect, it } from 'vitest';
import type { Fact } from '../../src/core/fact.ts';
import type { AccountScore } from '../../src/core/result.ts';
import { pullSource } from '../../src/pipeline/pull.ts';
import { rescore, settingOf } from '../../src/pipeline/rescore.ts';
import { scoreAll } from '../../src/pipeline/score.ts';
import { modelOf, reads, signal } from '../core/helpers.ts';
import { type Book, book, customer, DAY } from './book.ts';
import { NOW } from './support.ts';

const uses = { from: { kind: 'usage', metric: 'uses' }, using: 'sum', windowDays: 28 };
const MODEL = modelOf({
  dimensions: [
    {
      key: 'use',
      weight: 1,
      signals: [
        signal('rank', { ...uses, aggregation: 'sum', using: undefined, curve: { percentile: {} } }),
        signal('season', {
          ...uses,
          aggregation: 'trend',
          against: 'year before',
          curve: {
            linear: [
              [-50, 0],
              [50, 100],
            ],
          },
        }),
        signal('ramp', {
          ...uses,
          aggregation: 'sum',
          using: undefined,
          ramp: [
            [0, 50],
            [90, 400],
          ],
          curve: {
            linear: [
              [0, 0],
              [900, 100],
            ],
          },
        }),
        reads('a', 1),
      ],
    },
  ],
  contexts: { leave: { label: 'Leave', holds: ['rank', 'ramp'] } },
  shrinkage: { accounts: 50 },
  segments: { even: { signals: { ramp: { weight: 3 } } } },
});

const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
function factsOf(i: number): Fact[] {
  const id = `C${i}`;
  const began = NOW - (i % 9 === 0 ? 40 : 600) * DAY;
  const row = (kind: Fact['kind'], at: number, data: object): Fact =>
    ({ kind, id: kind === 'pulse' ? id : `${kind}-${id}-${at}`, account: id, at, knownAt: at, data }) as Fact;
  const days = Array.from({ length: 26 }, (_, n) => NOW - (2 + n * 17) * DAY).filter((at) => at >= began);
  return [
    customer(id, { a: i % 101, createdOn: dateOf(began), attributes: { Side: i % 2 ? 'odd' : 'even' } }, began),
    ...days.map((at, n) => row('usage', at, { feature: null, metrics: { uses: (i * 37 + n * n * 11) % 300 } })),
    ...(i % 7 === 0 ? [row('pulse', NOW - 20 * DAY, { context: 'leave' })] : []),
  ];
}

it('a book of accounts, most of them counted in the store, scores as each account does by itself from its rows', async () => {
  const accounts = Array.from({ length: 160 }, (_, i) => i);
  const made: Book = Object.assign(await book(accounts.flatMap(factsOf)), { model: MODEL });
  made.rules = { ...made.rules, segment: [{ key: 'even', when: { field: 'Side', is: 'even' } }] };
  await pullSource(made, made.primary);
  const scores: AccountScore[] = [];
  await scoreAll(made, NOW, (found) => {
    scores.push(...found);
  });
  expect(scores).toHaveLength(160);
  expect(scores.filter((s) => s.held?.length)).toHaveLength(23);
  expect(scores.filter((s) => s.lifecycle === 'onboarding')).toHaveLength(18);
  const [first] = scores;
  if (!first) throw new Error('nothing was scored');
  const setting = await settingOf(made, first);
  const withoutEvidence = (score: AccountScore) => ({
    ...score,
    contributions: score.contributions.map((c) => ({ ...c, evidence: [] })),
  });
  for (const score of scores) {
    const again = await rescore(made, score.account, setting);
    if ('why' in again) throw new Error(`${score.account}: ${again.why}`);
    expect(withoutEvidence(again)).toEqual(withoutEvidence(score));
    expect(again.contributions.reduce((sum, c) => sum + c.points, 0)).toBe(again.points);
  }
});
