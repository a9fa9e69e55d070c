import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FLAG_CODES, FLAGS, type Flag } from '../../src/core/flags.ts';
import { CRMS } from './crm/index.ts';
import { DAY, HOUR, Loop } from './harness.ts';

const ACCOUNTS = 60;
describe.each(CRMS)('%s', (crm) => {
  let loop: Loop;
  beforeAll(async () => {
    loop = await Loop.start({ crm, accounts: ACCOUNTS });
    expect((await loop.run('setup', '--yes')).code).toBe(0);
    expect((await loop.run('sync')).code).toBe(0);
  });
  afterAll(() => loop.close());

  /** Account → its flags after a sync, as the file of scores has them. */
  async function flagged(): Promise<Map<string, string>> {
    const file = join(loop.dir, 'scores.csv');
    expect((await loop.run('sync')).code).toBe(0);
    expect((await loop.run('score', '--out', file)).code).toBe(0);
    const rows: { account: string; flags: string }[] = parse(readFileSync(file), { bom: true, columns: true });
    return new Map(rows.map(({ account, flags }) => [account, flags]));
  }

  test('each flag is on few accounts, and few flags move on a day; none within an hour', async () => {
    const all: Map<string, string>[] = [];
    for (let day = 0; day < 4; day++) {
      all.push(await flagged());
      await loop.later(DAY);
    }
    const moved = all.slice(1).map((now, i) => [...now].filter(([id, flags]) => flags !== all[i]?.get(id)).length);
    expect(moved.reduce((a, b) => a + b, 0) / moved.length / ACCOUNTS).toBeLessThanOrEqual(0.05);
    const [first = new Map<string, string>()] = all;
    expect([...first.values()].filter((flags) => flags !== '').length).toBeGreaterThan(0);
    for (const code of FLAG_CODES) {
      const having = [...first.values()].filter((flags) => flags.split(' ').includes(code)).length;
      expect(having / ACCOUNTS, code).toBeLessThanOrEqual(0.3);
    }
    const now = await flagged();
    await loop.later(HOUR);
    expect(await flagged()).toEqual(now);
  }, 60_000);

  test('explain says them in words', async () => {
    const [id = '', flags = ''] = [...(await flagged())].find(([, f]) => f !== '') ?? [];
    const codes = flags.split(' ') as Flag[];
    const told = await loop.run('explain', id);
    expect(told.json.flags).toMatchObject(codes.map((flag) => ({ flag, text: FLAGS[flag] })));
    for (const code of codes) expect(told.err + told.out).toContain(FLAGS[code]);
  });

  test('a playbook of one’s own may name no flag that does not exist', async () => {
    const text = readFileSync(new URL('../../mappings/playbook.yaml', import.meta.url), 'utf8');
    const own = join(loop.dir, 'playbook.yaml');
    loop.configure({ playbook: own });
    writeFileSync(own, text);
    expect((await loop.run('score')).code).toBe(0);
    writeFileSync(own, text.replace('flag: [single-threaded]', 'flag: [single-thread]'));
    const { code, json } = await loop.run('score');
    expect(code).toBe(2);
    expect(JSON.stringify(json.error)).toMatch(/playbook\.yaml.*single-thread`?.*nearest is `single-threaded`/);
  });
});
