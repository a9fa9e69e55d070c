import { account, daysAgo, fact } from '../helpers.ts';
import { type Case, daily, gap, on, used } from './support.ts';

const invoice = (paidLate: number | null, more = {}) =>
  fact('invoice', daysAgo(120), {
    issuedOn: on(120),
    dueOn: on(90),
    paidOn: paidLate === null ? null : on(90 - paidLate),
    ...more,
  });
const plan = (ago: number, major: number, more = {}) =>
  fact(
    'subscription',
    daysAgo(ago),
    { mrr: { minor: major * 100, currency: 'GBP' }, startOn: '2024-01-01', ...more },
    { id: 'sub' },
  );
const seats = (ago: number, n: number) =>
  fact('subscription', daysAgo(ago), { seats: n, startOn: '2024-01-01' }, { id: 'sub' });

/** See support.ts. */
export const BILLING: Case[] = [
  {
    signal: 'on-time-payments',
    why: 'three of four',
    facts: [invoice(-3), invoice(0), invoice(-1), invoice(4)],
    raw: 75,
    points: 60,
  },
  {
    signal: 'on-time-payments',
    why: 'not due yet',
    facts: [invoice(null, { dueOn: on(-5) })],
    raw: null,
    points: null,
  },
  { signal: 'arr-growth', why: '100 to 110', facts: [plan(700, 100), plan(60, 110)], raw: 10, points: 85 },
  { signal: 'arr-growth', why: 'not told', facts: [], raw: null, points: null },
  { signal: 'failed-payments', why: 'one', facts: [invoice(3, { failedPayments: 1 })], raw: 1, points: 70 },
  { signal: 'failed-payments', why: 'not told', facts: [invoice(3)], raw: null, points: null },
  {
    signal: 'utilization',
    why: '30 of 50',
    facts: [seats(400, 50), ...daily(90, 1, { activeUsers: 30 })],
    raw: 60,
    points: 90,
  },
  { signal: 'utilization', why: 'no plan', facts: daily(90, 1, { activeUsers: 30 }), raw: null, points: null },
  {
    signal: 'days-to-renewal',
    why: '90 days',
    facts: [],
    input: { renewal: { on: '2027-02-23', daysAway: 90, arr: null, source: 'account field' } },
    raw: 90,
    points: 70,
  },
  { signal: 'days-to-renewal', why: 'not known', facts: [], raw: null, points: null },
  {
    signal: 'plan-changes',
    why: 'an upgrade within the year; an older one does not count',
    facts: [plan(700, 100), plan(400, 120), plan(200, 150)],
    raw: 1,
    points: 100,
  },
  { signal: 'plan-changes', why: 'a downgrade', facts: [plan(700, 100), plan(364, 80)], raw: -1, points: 0 },
  { signal: 'plan-changes', why: 'a year ago is outside', facts: [plan(700, 100), plan(365, 80)], raw: 0, points: 70 },
  {
    signal: 'plan-changes',
    why: 'up and down again',
    facts: [plan(700, 100), plan(200, 150), plan(100, 100)],
    raw: 0,
    points: 70,
  },
  {
    signal: 'plan-changes',
    why: 'by seats where no amount is told',
    facts: [seats(300, 10), seats(100, 8)],
    raw: -1,
    points: 0,
  },
  {
    signal: 'plan-changes',
    why: 'what a version leaves out stays',
    facts: [plan(300, 100), seats(200, 5), plan(100, 90)],
    raw: -1,
    points: 0,
  },
  {
    signal: 'plan-changes',
    why: 'the end of a trial is no upgrade',
    facts: [plan(200, 0, { trial: true }), plan(100, 50)],
    raw: 0,
    points: 70,
  },
  {
    signal: 'plan-changes',
    why: 'not covered',
    facts: [account()],
    input: gap('subscriptions'),
    raw: null,
    points: null,
  },
  {
    signal: 'expansions',
    why: 'one',
    facts: [fact('opportunity', daysAgo(90), { type: 'Upsell', won: true, closed: true, closeOn: on(90) })],
    raw: 1,
    points: 100,
  },
  {
    signal: 'expansions',
    why: 'one that was lost, one long ago',
    facts: [
      fact('opportunity', daysAgo(90), { type: 'Upsell', won: false, closed: true, closeOn: on(90) }),
      fact('opportunity', daysAgo(90), { type: 'Upsell', won: true, closed: true, closeOn: on(366) }),
    ],
    raw: 0,
    points: 60,
  },
  { signal: 'plan-limit', why: '90 of 100', facts: [used(5, { planUse: 90, planLimit: 100 })], raw: 90, points: 95 },
  {
    signal: 'plan-limit',
    why: 'over the limit',
    facts: [used(5, { planUse: 140, planLimit: 100 })],
    raw: 140,
    points: 70,
  },
  {
    signal: 'plan-limit',
    why: 'a limit of zero is impossible',
    facts: [used(5, { planUse: 90, planLimit: 0 })],
    raw: null,
    points: null,
    text: /impossible value: planLimit 0/,
  },
];
