import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApp } from '../../app.ts';
import { environment, storePlace } from '../../config.ts';
import { dayOf } from '../../core/days.ts';
import { todayIn } from '../../kit/dates.ts';
import { loadModel } from '../../kit/model-file.ts';
import { scoreAll } from '../../pipeline/score.ts';
import { emptySchema } from '../../store/practice.ts';
import { wholeNumber } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../io.ts';
import { modelFile } from '../model-file.ts';
import { child, fillBook } from '../score-bench/book.ts';
import { FACTS_EACH } from '../score-bench/facts.ts';
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
    const book = options.duckdb ? 'tables' : 'plain';
    await fillBook({ dir, model, accounts, seed, now: now(), book }, env, io.progress(), signal);
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

/** DuckDB on the same facts, on two threads. */
async function duckdbSeconds(dir: string, today: number, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<number> {
  let told = '';
  await child('duckdb.ts', [dir, `${today}`], env, signal, (line) => {
    told = line;
  });
  return (JSON.parse(told) as { seconds: number }).seconds;
}
