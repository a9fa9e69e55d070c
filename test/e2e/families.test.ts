import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AccountScore } from '../../src/core/result.ts';
import { accountAt } from '../../src/sandbox/asof.ts';
import type { WorldAccount } from '../../src/sandbox/world.types.ts';
import { CRMS } from './crm/index.ts';
import { DAY, Loop } from './harness.ts';
import { accountRows, fieldsOf, heldOf, latestScores } from './seen.ts';

/** A world with a parent of a parent, and a subsidiary that pays in another currency than the rest of its family. */
const WORLD = { accounts: 70, seed: 57, usageDays: 60 };
const CUSTOMERS = WORLD.accounts;
/** What one pound is worth in the world; the yen has no minor unit. */
const PER_POUND: Record<string, number> = { GBP: 1, USD: 1.27, EUR: 1.17, JPY: 1.9 };
/** HubSpot tells rates into pounds with six decimals. */
const HALF_OF_THE_LAST_DIGIT = 0.5e-6;

const inPounds = (arr: { minor: number; currency: string } | null): number =>
  arr === null ? 0 : Math.round(arr.minor / (PER_POUND[arr.currency] ?? Number.NaN));

describe.each(CRMS)('%s: families', (crm) => {
  let loop: Loop;
  /** The world's customers, and those right below a parent. */
  let customers: WorldAccount[];
  let children: Map<string, WorldAccount[]>;

  beforeAll(async () => {
    loop = await Loop.start({ crm, ...WORLD });
    customers = [...loop.host.world.accounts()].filter(({ index }) => index < CUSTOMERS);
    children = Map.groupBy(
      customers.filter((a) => a.parentKey !== null),
      (a) => String(a.parentKey),
    );
    expect((await loop.run('setup', '--yes')).code).toBe(0);
    expect((await loop.run('sync')).code).toBe(0);
  }, 60_000);
  afterAll(() => loop.close());

  const idOf = (account: WorldAccount): string => loop.side.ids.account(account.index);
  const below = (key: string): WorldAccount[] =>
    (children.get(key) ?? []).flatMap((child) => [child, ...below(child.key)]);
  const byKey = (key: string): WorldAccount => {
    const account = customers.find((a) => a.key === key);
    if (!account) throw new Error(`${key} is no customer`);
    return account;
  };
  const tops = (): WorldAccount[] => [...children.keys()].map(byKey).filter((a) => a.parentKey === null);
  const scores = (): Map<string, AccountScore> => new Map(latestScores(loop).map((s) => [s.account, s]));
  const scoreOf = (account: WorldAccount, all = scores()): AccountScore => {
    const score = all.get(idOf(account));
    if (!score) throw new Error(`${account.key} has no score`);
    return score;
  };
  const written = (account: WorldAccount) => fieldsOf(accountRows(loop).get(idOf(account)));

  /** Whether the CRM holds the store's score: to the last field, or as it was last written where nothing that matters has changed since. */
  function asStored(account: WorldAccount): 'now' | 'before' {
    const [score, fields] = [scoreOf(account), written(account)];
    expect(String(fields.band).toLowerCase()).toBe(score.band);
    if (Math.floor(Number(fields.scoredAt) / 1000) < Math.floor(score.asOf / 1000)) {
      expect(Math.abs(Number(fields.score) - (score.points ?? 0) / 10_000)).toBeLessThan(1);
      return 'before';
    }
    expect(fields.score).toBe(score.score);
    expect(fields.reasons).toBe(score.reasons.join('\n'));
    for (const { dimension, score: points } of score.dimensions) {
      const held = fields[`dim_${dimension}` as keyof typeof fields];
      expect(held).toBe(points === null ? null : Math.round(points / 10_000));
    }
    return 'now';
  }

  it('the world has three generations, and a family of two currencies', () => {
    expect([...children.values()].flat().some((a) => children.has(a.key))).toBe(true);
    const ofTwo = tops().filter((top) => below(top.key).some((a) => a.currency !== top.currency));
    expect(ofTwo.length).toBeGreaterThan(0);
  });

  it('each scored: a parent shows its weakest subsidiary and the score weighted by ARR', () => {
    const all = scores();
    expect(all.size).toBe(CUSTOMERS);
    for (const account of customers) {
      const own = scoreOf(account, all);
      const subsidiaries = children.get(account.key) ?? [];
      if (subsidiaries.length === 0) {
        expect(own.family ?? null).toBeNull();
        continue;
      }
      const weakest = subsidiaries
        .map((a) => scoreOf(a, all))
        .reduce((worst, s) => ((s.points ?? Infinity) < (worst.points ?? Infinity) ? s : worst));
      const members = [account, ...below(account.key)].map((a) => scoreOf(a, all)).filter((s) => s.points !== null);
      const arr = members.reduce((sum, s) => sum + inPounds(s.arr), 0);
      const weighted = members.reduce((sum, s) => sum + (inPounds(s.arr) / arr) * (s.points ?? 0), 0);
      expect(own.family).toMatchObject({
        children: subsidiaries.length,
        worst: { account: weakest.account, name: weakest.name, score: weakest.score, band: weakest.band },
      });
      // A ten-thousandth of a point, and what the last digit of a rate makes of it.
      expect(Math.abs((own.family?.weighted ?? 0) - weighted)).toBeLessThan(1 + 1e6 * 2 * HALF_OF_THE_LAST_DIGIT);
      const whole = Math.round(weighted / 10_000);
      const who = subsidiaries.length === 1 ? 'Its subsidiary' : `Weakest of ${subsidiaries.length} subsidiaries`;
      const sentence = `${who}: ${weakest.name}, ${weakest.score} (${weakest.band}); ${whole} weighted by ARR.`;
      expect(own.reasons).toContain(sentence);
      expect(written(account).reasons).toContain(sentence);
      for (const member of [account, ...subsidiaries]) expect(asStored(member)).toBe('now');
    }
  });

  it('top: the account at the top stands for all below it, and theirs are emptied once', async () => {
    const before = scores();
    const shipped = readFileSync(new URL(`../../mappings/crm/${crm}.yaml`, import.meta.url), 'utf8');
    const mapping = join(loop.dir, 'mapping.yaml');
    writeFileSync(mapping, shipped.replace('\nrules:\n', '\nrules:\n  hierarchy: { score: top }\n'));
    loop.configure({ crm: loop.host.crmSection({ mapping }) });
    await loop.later(DAY);
    const { json } = await loop.run('sync');
    const inside = tops().flatMap((top) => below(top.key));
    expect(json).toMatchObject({ ok: true, accounts: CUSTOMERS - inside.length });

    for (const account of inside) {
      expect(scores().get(idOf(account))?.asOf).toBe(before.get(idOf(account))?.asOf);
      expect(heldOf(accountRows(loop).get(idOf(account)))).toEqual([]);
    }
    expect(tops().map(asStored)).toContain('now');
    for (const top of tops()) {
      const members = [top, ...below(top.key)];
      const score = scoreOf(top);
      expect(score.family ?? null).toBeNull();
      const own = members.map((a) => ({
        minor: accountAt(a, loop.host.world.now())?.arr ?? Number.NaN,
        currency: a.currency,
      }));
      const mixed = new Set(own.map((arr) => arr.currency)).size > 1;
      const sum = own.reduce((total, arr) => total + (mixed ? inPounds(arr) : arr.minor), 0);
      expect(score.arr?.currency).toBe(mixed ? 'GBP' : top.currency);
      const seats = members.reduce((total, a) => total + (accountAt(a, loop.host.world.now())?.seats ?? 0), 0);
      expect(score.contributions.map((c) => c.text).join('\n')).toContain(` of ${seats} seats `);
      const off = mixed ? members.length + 2 * HALF_OF_THE_LAST_DIGIT * sum : 0;
      expect(Math.abs((score.arr?.minor ?? 0) - sum)).toBeLessThanOrEqual(off);
    }

    await loop.later(DAY / 24);
    const again = await loop.run('sync');
    expect(again.json).toMatchObject({ ok: true, written: 0 });
  });
});
