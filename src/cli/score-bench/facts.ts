import { DAY_MS } from '../../core/days.ts';
import type { Fact, FactData, FactKind } from '../../core/fact.ts';

/** Facts of one invented customer, by the source that would tell them. */
export type BySource = Record<'crm' | 'product' | 'desk' | 'billing', Fact[]>;
export const SOURCES = ['crm', 'product', 'desk', 'billing'] as const;
/** Of each customer. */
export const FACTS_EACH = 50;
const USAGE_DAYS = 28;

export const idOf = (n: number): string => `A${String(n).padStart(8, '0')}`;

/** Small, seeded, and the same on every machine (mulberry32). */
export function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

/** Fifty facts of customer `n`: enough of each kind for every signal of the shipped models that exports and CRMs carry. */
export function factsOf(n: number, seed: number, now: number): BySource {
  const below = random(seed * 1_000_003 + n);
  const account = idOf(n);
  const midnight = Math.floor(now / DAY_MS) * DAY_MS;
  const ago = (days: number): number => midnight - days * DAY_MS;
  const date = (days: number): string => new Date(ago(days)).toISOString().slice(0, 10);
  const out: BySource = { crm: [], product: [], desk: [], billing: [] };
  const add = <K extends FactKind>(
    source: keyof BySource,
    kind: K,
    id: string,
    at: number,
    data: FactData<K>,
  ): void => {
    out[source].push({ kind, id: `${account}-${id}`, account, at, knownAt: at, data } as unknown as Fact);
  };
  const segment = ['Enterprise', 'Mid-Market', 'SMB'][below(3)] ?? 'SMB';
  const seats = 20 + below(180);
  const arr = 1_000_000 + below(9_000_000);
  add('crm', 'account', 'account', ago(800), {
    name: `Customer ${n}`,
    ownerId: `U${below(400)}`,
    arr: { minor: arr, currency: 'GBP' },
    renewalOn: date(-below(365)),
    seats,
    createdOn: date(800),
    attributes: {
      Segment: segment,
      trainingCompletion: below(101),
      communityPosts: below(8),
      advocacyCount: below(3),
    },
  });
  const titles = ['CFO', 'Head of operations', 'Analyst'];
  for (const [i, title] of titles.entries())
    add('crm', 'contact', `c${i}`, ago(700), { name: `Person ${n}-${i}`, title, email: `p${i}@c${n}.example` });
  const won = below(10) === 0;
  add('crm', 'opportunity', 'o', ago(200), {
    name: 'Expansion',
    stage: won ? 'Won' : 'Open',
    closed: won,
    won,
    amount: { minor: 100_000, currency: 'GBP' },
    closeOn: date(won ? 100 : -30),
    type: 'Expansion',
  });
  add('crm', 'opportunityRole', 'r', ago(200), {
    opportunityId: `${account}-o`,
    contactId: `${account}-c1`,
    role: 'Decision maker',
  });
  for (let i = 0; i < 6; i++)
    add('crm', 'activity', `a${i}`, ago(1 + below(200)) + below(DAY_MS), {
      type: (['call', 'email', 'meeting', 'task'] as const)[below(4)] ?? 'call',
      userId: `U${below(400)}`,
      contactIds: [`${account}-c${below(3)}`],
      cancelled: below(10) === 0,
    });
  const users = 1 + below(seats);
  for (let i = 1; i <= USAGE_DAYS; i++) {
    const uses = 50 + below(400);
    const advancedUses = below(uses);
    // A day in four, back to four months ago, so that both windows of a trend are filled.
    out.product.push({
      kind: 'usage',
      id: `${account}-usage`,
      account,
      at: ago(i * 4 - below(3)),
      knownAt: ago(i * 4),
      data: {
        metrics: {
          activeUsers: Math.min(seats, Math.max(0, users + below(9) - 4)),
          logins: below(4 * users),
          uses,
          advancedUses,
          featuresUsed: 1 + below(12),
          featuresAvailable: 12,
        },
      },
    });
  }
  for (let i = 0; i < 3; i++) {
    const opened = ago(2 + below(150)) + below(DAY_MS);
    add('desk', 'ticket', `t${i}`, opened + 3_600_000, {
      status: 'solved',
      priority: (['low', 'normal', 'high', 'urgent'] as const)[below(4)] ?? 'normal',
      openedAt: opened,
      solvedAt: opened + 3_600_000,
      resolutionHours: 1,
      escalated: below(20) === 0,
      reopens: below(2),
      satisfaction: below(5) * 25,
    });
  }
  for (let i = 0; i < 2; i++)
    add('desk', 'survey', `s${i}`, ago(1 + below(300)), {
      type: i === 0 ? 'nps' : 'csat',
      score: i === 0 ? below(11) : 1 + below(5),
      scaleMin: i === 0 ? 0 : 1,
      scaleMax: i === 0 ? 10 : 5,
    });
  add('billing', 'subscription', 'b', ago(800), {
    plan: 'Team',
    seats,
    arr: { minor: Math.round(arr * 0.9), currency: 'GBP' },
    startOn: date(800),
  });
  for (let i = 0; i < 4; i++) {
    const due = 10 + i * 90 + below(60);
    const late = below(4) === 0 ? 5 + below(20) : -below(10);
    add('billing', 'invoice', `i${i}`, ago(due + 30), {
      kind: 'invoice',
      amount: { minor: Math.round(arr / 4), currency: 'GBP' },
      issuedOn: date(due + 30),
      dueOn: date(due),
      paidOn: date(Math.max(0, due - late)),
      failedPayments: late > 0 ? 1 : 0,
    });
  }
  return out;
}
