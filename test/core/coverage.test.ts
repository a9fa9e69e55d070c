import { describe, expect, test } from 'vitest';
import { type CoverageInput, coverageOf, LoggingUsersBuilder } from '../../src/core/coverage.ts';
import type { FactOf, StoredFact } from '../../src/core/fact.ts';
import { account, daysAgo, fact, inputOf, NOON } from './helpers.ts';

const nobody = { activity: new Set<string>(), email: new Set<string>() };
const cover = (facts: StoredFact[], more: Partial<CoverageInput> = {}) =>
  coverageOf({ view: inputOf(facts).view, logging: nobody, carriers: {}, ...more });
const activity = (ago: number, type: 'call' | 'email', userId = 'U1') =>
  fact('activity', daysAgo(ago), { type, userId });

describe('coverageOf', () => {
  test('activity: own records within a year, or an owner who demonstrably logs', () => {
    expect(cover([account()]).gaps).toMatchObject({
      activity: 'the owner logs no activity in the CRM',
      email: 'e-mail is not synced to the CRM for this owner',
    });
    expect(cover([account({ ownerId: null })]).gaps.activity).toBe(
      'no activity is logged and the account has no owner',
    );
    expect(cover([account(), activity(300, 'call')]).gaps).toMatchObject({
      activity: null,
      email: 'e-mail is not synced to the CRM for this owner',
    });
    expect(cover([account(), activity(366, 'call')]).gaps.activity).not.toBeNull();
    const logs = { activity: new Set(['U1']), email: new Set<string>() };
    expect(cover([account()], { logging: logs }).gaps).toMatchObject({ activity: null, email: expect.any(String) });
    const mails = { activity: new Set<string>(), email: new Set(['U1']) };
    expect(cover([account()], { logging: mails }).gaps).toMatchObject({ activity: null, email: null });
    expect(cover([account(), activity(10, 'email', 'U9')]).gaps.email).toBeNull();
  });

  test('usage: a row of this account was seen', () => {
    expect(cover([account()]).gaps.usage).toBe('no source carries usage');
    expect(cover([account()], { carriers: { usage: ['product'] } }).gaps.usage).toBe(
      'no usage source is matched to this account',
    );
    expect(cover([account()], { carriers: { usage: ['crm'] } }).gaps.usage).toBe(
      'no usage was ever seen for this account',
    );
    expect(cover([account(), fact('usage', daysAgo(200), { metrics: {} })]).gaps.usage).toBeNull();
  });

  test('tickets and invoices: a source that carries them is matched', () => {
    expect(cover([account()]).gaps.tickets).toBe('no source carries tickets');
    expect(cover([account()], { carriers: { ticket: ['desk'] } }).gaps.tickets).toBe(
      'no source of tickets is matched to this account',
    );
    const own = cover([account()], { carriers: { ticket: ['desk', 'crm'], invoice: ['crm'] } });
    expect(own.gaps).toMatchObject({ tickets: null, invoices: null });
    expect(own.sources).toEqual({ ticket: ['crm'], invoice: ['crm'] });
  });

  test('contacts that tell neither title nor role tell nothing', () => {
    expect(cover([account()]).gaps.contacts).toBe('no contacts on record');
    expect(cover([account(), fact('contact', daysAgo(9), { name: 'x' })]).gaps.contacts).toBe(
      'no contact has a title or role',
    );
    expect(cover([account(), fact('contact', daysAgo(9), { title: 'Analyst' })]).gaps.contacts).toBeNull();
  });
});

test('LoggingUsersBuilder takes the year before T, e-mail apart from the rest', () => {
  const users = new LoggingUsersBuilder();
  for (const [ago, type, user] of [
    [10, 'call', 'a'],
    [10, 'email', 'b'],
    [400, 'call', 'old'],
    [-2, 'call', 'future'],
  ] as const)
    users.add(activity(ago, type, user) as FactOf<'activity'>, NOON);
  expect([[...users.activity], [...users.email]]).toEqual([['a'], ['b']]);
});
