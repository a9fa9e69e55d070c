import { describe, expect, it } from 'vitest';
import { seeded } from '../../src/core/backtest/random.ts';
import { calibrate } from '../../src/pipeline/calibrate.ts';
import { book, customer, pageOf } from './book.ts';

const NOW = Date.parse('2026-11-20T12:00:00Z');
const options = { dates: null, horizon: 90, outcome: 'churned', parts: 5, resamples: 100, seed: 1 };

/** What a calibration says of accounts whose one signal follows from whether they left, and from chance. */
async function said(accounts: number, signal: (left: boolean, random: () => number) => number): Promise<string[]> {
  const random = seeded(5);
  const facts = Array.from({ length: accounts }, (_, i) => {
    const left = random() < 0.25;
    const churned = i === 0 ? 'perhaps' : left ? 'yes' : 'no';
    return customer(`A${i}`, { a: Math.round(signal(left, random)), attributes: { churned } });
  });
  const made = await book();
  await made.store.commitPage('crm', 'all', pageOf(facts), NOW);
  const { calibration } = await calibrate(made, options);
  return calibration?.findings.map((f) => f.text) ?? [];
}

describe('a calibration', () => {
  it('says of its data what a backtest says: a column that very likely knows the outcome, and what nobody can read', async () => {
    const texts = await said(300, (left, random) => (left === random() < 0.95 ? 10 * random() : 90 + 10 * random()));
    expect(texts).toContainEqual(
      expect.stringMatching(/a signal very likely knows the outcome; look at a \(usage\.a\)/),
    );
    expect(texts).toContainEqual(expect.stringMatching(/^Of 1 account the outcome says something such as "perhaps"/));
  });

  it('names what is not monotone', async () => {
    const turned = (left: boolean, random: () => number) => {
      const x = 100 * random();
      return left === Math.abs(x - 50) > 30 || random() < 0.2 ? x : 50 + (x - 50) * 0.4;
    };
    expect(await said(1_000, turned)).toContainEqual(expect.stringMatching(/^a \(usage\.a\) is not monotone/));
  });

  it('says once that a signal knows the outcome', async () => {
    const texts = await said(300, (left) => (left ? 10 : 90));
    expect(texts.filter((text) => /a signal knows the outcome|^Left out/.test(text))).toEqual([
      expect.stringMatching(/^Left out, since it knows the outcome/),
    ]);
  });
});
