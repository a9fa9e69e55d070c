import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApp } from '../../app.ts';
import { environment } from '../../config.ts';
import { dateOf, dayOf } from '../../core/days.ts';
import { todayIn } from '../../kit/dates.ts';
import { loadModel } from '../../kit/model-file.ts';
import { backtest } from '../../pipeline/backtest.ts';
import { emptySchema } from '../../store/practice.ts';
import { wholeNumber } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../io.ts';
import { modelFile } from '../model-file.ts';
import { fillBook } from '../score-bench/book.ts';

interface BacktestBenchArguments {
  accounts: string;
  dates: string;
  resamples: string;
  seed: string;
  model: string;
}

const HORIZON = 90;
const EVERY = 30;
const MOST_DATES = 12;

/**
 * `bench backtest`: a backtest of a book of invented customers who have a past of eighteen months, of whom a fifth left. Time and memory
 * are those of the backtest alone: the book is stored by a process of its own. With DATABASE_URL it lies in PostgreSQL.
 */
export async function benchBacktest(
  { io, now, signal }: CommandContext,
  given: BacktestBenchArguments,
): Promise<number> {
  const accounts = wholeNumber('--accounts', given.accounts, 1);
  const count = wholeNumber('--dates', given.dates, 1, MOST_DATES);
  const seed = wholeNumber('--seed', given.seed);
  const resamples = wholeNumber('--resamples', given.resamples, 100, 100_000);
  const model = modelFile(given.model);
  loadModel(model); // before minutes are spent on a book that nothing can score
  const dir = mkdtempSync(join(tmpdir(), 'pulseback-backtest-'));
  const { DATABASE_URL: database } = environment();
  const schema = database ? await emptySchema(database) : null;
  const env = { ...environment(), ...(schema ? { DATABASE_URL: schema.url } : {}) };
  try {
    const book = { dir, model, accounts, seed, now: now(), book: 'past' as const };
    const facts = await fillBook(book, env, io.progress(), signal);
    const app = await openApp({ configPath: join(dir, 'pulseback.yaml'), env, now, signal });
    try {
      const last = dayOf(todayIn(app.config.timezone, app.now())) - HORIZON - 1;
      const dates = Array.from({ length: count }, (_, i) => dateOf(last - (count - 1 - i) * EVERY));
      const began = performance.now();
      const options = { dates, horizon: HORIZON, outcome: 'churn-date', parts: null, resamples, seed };
      const { report, findings } = await backtest({ ...app, progress: io.progress() }, options);
      const seconds = Math.round(performance.now() - began) / 1000;
      const rssMb = Math.round(process.resourceUsage().maxRSS / 1024);
      const { observations, lost, auc, tested } = report;
      io.say(
        `${accounts} accounts with ${facts} facts at ${count} dates: ${observations} observations, ${lost} lost, in ${seconds} s; peak ${rssMb} MB`,
      );
      io.result({
        store: schema ? 'postgresql' : 'sqlite',
        model: `${app.model.name} ${app.model.version}`,
        threads: app.threads && accounts >= app.threads.least ? app.threads.size : 1,
        ...{ accounts, facts, dates, observations, lost, seconds, rssMb },
        auc,
        testedAuc: tested.auc,
        findings: findings.map((f) => f.code),
      });
      return EXIT.done;
    } finally {
      await app.close();
    }
  } finally {
    await schema?.drop();
    rmSync(dir, { recursive: true, force: true });
  }
}
