import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openApp } from '../../app.ts';
import { environment, PACKAGE_ROOT, storePlace } from '../../config.ts';
import { dayOf } from '../../core/days.ts';
import { todayIn } from '../../kit/dates.ts';
import { loadModel } from '../../kit/model-file.ts';
import { toYaml } from '../../kit/yaml.ts';
import type { Progress } from '../../pipeline/progress.ts';
import { scoreAll } from '../../pipeline/score.ts';
import { emptySchema } from '../../store/practice.ts';
import { wholeNumber } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../io.ts';
import { modelFile } from '../model-file.ts';
import { FACTS_EACH, SOURCES } from '../score-bench/facts.ts';
import { readingSeconds } from '../score-bench/reading.ts';

interface ScoreBenchArguments {
  accounts: string;
  seed: string;
  model: string;
  duckdb: boolean;
}

/**
 * `bench score`: scores a book of invented customers of fifty facts each, and compares the time that the store takes to aggregate
 * them with DuckDB's for the signals of `weighted-formula`. With DATABASE_URL the book lies in PostgreSQL, in a schema of
 * its own that is dropped again.
 */
export async function benchScore({ io, now, signal }: CommandContext, options: ScoreBenchArguments): Promise<number> {
  const accounts = wholeNumber('--accounts', options.accounts, 1);
  const seed = wholeNumber('--seed', options.seed);
  const model = modelFile(options.model);
  loadModel(model); // before minutes are spent on a book that nothing can score
  const dir = mkdtempSync(join(tmpdir(), 'pulseback-score-'));
  const { DATABASE_URL: database } = environment();
  const schema = database ? await emptySchema(database) : null;
  const env = { ...environment(), ...(schema ? { DATABASE_URL: schema.url } : {}) };
  try {
    await fill({ dir, model, accounts, seed, now: now(), tables: options.duckdb }, env, io.progress(), signal);
    const app = await openApp({ configPath: join(dir, 'pulseback.yaml'), env, now, signal });
    try {
      const began = performance.now();
      const { summary } = await scoreAll({ ...app, progress: io.progress() }, app.now());
      const seconds = (performance.now() - began) / 1000;
      const rssMb = Math.round(process.resourceUsage().maxRSS / 1024);
      const place = storePlace(app.config, env);
      const reading = await readingSeconds(app, { place, workspace: app.config.workspace, asOf: app.now() });
      const duckdb = options.duckdb
        ? await duckdbSeconds(dir, dayOf(todayIn(app.config.timezone, app.now())), env, signal)
        : null;
      const round = (value: number): number => Math.round(value * 1000) / 1000;
      const result = {
        store: schema ? 'postgresql' : 'sqlite',
        model: summary.model,
        facts: accounts * FACTS_EACH,
        accounts: summary.accounts,
        scored: summary.scored,
        bands: summary.bands,
        seconds: round(seconds),
        aggregationSeconds: round(reading),
        wholeRatio: round(seconds / reading),
        threads: app.threads?.size ?? 1,
        rssMb,
        duckdbSeconds: duckdb === null ? null : round(duckdb),
        duckdbRatio: duckdb === null ? null : round(reading / duckdb),
      };
      io.say(
        `${result.accounts} accounts with ${result.facts} facts in ${result.seconds} s, of which aggregating them takes ${result.aggregationSeconds} s by itself; peak ${rssMb} MB`,
      );
      if (duckdb !== null)
        io.say(`DuckDB aggregates the same in ${result.duckdbSeconds} s: we take ${result.duckdbRatio} times as long`);
      io.result(result);
      return EXIT.done;
    } finally {
      await app.close();
    }
  } finally {
    await schema?.drop();
    rmSync(dir, { recursive: true, force: true });
  }
}

const MAPPING = `version: 1
defaults: { timezone: UTC }
accounts:
  segment:
    - { key: enterprise, when: { field: Segment, is: Enterprise } }
    - { key: smb, when: { field: Segment, is: SMB } }
files:
  accounts: { kind: account, file: accounts.jsonl, account: id, fields: { name: name } }
`;

interface Book {
  dir: string;
  model: string;
  accounts: number;
  seed: number;
  now: number;
  /** Also write the tables that DuckDB reads. */
  tables: boolean;
}

/** A workspace of four sources that nothing is pulled from: their facts are stored by the bench itself. */
async function fill(book: Book, env: NodeJS.ProcessEnv, progress: Progress, signal: AbortSignal): Promise<void> {
  const { dir, model, accounts, seed, now } = book;
  const sources: Record<string, unknown> = {};
  for (const source of SOURCES) {
    mkdirSync(join(dir, source));
    writeFileSync(join(dir, source, 'mapping.yaml'), MAPPING);
    sources[source] = { connector: 'files', config: { path: join(dir, source) } };
  }
  const settings = {
    workspace: 'bench',
    currency: 'GBP',
    store: join(dir, 'bench.db'),
    model,
    sources,
  };
  writeFileSync(join(dir, 'pulseback.yaml'), toYaml(settings));
  const bar = progress.start('store facts');
  const more = [`${accounts}`, `${seed}`, `${now}`, book.tables ? 'tables' : ''];
  await child('fill.ts', [dir, ...more], env, signal, (line) => bar.update(Number(line) * FACTS_EACH));
  bar.done(`${accounts * FACTS_EACH} facts`);
}

/** Runs a script of the bench in a process of its own. */
async function child(
  script: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<void> {
  const path = join(PACKAGE_ROOT, 'src/cli/score-bench', script);
  const running = spawn(process.execPath, [path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
    signal,
  });
  const ended = new Promise<number | null>((resolve, reject) => running.on('error', reject).on('close', resolve));
  for await (const line of createInterface({ input: running.stdout })) onLine(line);
  const code = await ended;
  if (code !== 0) throw new Error(`${script} did not come to an end (exit code ${code})`);
}

/** DuckDB on the same facts, on two threads. */
async function duckdbSeconds(dir: string, today: number, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<number> {
  let told = '';
  await child('duckdb.ts', [dir, `${today}`], env, signal, (line) => {
    told = line;
  });
  return (JSON.parse(told) as { seconds: number }).seconds;
}
