import { describe, expect, it } from 'vitest';
import { freshStore, type Open, T } from './helpers.ts';

/** What was made of texts, and a day's budget for it. */
export function judgementSuite(open: Open): void {
  const fresh = freshStore(open);
  const of = (hash: string, sentiment: number | null, frustrated: boolean | null) => ({ hash, sentiment, frustrated });

  describe('judgements', () => {
    it('are kept by judge and hash, the first for good, each workspace its own', async () => {
      await fresh.ws.keepJudgements('m1', [of('a', 10, true), of('b', null, null), of('c', 0, false)], T);
      await fresh.ws.keepJudgements('m1', [of('a', 90, false)], T + 1);
      await fresh.ws.keepJudgements('m1', [], T + 1);
      expect(await fresh.ws.judgements('m1', ['a', 'b', 'c', 'd'])).toEqual(
        new Map([
          ['a', { sentiment: 10, frustrated: true }],
          ['b', { sentiment: null, frustrated: null }],
          ['c', { sentiment: 0, frustrated: false }],
        ]),
      );
      expect((await fresh.ws.judgements('m2', ['a'])).size).toBe(0);
      expect((await (await fresh.store.workspace('other')).judgements('m1', ['a'])).size).toBe(0);
    });

    it('are found among many', async () => {
      const rows = Array.from({ length: 450 }, (_, n) => of(`h${n}`, n % 101, n % 2 === 0));
      await fresh.ws.keepJudgements('many', rows, T);
      const found = await fresh.ws.judgements(
        'many',
        rows.map((r) => r.hash),
      );
      expect(found.size).toBe(450);
      expect(found.get('h449')).toEqual({ sentiment: 449 % 101, frustrated: false });
    });

    it('take no more out of a day than its budget holds', async () => {
      expect(await fresh.ws.takeJudging(5, 7, 10)).toBe(7);
      expect(await fresh.ws.takeJudging(5, 7, 10)).toBe(3);
      expect(await fresh.ws.takeJudging(5, 1, 10)).toBe(0);
      expect(await fresh.ws.takeJudging(5, 1, 4)).toBe(0); // a smaller one, set since
      expect(await fresh.ws.takeJudging(5, 9, 12)).toBe(2); // a larger one
      expect(await fresh.ws.takeJudging(6, 4, 10)).toBe(4);
    });

    it('take out of a day what several ask for at once', async () => {
      const taken = await Promise.all(Array.from({ length: 8 }, () => fresh.ws.takeJudging(7, 3, 10)));
      expect(taken.reduce((sum, n) => sum + n, 0)).toBe(10);
    });
  });
}
