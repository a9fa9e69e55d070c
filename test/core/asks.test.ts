import { expect, test } from 'vitest';
import { Asks, askKey } from '../../src/core/asks.ts';
import type { Term } from '../../src/core/measure.ts';

const tickets: Term = { kind: 'ticket', where: { field: 'severe', is: true } };

test('what several accounts ask for is learned, for each day by days before it; what one alone asks for is not', () => {
  const asks = new Asks();
  for (const today of [100, 100, 70]) {
    const account = asks.recorder(today);
    expect(account.figure(tickets, 'count', { from: today - 28, to: today })).toBeUndefined();
    account.figure(tickets, 'count', { from: today - 28, to: today });
    account.figure({ ...tickets }, 'count', null);
  }
  asks.recorder(100).figure(tickets, 'sum', { from: 83, to: 100 });
  expect(asks.list).toEqual([
    { term: tickets, using: 'count', window: { from: -28, to: 0 }, today: 100 },
    { term: tickets, using: 'count', window: null, today: 100 },
  ]);
});

test('asking twice for one account is one asking', () => {
  const asks = new Asks();
  const account = asks.recorder(1);
  account.figure(tickets, 'count', null);
  account.figure(tickets, 'count', null);
  expect(asks.list).toEqual([]);
});

test('never more than some hundreds', () => {
  const asks = new Asks();
  for (let round = 0; round < 2; round++)
    for (let days = 1; days < 1_000; days++) asks.recorder(0).figure(tickets, 'count', { from: -days, to: 0 });
  expect(asks.list).toHaveLength(400);
});

test('terms that say the same have one key, aggregations have their own', () => {
  expect(askKey({ kind: 'usage', metric: 'uses' }, 'sum')).toBe(askKey({ kind: 'usage', metric: 'uses' }, 'sum'));
  expect(askKey(tickets, 'count')).not.toBe(askKey(tickets, 'distinct'));
  expect(askKey(tickets, 'count')).not.toBe(askKey({ ...tickets, date: 'solvedAt' }, 'count'));
});
