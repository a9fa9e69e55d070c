import { describe, expect, it } from 'vitest';
import type { Page } from '../../src/contract/index.ts';
import type { Fact, FactKind } from '../../src/core/fact.ts';
import { judgeTexts, type TextJudge } from '../../src/pipeline/judge-texts.ts';
import { pullSource } from '../../src/pipeline/pull.ts';
import { memoryStore } from './book.ts';
import { deps, NOW, sourceOf } from './support.ts';

const DAY = 86_400_000;
const fact = (kind: FactKind, id: string, data: object, more: Partial<Fact> = {}): Fact =>
  ({ kind, id, account: 'A', at: NOW - DAY, knownAt: NOW - DAY, data, ...more }) as Fact;
const page = (facts: Fact[]): Page => ({ facts, rejects: [], cursor: {} });

/** The longer the better; a text with "!" is frustrated. Notes what it was asked. */
function byLength(): TextJudge & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    judge: async (texts) => {
      asked.push(...texts);
      return texts.map((t) => ({ sentiment: t.length, frustrated: t.includes('!') }));
    },
    notes: () => [],
  };
}

describe('judging the texts of a page', () => {
  it('sets sentiment and frustration beside the words of tickets, activities and survey answers', async () => {
    const { facts } = await judgeTexts(
      byLength(),
      page([
        fact('ticket', '1', { subject: 'Login', text: 'Still down!' }),
        fact('activity', '2', { type: 'note', text: 'A good call.' }),
        fact('survey', '3', { type: 'nps', score: 9, comment: 'Works' }),
      ]),
    );
    expect(facts.map((f) => f.data)).toEqual([
      { subject: 'Login', text: 'Still down!', sentiment: 11, frustrated: true },
      { type: 'note', text: 'A good call.', sentiment: 12, frustrated: false },
      { type: 'nps', score: 9, comment: 'Works', sentiment: 5, frustrated: false },
    ]);
  });

  it('asks about words only: not about facts without them, deletions, or what the source judged itself', async () => {
    const judge = byLength();
    const facts = [
      fact('ticket', '1', { subject: 'Login' }),
      fact('ticket', '2', { text: '  ' }),
      fact('ticket', '3', { text: 'gone' }, { deleted: true }),
      fact('ticket', '4', { text: 'judged elsewhere', sentiment: 12 }),
      fact('account', '5', { name: 'text' }),
    ];
    const given = page(facts);
    expect(await judgeTexts(judge, given)).toBe(given);
    expect(judge.asked).toEqual([]);
  });

  it('keeps facts in their order over many batches', async () => {
    const facts = Array.from({ length: 95 }, (_, n) =>
      fact('ticket', `${n}`, n % 3 === 0 ? {} : { text: 'x'.repeat(n) }),
    );
    const { facts: judged } = await judgeTexts(byLength(), page(facts));
    for (const [n, f] of judged.entries())
      expect([f.id, 'sentiment' in f.data ? f.data.sentiment : null]).toEqual([`${n}`, n % 3 === 0 ? null : n]);
  });
});

describe('what a pull stores of texts', () => {
  /** Pulls one page of one fact. */
  async function pulled(store: Awaited<ReturnType<typeof memoryStore>>, given: Fact, now: number) {
    const source = sourceOf({
      streams: () => ({
        all: {
          title: 'all',
          kinds: [given.kind],
          cursor: { safeParse: (data: unknown) => ({ success: true, data }) },
          mode: 'incremental',
          overlapMs: 0,
          schedule: '0 2 * * *',
          deletions: 'none',
        } as never,
      }),
      pull: async function* () {
        yield page([given]);
      },
    });
    const { streams } = await pullSource({ ...deps(), store, textJudge: byLength(), now: () => now }, source);
    return streams[0];
  }

  it('is stored once: the same text again changes nothing', async () => {
    const store = await memoryStore();
    const ticket = fact('ticket', '1', { text: 'Still down!', textExpiresAt: NOW + DAY });
    expect(await pulled(store, ticket, NOW)).toMatchObject({ stored: 1, unchanged: 0 });
    expect(await pulled(store, ticket, NOW)).toMatchObject({ stored: 0, unchanged: 1 });
  });

  it.each(['ticket', 'activity'] as const)(
    'outlives the words of a %s, also where it is told again without them',
    async (kind) => {
      const store = await memoryStore();
      const more = kind === 'activity' ? { type: 'note' } : { subject: 'Login' };
      await pulled(store, fact(kind, '1', { ...more, text: 'Still down!', textExpiresAt: NOW + DAY }), NOW);
      expect(await store.expireTexts(NOW)).toBe(0);
      expect(await store.expireTexts(NOW + DAY)).toBe(1);
      expect(await pulled(store, fact(kind, '1', more), NOW + 2 * DAY)).toMatchObject({
        stored: 0,
        unchanged: 1,
      });
    },
  );

  it('goes with words that were taken back before their time', async () => {
    const store = await memoryStore();
    await pulled(store, fact('ticket', '1', { text: 'Still down!', textExpiresAt: NOW + DAY }), NOW);
    expect(await pulled(store, fact('ticket', '1', { subject: 'x' }), NOW)).toMatchObject({ stored: 1 });
  });
});
