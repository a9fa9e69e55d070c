import { tableOf } from '../../../src/core/peers.ts';
import { type Case, daily } from './support.ts';

const shares = tableOf(Float64Array.of(10, 20, 30, 40, 50));
const tables = { 'five-dimension/usage-rank': { all: shares, segments: { '': shares } } };
const peers = { accounts: { '': 5 }, tables };

/** Signals that compare with last year, and with other accounts. */
export const COMPARED: Case[] = [
  {
    signal: 'usage-season',
    why: 'half of the same weeks a year before',
    facts: [...daily(392, 365, { activeUsers: 40 }), ...daily(28, 1, { activeUsers: 20 })],
    raw: -50,
    points: 15,
    text: 'Usage −50 % against the same weeks last year',
  },
  {
    signal: 'usage-season',
    why: 'not seen a year before',
    facts: daily(200, 1, { activeUsers: 20 }),
    raw: null,
    points: null,
    text: 'Usage against last year: no data of the same weeks a year before',
  },
  {
    signal: 'usage-rank',
    why: 'the middle of five',
    facts: daily(28, 1, { activeUsers: 15 }),
    input: { peers },
    raw: 30,
    points: 50,
    text: 'Active users 15 of 50 seats on a working day; better than 50 % of 5 accounts',
  },
  {
    signal: 'usage-rank',
    why: 'nobody to compare with',
    facts: daily(28, 1, { activeUsers: 15 }),
    raw: null,
    points: null,
    text: 'Active users among peers: only 0 accounts to compare with; 5 are needed',
  },
];
