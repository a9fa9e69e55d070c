import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FactKind } from '../../src/core/fact.ts';
import type { AccountScore } from '../../src/core/result.ts';
import { KIND_CODE } from '../../src/store/kinds.ts';
import { KEYS, translated } from './crm/keys.ts';
import { DAY, Loop } from './harness.ts';
import { latestScores } from './seen.ts';
import { editStore, storedRows } from './stored-facts.ts';
import { sorted } from './world-facts.ts';

/** One world, told by two CRMs: what comes out must be the same, apart from what one of them cannot say (README, "HubSpot"). */
const KINDS = ['account', 'user', 'contact', 'opportunity', 'opportunityRole', 'activity'] as const;
type Kind = (typeof KINDS)[number];
type Data = Record<string, unknown>;

/** Fields that the customer has named otherwise, in one CRM's words and in the other's. */
const NAMES: Record<string, string> = {
  lifecyclestage: 'Type',
  test_account: 'Test_Account__c',
  segment: 'Segment__c',
  cs_manager: 'CSM__c',
};
const VALUES: Record<string, string> = {
  customer: 'Customer',
  opportunity: 'Prospect',
  churned: 'Former Customer',
  evangelist: 'Partner',
  enterprise: 'Enterprise',
  'mid-market': 'Mid-Market',
  smb: 'SMB',
};
const inOneLanguage = (attributes: Data): Data =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [NAMES[name] ?? name, VALUES[String(value)] ?? value]),
  );

const CUSTOMERS = 60;
const loops: Loop[] = [];
const syncs: [crm: string | undefined, told: unknown][] = [];
const [one, other] = ['salesforce', 'hubspot'];

beforeAll(async () => {
  for (const crm of [one, other]) {
    const loop = await Loop.start({ crm, accounts: CUSTOMERS, seed: 11 });
    loops.push(loop);
    expect((await loop.run('setup', '--yes')).code).toBe(0);
    for (let night = 0; night < 2; night++) {
      if (night > 0) await loop.later(DAY);
      syncs.push([crm, (await loop.run('sync')).json]);
    }
  }
}, 120_000);
afterAll(async () => {
  for (const loop of loops) await loop.close();
});

const of = (crm: string | undefined): Loop => {
  const loop = loops.find((l) => l.side.name === crm);
  if (!loop) throw new Error(`${crm} was not started`);
  return loop;
};

it('both score the customers and nobody else, every night, and nothing is refused', () => {
  const all = { ok: true, accounts: CUSTOMERS, rejected: 0 };
  expect(syncs).toMatchObject([one, one, other, other].map((crm) => [crm, all]));
});

/** What holds now of every record that is there, by keys of the world. */
function current(loop: Loop, kind: Kind): Map<string, Data> {
  const keys = KEYS[loop.side.name]?.(loop.host.world) ?? new Map();
  const integration = loop.host.world.users.find((u) => u.role === 'integration')?.key;
  const latest = new Map(storedRows(join(loop.dir, 'pulseback.db'), 'crm', kind).map((row) => [row.id, row]));
  // In HubSpot a company that is deleted leaves its records behind, in nobody's name; in Salesforce they go with it.
  const rows = [...latest.values()].filter((row) => !row.deleted && (kind === 'user' || row.account !== null));
  return new Map(
    rows.map((row): [string, Data] => {
      const { attributes, ...data } = translated(row.data, keys) as Data & { attributes?: Data };
      const told: Data = {
        ...data,
        account: translated(row.account, keys),
        ...(attributes && { attributes: inOneLanguage(attributes) }),
        ...(kind === 'activity' && { at: row.at }),
      };
      // Salesforce knows no record without an owner: the one who loaded it stands there.
      for (const name of ['ownerId', 'userId']) if (told[name] === integration) delete told[name];
      // HubSpot says which meetings were called off.
      if (kind === 'activity') delete told.cancelled;
      // HubSpot knows a person by two ids.
      if (kind === 'user') delete told.keys;
      // Roles have ids of their own in one, and are labels of an association in the other.
      const key =
        kind === 'opportunityRole' ? `${told.opportunityId} ${told.contactId} ${told.role}` : keys.get(row.id);
      return [key ?? row.id, told];
    }),
  );
}

describe('facts', () => {
  it.each(KINDS)('%s', (kind: FactKind & Kind) => {
    const [a, b] = [current(of(one), kind), current(of(other), kind)];
    expect(a.size).toBeGreaterThan(5);
    const differ = [...new Set([...a.keys(), ...b.keys()])].flatMap((key) => {
      const [x, y] = [a.get(key), b.get(key)].map((row) => (row === undefined ? 'not there' : sorted(row)));
      return x === y ? [] : [{ key, [String(one)]: x, [String(other)]: y }];
    });
    expect({ kind, of: a.size, differ: differ.length, first: differ.slice(0, 3) }).toEqual({
      kind,
      of: a.size,
      differ: 0,
      first: [],
    });
  });
});

describe('scores', () => {
  const scores = (crm: string | undefined): Map<string, AccountScore> => {
    const loop = of(crm);
    const keys = KEYS[loop.side.name]?.(loop.host.world) ?? new Map();
    return new Map(latestScores(loop).map((score) => [String(keys.get(score.account)), score]));
  };
  const shown = (s: AccountScore | undefined) => {
    if (!s) throw new Error('not scored by both');
    return {
      score: s.score,
      points: s.points,
      band: s.band,
      segment: s.segment,
      confidence: s.confidence,
      dimensions: s.dimensions.map((d) => [d.dimension, d.score]),
      flags: s.flags,
      caps: s.caps.map((c) => [c.cap, c.points]),
      renewal: s.renewal,
      arr: s.arr,
      trend: s.trend,
      change30: s.change30,
      action: s.action?.code,
    };
  };

  const differences = (): { key: string; what: string; told: string }[] => {
    const [a, b] = [scores(one), scores(other)];
    expect(a.size).toBe(CUSTOMERS);
    expect([...b.keys()].sort()).toEqual([...a.keys()].sort());
    return [...a.keys()].flatMap((key) => {
      const [x, y] = [shown(a.get(key)), shown(b.get(key))];
      return Object.entries(x).flatMap(([what, held]) => {
        const [mine, theirs] = [sorted(held), sorted(y[what as keyof typeof y])];
        return mine === theirs ? [] : [{ key, what, told: `${one} ${mine}, ${other} ${theirs}` }];
      });
    });
  };

  it('usage, support and billing of every account are the same as they come', () => {
    const [a, b] = [scores(one), scores(other)];
    const of3 = (all: typeof a) =>
      [...all].map(([key, s]) => [key, ...s.dimensions.slice(0, 3).map((d) => [d.dimension, d.score])]).sort();
    expect(of3(b)).toEqual(of3(a));
  });

  it('everything of every account is the same once both know as little as either', async () => {
    expect(differences().length).toBeGreaterThan(0); // HubSpot does know more
    forgetWhatOneCannotTell(of(one), of(other));
    for (const loop of loops) {
      await loop.later(60_000);
      expect((await loop.run('plan')).json).toMatchObject({ ok: true });
    }
    expect(differences()).toEqual([]);
  });
});

describe('amounts', () => {
  /** What one pound is worth in the world, and by how much of it a rate of six decimals into pounds may be off. */
  const PER_POUND: Record<string, number> = { GBP: 1, USD: 1.27, EUR: 1.17, JPY: 190 };
  const HALF_OF_THE_LAST_DIGIT = 0.5e-6;

  it('are brought into pounds by the rates of either CRM, and are the same', async () => {
    const summaries = [];
    for (const loop of loops) summaries.push((await loop.run('score')).json);
    const arr = latestScores(of(one)).flatMap((s) => (s.arr ? [{ band: s.band, ...s.arr }] : []));
    const currencies = new Set(arr.map((a) => a.currency));
    expect([...currencies].sort()).toEqual(['EUR', 'GBP', 'JPY', 'USD']);
    const bands = [...new Set(arr.map((a) => a.band))];
    for (const summary of summaries) {
      expect(summary).toMatchObject({ currency: 'GBP', arrUnconverted: 0, currenciesWithoutRate: [] });
      expect(Object.keys(summary.arrByBand).sort()).toEqual([...bands].sort());
    }
    const [exact, rounded] = summaries.map((summary) => summary.arrByBand);
    for (const band of bands) {
      const own = arr.filter((a) => a.band === band);
      const minor = ({ minor, currency }: (typeof own)[0]): number => (currency === 'JPY' ? 100 * minor : minor);
      expect(exact[band]).toBe(own.reduce((sum, a) => sum + Math.round(minor(a) / (PER_POUND[a.currency] ?? 0)), 0));
      const off = own.filter((a) => a.currency !== 'GBP');
      const most = off.reduce((sum, a) => sum + minor(a) * HALF_OF_THE_LAST_DIGIT + 1, 0);
      expect(Math.abs(rounded[band] - exact[band])).toBeLessThanOrEqual(most);
    }
    const riskiest = summaries.map(({ atRisk }) => atRisk.map(({ name }: { name: string }) => name));
    expect(riskiest[1]).toEqual(riskiest[0]);
    expect(riskiest[0].length).toBeGreaterThan(3);
  });
});

/** Which meetings were called off, and what companies were like before Pulseback first saw them. */
function forgetWhatOneCannotTell(teller: Loop, knower: Loop): void {
  const [path, known] = [teller, knower].map((loop) => join(loop.dir, 'pulseback.db'));
  editStore(known ?? '', `update facts set data = json_remove(data, '$.cancelled') where kind = ?`, KIND_CODE.activity);
  const keys = KEYS[teller.side.name]?.(teller.host.world);
  const ids = KEYS[knower.side.name]?.(knower.host.world) ?? new Map<string, string>();
  const since = new Map(storedRows(path ?? '', 'crm', 'account').map((row) => [keys?.get(row.id), row.at]));
  const latest = new Map(storedRows(known ?? '', 'crm', 'account').map((row) => [row.id, row.at]));
  for (const [id, at] of latest) {
    const record = 'kind = ? and record = (select id from record_keys where key = ?)';
    editStore(known ?? '', `delete from facts where ${record} and at < ?`, KIND_CODE.account, id, at);
    const from = since.get(ids.get(id)) ?? at;
    editStore(known ?? '', `update facts set at = ?, version = ? where ${record}`, from, from, KIND_CODE.account, id);
  }
  // Figures that were drawn from these facts are drawn anew when the store is next opened.
  editStore(known ?? '', 'delete from projection');
}
