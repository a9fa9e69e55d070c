import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { PUBLISHED_AT, Publishing } from '../cli/publishing.ts';
import { DAY, Loop } from './harness.ts';
import { accountRows, fieldsOf, managerTasks } from './seen.ts';
import { Serving, world } from './serving.ts';

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;
const SHIPPED = new URL('../../mappings/models/five-dimension.yaml', import.meta.url).pathname;

/** The shipped model with other bands, by another name. */
function stricter(dir: string, name = 'stricter'): string {
  const text = readFileSync(SHIPPED, 'utf8').replace(/^name: .*$/m, `name: ${name}`);
  expect(text).toMatch(/from: 80/);
  const path = join(dir, `${name}.yaml`);
  writeFileSync(path, text.replace('from: 80', 'from: 90'));
  return path;
}

async function publications(path: string, workspace: string) {
  const store = await openStore({ path });
  try {
    const ws = await store.workspace(workspace);
    const models: string[] = [];
    for await (const chunk of ws.latestScores()) models.push(...chunk.map(({ score }) => score.model));
    return { rows: await ws.publications(10), models: [...new Set(models)] };
  } finally {
    await store.close();
  }
}

describe('a publication that is killed', () => {
  it('leaves the old or the new model live, never none, and the next one goes through', async () => {
    const at = new Publishing({ accounts: 120, left: 40 });
    expect((await at.run('pull')).code).toBe(0);
    const second = at.model('second', { better: 1 });
    const args = ['model', 'publish', second, '--outcome', 'gone', '--resamples', '100'];
    // At words of its progress, and at moments of its last step, the transaction.
    const points: [said: RegExp, ms: number][] = [
      [/read outcomes/, 0],
      [/resample accounts/, 0],
      ...[0, 4, 8, 16, 32].map((ms): [RegExp, number] => [/(score accounts[\s\S]*){4}/, ms]),
    ];
    const ends = new Set<string>();
    for (const [said, ms] of points) {
      const child = spawn(process.execPath, [MAIN, ...args, '--config', at.config, '--now', PUBLISHED_AT], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let err = '';
      child.stderr.on('data', (chunk: Buffer) => {
        err += chunk;
        if (said.test(err)) setTimeout(() => child.kill('SIGKILL'), ms);
      });
      await once(child, 'close');
      const { rows } = await publications(join(at.dir, 'pulseback.db'), 'main');
      const live = await at.live();
      expect(live).toBe(rows.length > 0 ? 'second 1' : 'first 1');
      ends.add(live);
    }
    expect(ends.has('first 1')).toBe(true);
    expect((await at.publish(second)).code).toBe(0);
    expect(await at.live()).toBe('second 1');
  });

  it('by two at once goes to one; the other says so and changes nothing', async () => {
    const at = new Publishing({ accounts: 120, left: 40 });
    await at.run('pull');
    const names = ['second', 'third'];
    const paths = names.map((name, i) => at.model(name, { better: 5, good: i }));
    const done = await Promise.all(paths.map((path) => at.publish(path)));
    expect(done.map(({ code }) => code).sort()).toEqual([0, 3]);
    const lost = done.find(({ code }) => code === 3);
    expect(lost?.json.error.message).toBe('nothing was published: another model was published meanwhile');
    const won = names[done.findIndex(({ code }) => code === 0)];
    expect(await at.live()).toBe(`${won} 1`);
    expect((await publications(join(at.dir, 'pulseback.db'), 'main')).rows).toHaveLength(1);
  });
});

describe('serve', () => {
  it('scores by what another process has published, without a restart, and says how old its proof is', async () => {
    const loop = await world({});
    const serving = new Serving(loop);
    await serving.says(/sync \(.*20 accounts written/);
    const model = stricter(loop.dir);
    const held = await loop.run('model', 'publish', model);
    expect([held.code, held.json.shortfalls[0].floor]).toEqual([3, expect.stringMatching(/judged|few/)]);
    const forced = await loop.run('model', 'publish', model, '--force', '--reason', 'a new org', '--by', 'mia');
    expect(forced.code, forced.err).toBe(0);
    expect((await serving.post('sync')).status).toBe(202);
    await serving.says(/sync \([\s\S]*sync \(/);
    const { models } = await publications(join(loop.dir, 'pulseback.db'), 'sandbox');
    expect(models).toEqual(['stricter 1']);
    expect(await (await serving.ask('/metrics')).text()).toContain(
      'pulseback_model_proof_age_days{workspace="sandbox"} 0\n',
    );
    expect(await serving.end('SIGTERM')).toBe(0);
  });

  it('reminds of an old proof when it starts, and after each sync', async () => {
    const loop = await world({});
    expect((await loop.run('sync')).code).toBe(0);
    await loop.later(91 * DAY);
    const serving = new Serving(loop);
    const note = /five-dimension 1 was never judged on past renewals: `npx pulseback model publish`/;
    expect((await loop.run('check')).json.standing.notes).toMatchObject([{ code: 'never-judged' }]);
    expect((await serving.post('sync')).status).toBe(202);
    await serving.says(note);
    expect(serving.err).toContain('five-dimension 1 was never judged on past renewals');
    await serving.end('SIGTERM');
    // What the CRM has no place for yet is named with what makes one.
    const golden = stricter(loop.dir, 'golden');
    const text = readFileSync(golden, 'utf8');
    writeFileSync(golden, text.replace(/( *- \{ key: green)/, '  - { key: gold, from: 97 }\n$1'));
    const { json } = await loop.run('model', 'publish', golden, '--force', '--reason', 'a band more');
    expect(json.next).toEqual(['The CRM may have no place for gold yet: `npx pulseback setup --yes` makes it.']);
  });
});

describe('a shadow beside a real CRM', () => {
  it('costs no call, and what the CRM is sent is the same', async () => {
    const run = async (shadow: boolean) => {
      const loop = await Loop.start({ accounts: 30, usageDays: 30 });
      onTestFinished(() => loop.close());
      await loop.run('setup', '--yes');
      if (shadow) expect((await loop.run('model', 'shadow', stricter(loop.dir), '--by', 'mia')).code).toBe(0);
      loop.host.crm.calls.reset();
      const told = [];
      for (let day = 0; day < 2; day++) {
        const { code, json } = await loop.run('sync');
        expect(code).toBe(0);
        told.push({ calls: json.calls, shadow: json.shadow });
        await loop.later(DAY);
      }
      const report = (await loop.run('model', 'shadow')).json;
      const fields = [...accountRows(loop)].map(([id, row]) => [id, { ...fieldsOf(row), scoredAt: null }]);
      return { told, report, fields, tasks: managerTasks(loop).length };
    };
    const [without, with_] = [await run(false), await run(true)];
    expect(with_.told.map((t) => t.calls)).toEqual(without.told.map((t) => t.calls));
    expect(JSON.stringify(with_.fields)).toBe(JSON.stringify(without.fields));
    expect(with_.tasks).toBe(without.tasks);
    expect(without.report).toEqual({ ok: true, shadow: null });
    const [, last] = with_.told;
    expect(last?.shadow).toMatchObject({ model: 'stricter 1', accounts: 30, problem: null });
    expect(last?.shadow.changed).toBeGreaterThan(0);
    expect(with_.report.shadow).toEqual(last?.shadow);
    expect(with_.report.moved).toHaveLength(last?.shadow.changed);
    for (const m of with_.report.moved) expect(m.before.band).not.toBe(m.after.band);
  });

  it('begins, is replaced and ends as it is told', async () => {
    const at = new Publishing({ accounts: 60, left: 20 });
    await at.run('pull');
    const shadow = (...args: string[]) => at.run('model', 'shadow', ...args, '--json');
    expect((await shadow()).json).toEqual({ ok: true, shadow: null });
    expect((await shadow('--stop')).json).toEqual({ ok: true, stopped: false });
    const same = await shadow(join(at.dir, 'first.yaml'));
    expect([same.code, same.json.error.message]).toEqual([
      2,
      'first 1 is the live model: beside itself it shows nothing',
    ]);
    const second = at.model('second', { better: 1 });
    expect((await shadow(second, '--stop')).code).toBe(2);
    expect((await shadow(second)).json).toMatchObject({ ok: true, shadow: 'second 1', live: 'first 1' });
    expect((await shadow('--report')).json.shadow).toMatchObject({ accounts: 0, problem: 'nothing was scored yet' });
    const scored = await at.run('score', '--json');
    expect(scored.json).toMatchObject({ model: 'first 1', shadow: { model: 'second 1', accounts: 60 } });
    const told = await shadow('--report');
    expect(told.json.shadow).toEqual(scored.json.shadow);
    const words = (await at.run('model', 'shadow')).out;
    expect(words).toMatch(/second 1 beside first 1 since 2 Nov 2026/);
    expect(words).toContain(`60 accounts, of which ${told.json.shadow.changed} change band`);
    const past = await at.run('score', '--json', '--as-of', '2026-10-01');
    expect(past.json.shadow).toBeNull();
    const third = await shadow(at.model('third', { noise: 1 }));
    expect(third.err).toMatch(/Another model was scored beside the live one; that ends here/);
    expect((await shadow('--report')).json.shadow).toMatchObject({ model: 'third 1', accounts: 0 });
    expect((await shadow('--stop')).json).toEqual({ ok: true, stopped: true });
    expect((await at.run('score', '--json')).json.shadow).toBeNull();
  });
});
