import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadModel } from '../../src/kit/model-file.ts';
import { writeExports } from '../../src/sandbox/exports.ts';
import { makeWorld } from '../../src/sandbox/world.ts';
import type { WorldOptions } from '../../src/sandbox/world.types.ts';
import { folder } from '../cli/support.ts';
import { type CliResult, cli, Loop } from './harness.ts';

const NOW = '2026-11-02T07:00:00Z';
const QUICK = ['--resamples', '200'];
const codes = (json: CliResult['json']): string[] => json.findings.map((f: { code: string }) => f.code);

/** No figure is missing without a word, and none is NaN. */
function sound(thing: unknown): void {
  expect(JSON.stringify(thing)).not.toMatch(/NaN|Infinity/);
}

async function calibrated(exports: string, ...args: string[]) {
  const dir = folder();
  const out = join(dir, 'proposal.yaml');
  const run = await cli(['calibrate', '--from', exports, '--json', '--now', NOW, ...QUICK, '--out', out, ...args]);
  if (run.code === 0) sound(run.json);
  return { ...run, out, evidence: join(dir, 'proposal.evidence.json') };
}

/** The world's exports, with the day on which each account left: the world knows it. */
async function worldExports(dir: string, churn: WorldOptions['churn']): Promise<void> {
  const world = makeWorld({ seed: 11, customers: 700, now: Date.parse(NOW), churn });
  await writeExports(world, dir);
  const left = new Map(
    [...world.accounts()].flatMap(({ externalKey, churnedAt }) =>
      churnedAt === null || churnedAt > world.now()
        ? []
        : [[externalKey, new Date(churnedAt).toISOString().slice(0, 10)]],
    ),
  );
  const [head, ...rows] = readFileSync(join(dir, 'accounts.csv'), 'utf8').trim().split('\n');
  const lines = rows.map((row) => `${row},${left.get(row.split(',')[0] ?? '') ?? ''}`);
  writeFileSync(join(dir, 'accounts.csv'), `${[`${head},churned_on`, ...lines].join('\n')}\n`);
  const mapping = readFileSync(join(dir, 'mapping.yaml'), 'utf8');
  writeFileSync(
    join(dir, 'mapping.yaml'),
    mapping.replace('observedAt: since\n', 'observedAt: since\n    attributes: [churned_on]\n'),
  );
}

describe('calibrate on the sandbox world', () => {
  const DATES = ['--horizon', '120', '--as-of', '2026-01-31,2026-02-28,2026-06-30'];

  it('predicts its churn better than equal weights, and says what scoring by the proposal then says', async () => {
    const exports = folder();
    await worldExports(exports, 'by health');
    const { code, json, out, evidence } = await calibrated(exports, ...DATES);
    expect(code).toBe(0);
    expect(json).toMatchObject({
      method: 'out of time',
      fit: ['2026-01-31', '2026-02-28'],
      judge: ['2026-06-30'],
      outcome: { kind: 'churn-date', field: 'churned_on' },
    });
    expect(json.judged.after.value).toBeGreaterThan(json.judged.equal.value);
    expect(json.judged.gainOverEqual.low).toBeGreaterThan(0);
    expect(codes(json)).not.toContain('does-not-predict');
    const { ok, exit, out: _, evidence: __, report: ___, ...told } = json;
    expect({ ok, exit }).toEqual({ ok: true, exit: undefined });
    expect(JSON.parse(readFileSync(evidence, 'utf8'))).toEqual(told);

    // Scoring itself, caps and all, by the file that was written.
    const again = await cli([
      'backtest',
      '--from',
      exports,
      '--model',
      out,
      '--json',
      '--now',
      NOW,
      ...QUICK,
      ...DATES,
    ]);
    expect(again.json.tested.auc.value).toBeCloseTo(json.judged.after.value, 3);
    expect(again.json.tested.cases).toBe(json.judged.cases);
  }, 300_000);

  it('says of random churn that nothing predicts it', async () => {
    const exports = folder();
    await worldExports(exports, 'random');
    const { code, json } = await calibrated(exports, ...DATES);
    expect(code).toBe(0);
    expect(json.findings[0]).toMatchObject({
      code: 'does-not-predict',
      text: expect.stringContaining('does not predict here'),
    });
    expect(json.judged.after.low).toBeLessThan(0.5);
  }, 300_000);
});

describe('calibrate on the configured store', () => {
  it('learns from renewals, and changes nothing there', async () => {
    const loop = await Loop.start({ crm: 'hubspot', accounts: 150, usageDays: 200 });
    try {
      expect((await loop.run('pull')).code).toBe(0);
      const out = join(loop.dir, 'proposal.yaml');
      const { code, json } = await loop.run('calibrate', ...QUICK, '--out', out);
      expect(code).toBe(0);
      expect(json.outcome).toMatchObject({ kind: 'renewal', chosen: true });
      expect(json.fitted.lost).toBeGreaterThan(0);
      expect(json.judged.gain.value).not.toBeNull();
      expect(loadModel(out)).toMatchObject({ name: 'five-dimension', version: 2 });

      // Published, it is live although no file of the configuration says it, and the next proposal goes on from there.
      const published = await loop.run('model', 'publish', out, '--force', '--reason', 'tried', ...QUICK);
      expect(published.json).toMatchObject({ ok: true, published: true });
      const next = join(loop.dir, 'next.yaml');
      const again = await loop.run('calibrate', ...QUICK, '--out', next);
      expect(again.json).toMatchObject({ ok: true, model: 'five-dimension 2', file: null });
      expect(loadModel(next).version).toBe(3);
    } finally {
      await loop.close();
    }
  }, 120_000);
});

describe('calibrate on few plain files', () => {
  const MAPPING = `version: 1
files:
  accounts:
    file: accounts.csv
    kind: account
    account: id
    observedAt: since
    fields: { name: id }
    attributes: [use, tickets, fixed, never, left, copied]
`;
  const MODEL = `# Tried out.
name: tried
version: 3 # the third
bands:
  - { key: green, from: 70 } # fine
  - { key: yellow, from: 40 }
  - { key: red, from: 0 }
dimensions:
${['use', 'tickets', 'fixed', 'never', 'copied']
  .map(
    (metric) => `  - key: ${metric}
    label: ${metric}
    weight: 20
    signals:
      - key: ${metric}-signal
        label: ${metric}
        unit: ''
        weight: 100
        tag: leading
        direction: higher is better
        enabled: ${metric !== 'copied'}
        from: { kind: account, metric: ${metric} }
        aggregation: latest
        curve: { linear: [[0, 0], [100, 100]] }
        text: '{value}'
`,
  )
  .join('')}`.replace(
    'key: copied\n    label: copied\n    weight: 20',
    'key: copied\n    label: copied\n    weight: 0',
  );

  /** Accounts whose use tells who leaves, and whose tickets tell nothing. */
  function files(count: number, left: (i: number) => boolean, model = MODEL): { dir: string; model: string } {
    const dir = folder();
    writeFileSync(join(dir, 'mapping.yaml'), MAPPING);
    writeFileSync(join(dir, 'model.yaml'), model);
    const rows = Array.from({ length: count }, (_, i) => {
      const use = left(i) ? (i * 37) % 70 : 30 + ((i * 53) % 71);
      return [`A${i}`, '2026-01-01', use, (i * 29) % 101, 50, '', left(i) ? 'yes' : 'no', left(i) ? 0 : 100].join(',');
    });
    writeFileSync(
      join(dir, 'accounts.csv'),
      `${['id,since,use,tickets,fixed,never,left,copied', ...rows].join('\n')}\n`,
    );
    return { dir, model: join(dir, 'model.yaml') };
  }
  const tried = ({ dir, model }: { dir: string; model: string }, ...args: string[]) =>
    calibrated(dir, '--model', model, '--outcome', 'left', ...args);

  it('moves weight to what tells who left, keeps what nobody can learn of, and keeps the file', async () => {
    const made = files(400, (i) => i % 4 === 0);
    const report = join(folder(), 'proposal.html');
    const { code, json, out } = await tried(made, '--report', report);
    expect(code).toBe(0);
    expect(json).toMatchObject({
      method: 'cross-validation',
      parts: 5,
      model: 'tried 3',
      proposal: { model: 'tried 4' },
    });
    const proposal = loadModel(out);
    expect(proposal.version).toBe(4);
    expect(proposal.dimensions.map((d) => d.weight).reduce((a, b) => a + b, 0)).toBe(100);
    const [use = 0, tickets = 0, fixed, never] = proposal.dimensions.map((d) => d.weight);
    expect(use).toBeGreaterThan(tickets + 20);
    expect([fixed, never]).toEqual([25, 25]);
    expect(codes(json)).toEqual(expect.arrayContaining(['never-there', 'always-the-same']));
    const text = readFileSync(out, 'utf8');
    for (const comment of ['# Tried out.', '# the third', '# fine']) expect(text).toContain(comment);
    expect(json.diff).toMatchObject({ accounts: 400, changed: expect.any(Number), written: expect.any(Array) });
    expect(json.diff.moved[0]).toMatchObject({ before: { band: expect.any(String) }, lines: expect.any(Array) });
    expect(readFileSync(made.model, 'utf8')).toBe(MODEL);
    const { before, after } = json.judged.probabilities;
    for (const { brier, brierOfBase } of [before, after]) expect(brier).toBeLessThan(brierOfBase);
    const page = readFileSync(report, 'utf8');
    for (const said of ['tried 3', 'tried 4', 'never there', 'The proposal: before and after'])
      expect(page).toContain(said);
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('says the same of the same seed, to people too', async () => {
    const made = files(300, (i) => i % 4 === 0);
    const told = async (): Promise<string> => {
      const out = join(folder(), 'p.yaml');
      const run = await cli([
        'calibrate',
        '--from',
        made.dir,
        '--model',
        made.model,
        '--outcome',
        'left',
        '--now',
        NOW,
        ...QUICK,
        '--out',
        out,
      ]);
      return run.out.replaceAll(out, 'p.yaml').replaceAll(out.replace('.yaml', '.evidence.json'), 'p.evidence.json');
    };
    const first = await told();
    expect(await told()).toBe(first);
    expect(first).toContain('judged by cross-validation over 5 parts');
    expect(first).toMatch(/^Share of the score, before and after/m);
    expect(first).toMatch(/Nothing is changed: `npx pulseback model publish \S+\.yaml` makes it live\.\n$/);
    expect(first).not.toMatch(/NaN|Infinity|undefined|null/);
  });

  it('leaves out a label that is used as a signal, and names it', async () => {
    const model = MODEL.replace('enabled: false', 'enabled: true').replace(
      'label: copied\n    weight: 0',
      'label: copied\n    weight: 20',
    );
    const { code, json, out } = await tried(files(400, (i) => i % 4 === 0, model));
    expect(code).toBe(0);
    expect(json.findings.find((f: { code: string }) => f.code === 'knows-the-outcome')).toMatchObject({
      signals: ['copied.copied-signal'],
    });
    expect(loadModel(out).dimensions.find((d) => d.key === 'copied')?.weight).toBe(0);
  });

  it('gives the weights back where five accounts left, and says so', async () => {
    const { code, json, out } = await tried(files(200, (i: number) => i < 5));
    expect(code).toBe(0);
    expect(loadModel(out).dimensions).toEqual(loadModel(files(1, () => false).model).dimensions);
    expect(codes(json)[0]).toBe('too-few-events');
    expect(json.findings.map((f: { text: string }) => f.text).join(' ')).toContain('5 accounts left and 195 stayed');
    expect(json.judged.after).toMatchObject({ low: null, high: null });
  });

  it.each([
    ['nobody left', (_: number): boolean => false, /nothing to calibrate on: nobody left \(60 observations\)/],
    ['nobody stayed', (_: number): boolean => true, /nothing to calibrate on: nobody stayed \(60 observations\)/],
  ] as const)('refuses where %s, and writes nothing', async (_, left, said) => {
    const { code, json, err, out, evidence } = await tried(files(60, left));
    expect(code).toBe(2);
    expect(json).toMatchObject({ ok: false });
    expect(err).toMatch(said);
    expect([existsSync(out), existsSync(evidence)]).toEqual([false, false]);
  });

  it.each([
    [['--as-of', '2026-12-31'], /--as-of 2026-12-31: that day has not ended yet/],
    [['--outcome', 'lft'], /The nearest is "left"/],
    [['--out', 'proposal.json'], /ends in \.yaml/],
    [['--out', 'no/such/place.yaml'], /there is no folder no\/such/],
    [['--cv', '1'], /--cv 1: expected a whole number from 2/],
    [['--outcome', 'inactivity'], /nothing to calibrate on: nothing in the data tells who left/],
  ])('refuses %j', async (args, said) => {
    const { code, err } = await tried(
      files(60, (i) => i % 3 === 0),
      ...args,
    );
    expect(code).toBe(2);
    expect(err).toMatch(said);
  });

  it('never replaces the model itself', async () => {
    const made = files(100, (i) => i % 3 === 0);
    const { code, err } = await tried(made, '--out', made.model);
    expect(code).toBe(2);
    expect(err).toMatch(/that is the model itself, which a proposal never replaces/);
    expect(readFileSync(made.model, 'utf8')).toBe(MODEL);
  });

  it('never replaces a file that is no proposal, and writes over an earlier one', async () => {
    const made = files(100, (i) => i % 3 === 0);
    const out = join(folder(), 'pulseback.yaml');
    writeFileSync(out, 'crm: mine\n');
    const { code, err } = await tried(made, '--out', out);
    expect(code).toBe(2);
    expect(err).toMatch(/that file is there, and is no proposal: it has no \S+pulseback\.evidence\.json beside it/);
    expect(readFileSync(out, 'utf8')).toBe('crm: mine\n');
    const again = join(folder(), 'p.yaml');
    expect((await tried(made, '--out', again)).code).toBe(0);
    const first = readFileSync(again, 'utf8');
    expect((await tried(made, '--out', again)).code).toBe(0);
    expect(readFileSync(again, 'utf8')).toBe(first);
  });

  it('stops when asked to', async () => {
    const made = files(300, (i) => i % 4 === 0);
    const stop = new AbortController();
    stop.abort(new Error('stopped by Ctrl-C'));
    const out = join(folder(), 'p.yaml');
    const run = await cli(
      ['calibrate', '--from', made.dir, '--model', made.model, '--outcome', 'left', '--now', NOW, '--out', out],
      stop.signal,
    );
    expect(run.code).toBe(130);
    expect(existsSync(out)).toBe(false);
  });
});
