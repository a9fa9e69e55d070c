import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli, DAY, Loop } from '../e2e/harness.ts';
import { folder } from './support.ts';

/** What a person reads, command by command, in the order in which they meet them. */
describe('a first week, in words', () => {
  let loop: Loop;
  beforeAll(async () => {
    loop = await Loop.start({ accounts: 40 }, { write: { enabled: false }, tasks: { start: 'manual' } });
  });
  afterAll(() => loop.close());
  const read = (...args: string[]) =>
    cli([...args, '--config', loop.config, '--now', new Date(loop.host.world.now()).toISOString()]);

  it('plans first, and says how to see and apply', async () => {
    expect((await read('tasks')).out).toBe('Manager tasks wait: the first run is a silent baseline.\n');
    expect((await read('setup')).out).toContain('Nothing was changed. To carry it out: npx pulseback setup --yes');
    expect((await read('setup', '--yes')).code).toBe(0);
    const { code, out } = await read('sync');
    expect(code).toBe(0);
    expect(out).toMatch(/^Plan 1: 40 accounts to write, 0 manager tasks, about 1 call\.$/m);
    expect(out).toContain('Nothing was written.');
    expect(out).toContain('carry it out with `npx pulseback apply 1 --yes`.');
  });

  it('shows a plan by the names that people know', async () => {
    const { out } = await read('plan', 'show', '1');
    const [head, , account, first] = out.split('\n');
    expect(head).toBe('Plan 1 (open), as of 2 Nov 2026, 07:00 (Europe/London): 40 accounts to write, 0 manager tasks');
    expect(account).toMatch(/^\S.* \(001\w{15}\)$/);
    expect(first).toMatch(/^ {4}Health score {8,}\(empty\) → \d+$/);
    expect(out).toMatch(/Health scored at +\(empty\) → 2 Nov 2026, 07:00$/m);
    expect(out).not.toMatch(/dim_|actionCode|modelVersion|T07:00/);
    const only = await read('plan', 'show', '1', '--account', (account ?? '').replace(/ \(.*/, ''));
    expect(only.out.split('\n').filter((line) => /^\S.*\(001/.test(line))).toEqual([account]);
  });

  it('applies when told to, and only then', async () => {
    const refused = await read('apply', '1');
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('npx pulseback apply 1 --yes');
    expect((await read('apply', '1', '--yes')).out).toContain('Written: 40 accounts in 1 call.');
    expect((await read('apply', '1')).out).toContain('Plan 1 has been applied already; nothing was done.');
    const unknown = await read('apply', '9', '--yes');
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain('The latest are 1 (applied).');
  });

  it('says so when there is nothing to do', async () => {
    const { out } = await read('plan');
    expect(out).toContain('Plan 2: nothing to write; the CRM holds what it should.');
    expect(out).not.toContain('apply 2');
  });

  it('raises tasks once they are started, and names who gets them', async () => {
    expect((await read('tasks', 'start')).out).toBe(
      'Manager tasks are raised by every sync (started by command); 0 so far.\n',
    );
    await loop.later(DAY);
    const { out } = await read('sync', '--yes');
    const created = Number(/(\d+) tasks? created/.exec(out)?.[1]);
    expect(created).toBeGreaterThan(0);
    const shown = (await read('plan', 'show', '3')).out;
    expect(shown.match(/^ {4}task for [^0].*, due \d+ \w{3} 2026, priority (high|normal)$/gm)).toHaveLength(created);
    expect((await read('tasks')).out).toContain(`; ${created} so far.`);
  });

  it('explains a score as a sum that anybody can check', async () => {
    const { json } = await loop.run('plan');
    const [worst] = json.score.atRisk;
    const { out } = await read('explain', worst.name);
    expect(out).toContain(`${worst.name} (${worst.account})`);
    expect(out).toMatch(/^As of 3 Nov 2026, 07:00 \(Europe\/London\), model five-dimension 1/m);
    const lines = [...out.matchAll(/^ *(−?-?\d+\.\d{4}) {1,2}(?:of|\S)/gm)].map((m) => Number(m[1]?.replace('−', '-')));
    const sum = Number(/^ *(\d+\.\d{4}) {2}sum of all lines = the score$/m.exec(out)?.[1]);
    expect(Math.round(sum)).toBe(worst.score);
    const parts = lines.slice(0, lines.at(-1) === sum ? -1 : undefined);
    expect(parts.length).toBeGreaterThan(3);
    expect(Math.abs(parts.reduce((a, b) => a + b, 0) - sum)).toBeLessThan(0.00005);
  });

  it('explains an earlier day by the company’s calendar, or says how to score it', async () => {
    const { json } = await loop.run('plan');
    const { name } = json.score.atRisk[0];
    expect((await read('explain', name, '--as-of', '2026-11-02')).out).toContain('As of 2 Nov 2026, 07:00');
    const before = await read('explain', name, '--as-of', '2026-11-01');
    expect(before.code).toBe(2);
    expect(before.err).toContain('npx pulseback score --as-of 2026-11-01');
  });

  it('keeps a log of runs in company time, with their results', async () => {
    const { out } = await read('runs');
    const rows = out.trimEnd().split('\n').slice(2);
    expect(out).toContain('started (Europe/London)');
    expect(rows.at(-1)).toMatch(/^1 +sync +2 Nov 2026, 07:00 +\d+ s +done +0 accounts written, plan 1$/);
    expect(out).toMatch(/apply .*40 accounts written, plan 1/);
  });

  it.each([['unmatched'], ['rejects'], ['pull']])('knows the nearest source for %s --source', async (command) => {
    const { code, err } = await read(command, '--source', 'exprts');
    expect(code).toBe(2);
    expect(err).toContain('The nearest is "exports". Known are: crm, exports.');
  });
});

describe('score --from', () => {
  const csv = 'id,name,seats,arr\nA1,Acme,10,1200.50\nA2,Böhm,20,0\n';
  const mapping = (currency: string): string => `version: 1
defaults: { currency: ${currency}, timezone: Europe/Berlin }
files:
  accounts:
    file: accounts.csv
    kind: account
    account: id
    observedAt: { constant: 2026-01-01 }
    fields: { name: name, seats: seats, arr: arr }
`;
  const exports = (withMapping: string | null): string => {
    const dir = folder();
    writeFileSync(join(dir, 'accounts.csv'), csv);
    if (withMapping) writeFileSync(join(dir, 'mapping.yaml'), withMapping);
    return dir;
  };
  const NOW = ['--now', '2026-11-25T08:00:00Z'];

  it('scores a folder that may not be changed, with a mapping from elsewhere and in the mapping’s currency', async () => {
    const dir = exports(null);
    const elsewhere = join(folder(), 'my.yaml');
    writeFileSync(elsewhere, mapping('CHF'));
    const told = await cli(['score', '--from', dir, '--mapping', elsewhere, '--json', ...NOW]);
    expect(told).toMatchObject({ code: 0, json: { ok: true, accounts: 2, currency: 'CHF', unknownThen: 0 } });
  });

  it('takes mapping.yaml of the folder by default, and says what to do without one', async () => {
    expect((await cli(['score', '--from', exports(mapping('GBP')), '--json', ...NOW])).json).toMatchObject({
      accounts: 2,
      currency: 'GBP',
    });
    const without = await cli(['score', '--from', exports(null), '--json', ...NOW]);
    expect(without.code).toBe(2);
    expect(without.json.error.message).toContain('mapping.yaml: there is no such file');
  });

  it.each(['gbp', 'pounds'])('refuses the currency %s of a mapping with its place', async (currency) => {
    const told = await cli(['score', '--from', exports(mapping(currency)), '--json', ...NOW]);
    expect(told.code).toBe(2);
    expect(told.json.error.problems.join()).toMatch(/mapping\.yaml:2:\d+: defaults\.currency/);
  });

  it('says which accounts a past day leaves out, and why', async () => {
    const told = await cli(['score', '--from', exports(mapping('GBP')), '--as-of', '2025-12-30', '--json', ...NOW]);
    expect(told.json).toMatchObject({ accounts: 0, unknownThen: 2 });
    expect(told.err).toContain('2 accounts left out: the source says nothing of them up to 30 Dec 2025.');
  });

  it('writes the scores as CSV, amounts in whole units', async () => {
    const out = join(folder(), 'out', 'scores.csv');
    const args = ['score', '--from', exports(mapping('GBP')), '--out', out, ...NOW];
    expect((await cli(args)).err).toContain('there is no folder');
    mkdirSync(join(out, '..'));
    expect((await cli(args)).out).toContain(`Wrote 2 rows to ${out}.`);
    const [head = '', first = ''] = readFileSync(out, 'utf8').split('\n');
    const arr = head.split(',').indexOf('arr');
    expect(first.split(',')[arr]).toBe('1200.5');
  });
});
