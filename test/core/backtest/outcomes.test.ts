import { describe, expect, it } from 'vitest';
import { defaultDays } from '../../../src/core/backtest/dates.ts';
import { OUTCOMES, type Story, type StoryContext } from '../../../src/core/backtest/outcome.ts';
import { subscriptionStory } from '../../../src/core/backtest/outcome-churn.ts';
import { ColumnSeen, columnStory } from '../../../src/core/backtest/outcome-column.ts';
import { inactivityStory } from '../../../src/core/backtest/outcome-inactive.ts';
import { renewalStory } from '../../../src/core/backtest/outcome-renewal.ts';
import { Outcomes } from '../../../src/core/backtest/outcomes.ts';
import { dateOf, dayOf } from '../../../src/core/days.ts';
import type { AccountFacts, FactData, FactKind, StoredFact } from '../../../src/core/fact.ts';

const context: StoryContext = { primary: 'crm', end: dayOf('2026-10-31'), today: dayOf('2026-11-25'), horizon: 90 };
const ms = (date: string): number => Date.parse(`${date}T12:00:00Z`);

function fact<K extends FactKind>(kind: K, id: string, on: string, data: FactData<K> | null): StoredFact {
  const deleted = data === null ? { deleted: true } : {};
  return {
    kind,
    id,
    account: 'A',
    at: ms(on),
    knownAt: ms(on),
    source: 'crm',
    data: data ?? {},
    ...deleted,
  } as StoredFact;
}
const of = (...facts: StoredFact[]): AccountFacts => ({
  account: 'A',
  facts: facts.toSorted((a, b) => a.at - b.at),
  sources: ['crm'],
});
const at = (story: Story, date: string, horizon = 90): string => {
  const day = dayOf(date);
  return OUTCOMES[story.at({ at: Date.parse(`${date}T23:59:59.999Z`), day, until: day + horizon })];
};
const gbp = (pounds: number) => ({ minor: pounds * 100, currency: 'GBP' });

describe('renewal', () => {
  const open = { renewal: true, closed: false, closeOn: '2026-05-01', amount: gbp(1000) };
  const closed = (won: boolean, amount = 1000) => ({ ...open, closed: true, won, amount: gbp(amount) });
  const record = fact('account', 'A', '2025-01-01', { arr: gbp(1000) });
  const story = (...facts: StoredFact[]): Story => renewalStory(of(record, ...facts), context);
  const opened = fact('opportunity', 'O', '2026-01-10', open);

  it.each([
    ['lost', closed(false), 'lost'],
    ['won for as much', closed(true), 'kept'],
    ['won for a little less', closed(true, 960), 'kept'],
    ['won for less', closed(true, 900), 'contracted'],
    ['won for more', closed(true, 1100), 'expanded'],
  ])('%s', (_, end, expected) => {
    const told = story(opened, fact('opportunity', 'O', '2026-04-28', end));
    expect(at(told, '2026-03-31')).toBe(expected);
    expect(told.left).toBe(expected === 'lost' ? dayOf('2026-05-01') : null);
    // Its horizon ends before, or it begins after: nothing falls due.
    expect(at(told, '2026-01-31', 60)).toBe('not concerned');
    expect(at(told, '2026-05-01')).toBe('not concerned');
    const day = dayOf('2026-03-31');
    const near = { at: Date.parse('2026-03-31T23:59:59.999Z'), day, until: day + 90 };
    expect(told.dueIn?.(near)).toBe(31);
    expect(told.dueIn?.({ ...near, until: day + 30 })).toBeNull();
    expect(story(opened).dueIn?.(near)).toBeNull();
  });

  it('is open while nobody closed it, and left out where it was closed before the date', () => {
    expect(at(story(opened), '2026-03-31')).toBe('open');
    expect(at(story(fact('opportunity', 'O', '2026-03-20', closed(false))), '2026-03-31')).toBe('not concerned');
  });
  it('knows an account without an ARR by the renewal before', () => {
    const before = fact('opportunity', 'P', '2025-05-01', { ...closed(true, 2000), closeOn: '2025-05-01' });
    const facts = of(before, opened, fact('opportunity', 'O', '2026-04-28', closed(true)));
    expect(at(renewalStory(facts, context), '2026-03-31')).toBe('contracted');
  });
  it('compares no amounts of two currencies, and counts no deal that is no renewal', () => {
    const euros = { ...closed(true), amount: { minor: 1, currency: 'EUR' } };
    expect(at(story(fact('opportunity', 'O', '2026-04-28', euros)), '2026-03-31')).toBe('kept');
    const other = { ...closed(false), renewal: false };
    expect(at(story(fact('opportunity', 'O', '2026-04-28', other)), '2026-03-31')).toBe('not concerned');
  });
});

describe('subscriptions', () => {
  const run = (id: string, startOn: string, endOn: string | null, trial = false): StoredFact =>
    fact('subscription', id, startOn, { startOn, endOn, trial });
  it('ends with the last of them', () => {
    const story = subscriptionStory(
      of(run('1', '2025-01-01', '2026-02-01'), run('2', '2025-06-01', '2026-05-01')),
      context,
    );
    expect(story.left).toBe(dayOf('2026-05-01'));
    expect(at(story, '2025-12-31')).toBe('kept');
    expect(at(story, '2026-03-31')).toBe('lost');
    expect(at(story, '2026-06-30')).toBe('gone');
    expect(at(story, '2024-12-31')).toBe('not concerned');
  });
  it('goes on where the next one begins, or the term ends only after the data', () => {
    const next = subscriptionStory(of(run('1', '2025-01-01', '2026-05-01'), run('2', '2026-05-01', null)), context);
    expect(at(next, '2026-03-31')).toBe('kept');
    const term = subscriptionStory(of(run('1', '2025-01-01', '2026-12-31')), context);
    expect(at(term, '2026-10-31')).toBe('kept');
  });
  it('is over where its record is deleted; a trial is none', () => {
    const gone = subscriptionStory(
      of(run('1', '2025-01-01', null), fact('subscription', '1', '2026-05-01', null)),
      context,
    );
    expect(at(gone, '2026-03-31')).toBe('lost');
    expect(at(subscriptionStory(of(run('1', '2026-01-01', '2026-05-01', true)), context), '2026-03-31')).toBe(
      'not concerned',
    );
  });
});

describe('inactivity', () => {
  const used = (on: string, metrics: Record<string, number> = { uses: 1 }): StoredFact =>
    ({ ...fact('usage', 'u', on, { metrics }), at: Date.parse(`${on}T00:00:00Z`) }) as StoredFact;
  it('loses who was active before and is not within the horizon', () => {
    const story = inactivityStory(of(used('2026-01-10'), used('2026-05-01')), context);
    expect(at(story, '2026-01-31', 89)).toBe('lost');
    expect(at(story, '2026-01-31', 90)).toBe('kept');
    expect(at(story, '2026-01-09')).toBe('not concerned');
    expect(at(story, '2026-05-01')).toBe('lost');
    expect(at(story, '2026-07-30')).toBe('not concerned');
    expect(story.left).toBe(dayOf('2026-05-01'));
  });
  it('counts a day of nothing, or of what an account merely has, as no activity', () => {
    const idle = inactivityStory(of(used('2026-01-10'), used('2026-03-01', { uses: 0, seats: 50 })), context);
    expect(at(idle, '2026-01-31')).toBe('lost');
  });
  it('does not say that somebody left before the horizon is over', () => {
    expect(inactivityStory(of(used('2026-09-01')), context).left).toBeNull();
  });
});

describe('a column', () => {
  const record = (on: string, value: string | number | boolean | null): StoredFact =>
    fact('account', 'A', on, { attributes: { churn: value } });
  const told = (...facts: StoredFact[]) => {
    const seen = new ColumnSeen();
    return { seen, story: columnStory('churn', seen, of(...facts), context) };
  };
  it.each([
    ['yes', 'lost'],
    ['TRUE', 'lost'],
    [1, 'lost'],
    [true, 'lost'],
    ['No', 'kept'],
    ['0', 'kept'],
    [false, 'kept'],
    [null, 'empty'],
    ['', 'empty'],
    ['maybe', 'not concerned'],
  ])('of labels: %s is %s', (value, expected) => {
    expect(at(told(record('2026-01-01', value)).story, '2026-03-31')).toBe(expected);
  });
  it('of labels with a history says when', () => {
    const { story, seen } = told(record('2026-01-01', 'no'), record('2026-05-01', 'yes'));
    expect(seen).toMatchObject({ history: true, snapshot: false });
    expect(story.left).toBe(dayOf('2026-05-01'));
    expect(at(story, '2026-01-15')).toBe('kept');
    expect(at(story, '2026-03-31')).toBe('lost');
    expect(at(story, '2026-06-30')).toBe('gone');
  });
  it('of dates', () => {
    const { story, seen } = told(record('2026-01-01', '2026-05-01'));
    expect(seen.dated).toBe(true);
    expect(at(story, '2026-03-31')).toBe('lost');
    expect(at(story, '2026-01-15')).toBe('kept');
    expect(at(story, '2026-05-01')).toBe('gone');
    expect(at(told(record('2026-01-01', '2026-05-01T10:00:00Z')).story, '2026-03-31')).toBe('lost');
    expect(told(record('2026-01-01', '2026-02-30')).seen).toMatchObject({ unread: 1, example: '2026-02-30' });
  });
});

describe('the table of outcomes', () => {
  it('keeps any number of accounts, knows who was deleted since, and fills empty cells of dates', () => {
    const moments = [0, 30].map((day) => ({ at: day, day, until: day + 90 }));
    const outcomes = new Outcomes(moments);
    for (let i = 0; i < 1000; i++)
      outcomes.add({ left: i === 700 ? 20 : null, at: ({ day }) => (i === 700 && day === 0 ? 2 : i % 2 ? 8 : 1) });
    expect([outcomes.of(700, 0), outcomes.of(700, 1), outcomes.of(701, 1), outcomes.of(1000, 0)]).toEqual([2, 1, 8, 7]);
    expect([outcomes.daysLeft(700, 0), outcomes.daysLeft(700, 1), outcomes.daysLeft(5, 0)]).toEqual([20, null, null]);
    expect(outcomes.dueIn(700, 0)).toBeNull();
    expect(outcomes.counted(new Set([0]))).toEqual({ observed: 500, lost: 1 });
    outcomes.fillEmpty();
    expect(outcomes.counted(new Set([0]))).toEqual({ observed: 1000, lost: 1 });
  });
});

describe('the table of days of decision', () => {
  it('keeps them of any number of accounts', () => {
    const outcomes = new Outcomes([0, 30].map((day) => ({ at: day, day, until: day + 90 })));
    for (let i = 0; i < 1000; i++)
      outcomes.add({ left: null, at: () => 1, dueIn: ({ day }) => (i % 100 > day ? (i % 100) - day : null) });
    const told = [outcomes.dueIn(5, 0), outcomes.dueIn(5, 1), outcomes.dueIn(999, 1), outcomes.dueIn(1000, 0)];
    expect(told).toEqual([5, null, 69, null]);
  });
});

describe('the dates by default', () => {
  const days = (from: string, to: string): string[] => defaultDays(dayOf(from), dayOf(to), 90).map(dateOf);
  it('are month ends with 90 days before them and a horizon after them, at most twelve', () => {
    expect(days('2010-12-01', '2011-12-09')).toEqual([
      '2011-03-31',
      '2011-04-30',
      '2011-05-31',
      '2011-06-30',
      '2011-07-31',
      '2011-08-31',
    ]);
    expect(days('2020-01-01', '2026-11-25')).toHaveLength(12);
  });
  it('are the nearest day there is where the data are short', () => {
    expect(days('2026-01-01', '2026-05-01')).toEqual(['2026-01-31']);
    expect(days('2026-01-01', '2026-02-01')).toEqual(['2026-02-01']);
  });
});
