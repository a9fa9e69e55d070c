import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccountScore } from '../../src/core/result.ts';
import { CRMS } from './crm/index.ts';
import type { Person } from './crm/side.ts';
import { cli, DAY, Loop } from './harness.ts';
import { accountRows, fieldsOf, latestScores } from './seen.ts';

/** The world's day one is 2 November 2026. */
const UNTIL = '2026-11-05';

describe.each(CRMS)('%s: what an account’s manager says', (crm) => {
  let loop: Loop;
  let person: Person;
  /** Somebody's name, and the account that they know better than the score. */
  let by: { key: string; name: string };
  let account: string;
  let before: AccountScore;

  beforeAll(async () => {
    loop = await Loop.start({ crm, accounts: 20 });
    expect((await loop.run('setup', '--yes')).code).toBe(0);
    expect((await loop.run('sync')).code).toBe(0);
    person = await loop.person();
    const [someone] = loop.host.world.users.filter((u) => u.active && u.role !== 'manager');
    if (!someone) throw new Error('the world has nobody');
    by = someone;
    const [red] = latestScores(loop).filter((s) => s.band === 'red' && s.caps.every((c) => c.points === 0));
    if (!red) throw new Error('no account is red');
    account = red.account;
    before = red;
  });
  afterAll(() => loop.close());

  const score = (): AccountScore => {
    const found = latestScores(loop).find((s) => s.account === account);
    if (!found) throw new Error(`${account} has no score`);
    return found;
  };
  const shown = () => fieldsOf(accountRows(loop).get(account));
  /** What a person reads who runs the command now. */
  const words = async (...command: string[]): Promise<string> => {
    const now = new Date(loop.host.world.now()).toISOString();
    const { out, err } = await cli([...command, '--config', loop.config, '--now', now]);
    return err + out;
  };
  const next = async () => {
    await loop.later(DAY);
    const sync = await loop.run('sync');
    expect(sync.code).toBe(0);
    return sync;
  };

  test('their override is planned, written, and told with who, until when and why', async () => {
    person.judge(account, by.key, {
      overrideBand: 'Yellow',
      overrideReason: 'waiting for the reorganisation',
      overrideUntil: UNTIL,
    });
    await loop.later(DAY / 24);
    expect((await loop.run('pull')).code).toBe(0);
    expect((await loop.run('score')).code).toBe(0);
    const plan = await loop.run('plan');
    expect(plan.code).toBe(0);
    expect(await words('plan', 'show', String(plan.json.plan.number))).toMatch(/Health band.*Red.*Yellow/);
    expect((await loop.run('sync')).code).toBe(0);

    expect(score()).toMatchObject({
      band: 'yellow',
      score: before.score,
      computed: { band: 'red', score: before.score },
      override: { band: 'yellow', until: UNTIL, reason: 'waiting for the reorganisation' },
    });
    expect(shown()).toMatchObject({ band: 'Yellow', score: before.score });
    expect(String(shown().reasons).split('\n')[0]).toBe(
      `Set to Yellow by ${by.name} until 5 Nov: waiting for the reorganisation (computed: ${before.score}, red).`,
    );
  });

  test('explain shows both', async () => {
    const told = await loop.run('explain', account);
    expect(told.json).toMatchObject({ band: 'yellow', computed: { band: 'red' }, override: { until: UNTIL } });
    expect(await words('explain', account)).toContain(`Score ${before.score}, Yellow (computed: ${before.score}, Red)`);
  });

  test('it is written once, and what people wrote stays theirs', async () => {
    const held = accountRows(loop).get(account);
    await loop.later(DAY / 24);
    const again = await loop.run('sync');
    expect(again.json).toMatchObject({ written: 0, planned: { fields: 0 } });
    expect(accountRows(loop).get(account)).toEqual(held);
  });

  test('a score that is set is a line of the sum, on the next sync', async () => {
    person.judge(account, by.key, { overrideBand: null, overrideScore: 71, context: 'nobody knows this one' });
    await next();
    expect(score()).toMatchObject({ score: 71, points: 710_000, band: 'yellow', override: { score: 71 } });
    expect(shown()).toMatchObject({ band: 'Yellow', score: 71 });
    expect(String(shown().reasons)).toMatch(new RegExp(`^Set to 71 by ${by.name} until 5 Nov: `));
    const told = await loop.run('explain', account);
    expect(told.json.sum).toBe(71);
    expect(await words('explain', account)).toMatch(/Set by a person\n +\d+\.\d+ {2}Set to 71 by/);
    const book = (await loop.run('score')).json;
    expect(book.overrides).toEqual({ held: 1, ignored: 0, example: null });
    expect(score().coverage).toContain('context “nobody knows this one” is not known to the model');
  });

  test('why it changed is told to the last digit', async () => {
    const told = await loop.run('explain', account, '--since', '2026-11-02');
    expect(told.json.sum).toBeCloseTo(told.json.to.points - told.json.from.points, 4);
    expect(JSON.stringify(told.json.effects.data.lines)).toMatch(/Set to 71/);
  });

  test('after the last day the computed score is back by itself, and says so', async () => {
    await next(); // 4 November
    await next(); // 5 November, which still counts
    expect(score()).toMatchObject({ score: 71, override: { until: UNTIL } });
    await next();
    const back = score();
    expect(back.override ?? null).toBeNull();
    expect(back.coverage).toContain('override to 71 ended on 5 Nov');
    expect(shown().score).toBe(back.score);
    expect(back.score).not.toBe(71);
  });

  test('what does not hold is reported with its reason, and nothing else changes', async () => {
    person.judge(account, by.key, {
      overrideScore: null,
      overrideBand: 'Yellow',
      overrideReason: null,
      overrideUntil: null,
    });
    await next();
    expect(score().overrideIgnored).toContain('it has no reason');
    expect(score().band).not.toBe('yellow');
    const book = (await loop.run('score')).json;
    expect(book.overrides).toMatchObject({ held: 0, ignored: 1, example: expect.stringContaining('it has no reason') });
  });

  test('what is emptied is gone', async () => {
    person.judge(account, by.key, {
      overrideBand: null,
      context: null,
    });
    await next();
    expect(score().coverage).not.toMatch(/override|context/);
  });
});
