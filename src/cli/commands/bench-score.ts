import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type App, openApp } from '../../app.ts';
import { environment, PACKAGE_ROOT } from '../../config.ts';
import { dayOf } from '../../core/days.ts';
import { todayIn } from '../../kit/dates.ts';
import { toYaml } from '../../kit/yaml.ts';
import { scoreAll } from '../../pipeline/score.ts';
import type { WorkspaceStore } from '../../store/types.ts';
import { wholeNumber } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../io.ts';
import { FACTS_EACH, factsOf, idOf, SOURCES } from '../score-bench/facts.ts';
import { TableFiles } from '../score-bench/tables.ts';
import { Stopwatch, timed } from '../score-bench/timed.ts';

interface ScoreBenchArguments {
  accounts: string;
  seed: string;
  model: string;
  duckdb: boolean;
}

/** Customers whose facts are stored in one transaction for each source. */
const PAGE = 100;

/**
 * `bench score`: scores a book of invented customers of fifty facts each, and compares the time that the store takes to aggregate
 * them with DuckDB's for the signals of `weighted-formula`. With DATABASE_URL the book lies in PostgreSQL.
 */
export async function benchScore({ io, now, signal }: CommandContext, options: ScoreBenchArguments): Promise<number> {
  const accounts = wholeNumber('--accounts', options.accounts, 1);
  const seed = wholeNumber('--seed', options.seed);
  const dir = mkdtempSync(join(tmpdir(), 'pulseback-score-'));
  try {
    const app = await openBook(dir, options.model, now(), signal);
    try {
      const tables = options.duckdb ? new TableFiles(dir) : null;
      const bar = io.progress().start('store facts');
      for (let n = 0; n < accounts; n += PAGE) {
        signal.throwIfAborted();
        await storePage(app, n, Math.min(accounts, n + PAGE), seed, tables);
        bar.update(n * FACTS_EACH);
      }
      bar.done(`${accounts * FACTS_EACH} facts`);
      await linkAll(app.store, accounts);
      await tables?.close();

      const watch = new Stopwatch();
      const began = performance.now();
      const { summary } = await scoreAll(
        { ...app, store: timed(app.store, watch), progress: io.progress() },
        app.now(),
      );
      const seconds = (performance.now() - began) / 1000;
      const rssMb = Math.round(process.resourceUsage().maxRSS / 1024);
      const duckdb = tables ? await duckdbSeconds(dir, dayOf(todayIn(app.config.timezone, app.now()))) : null;
      const round = (value: number): number => Math.round(value * 1000) / 1000;
      const result = {
        store: environment().DATABASE_URL ? 'postgresql' : 'sqlite',
        model: summary.model,
        facts: accounts * FACTS_EACH,
        accounts: summary.accounts,
        scored: summary.scored,
        bands: summary.bands,
        seconds: round(seconds),
        aggregationSeconds: round(watch.seconds),
        wholeRatio: round(seconds / watch.seconds),
        inFull: watch.inFull,
        rssMb,
        duckdbSeconds: duckdb === null ? null : round(duckdb),
        duckdbRatio: duckdb === null ? null : round(watch.seconds / duckdb),
      };
      io.say(
        `${result.accounts} accounts with ${result.facts} facts in ${result.seconds} s, of which ${result.aggregationSeconds} s to aggregate them; peak ${rssMb} MB`,
      );
      if (duckdb !== null)
        io.say(`DuckDB aggregates the same in ${result.duckdbSeconds} s: we take ${result.duckdbRatio} times as long`);
      io.result(result);
      return EXIT.done;
    } finally {
      await app.close();
    }
  } finally {
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

/** A workspace of four sources that nothing is pulled from: their facts are stored by the bench itself. */
async function openBook(dir: string, model: string, now: number, signal: AbortSignal): Promise<App> {
  const sources: Record<string, unknown> = {};
  for (const source of SOURCES) {
    mkdirSync(join(dir, source));
    writeFileSync(join(dir, source, 'mapping.yaml'), MAPPING);
    sources[source] = { connector: 'files', config: { path: join(dir, source) } };
  }
  const configPath = join(dir, 'pulseback.yaml');
  const settings = {
    workspace: `bench-${process.pid}`,
    currency: 'GBP',
    store: join(dir, 'bench.db'),
    model: /\.ya?ml$/.test(model) ? resolve(model) : model,
    sources,
  };
  writeFileSync(configPath, toYaml(settings));
  return await openApp({ configPath, env: environment(), now: () => now, signal });
}

async function storePage(app: App, from: number, to: number, seed: number, tables: TableFiles | null): Promise<void> {
  const { store } = app;
  const pages = Object.fromEntries(SOURCES.map((source) => [source, [] as ReturnType<typeof factsOf>['crm']]));
  for (let n = from; n < to; n++) {
    const facts = factsOf(n, seed, app.now());
    for (const source of SOURCES) pages[source]?.push(...facts[source]);
    await tables?.add(n, facts);
  }
  for (const source of SOURCES)
    await store.commitPage(
      source,
      'bench',
      { facts: pages[source] ?? [], rejects: [], cursor: { version: 1, position: to } },
      app.now(),
    );
}

/** Every customer is known to the other sources by the same id. */
async function linkAll(store: WorkspaceStore, accounts: number): Promise<void> {
  for (const source of SOURCES.slice(1)) {
    const links = Array.from({ length: accounts }, (_, n) => ({
      source,
      sourceAccount: idOf(n),
      account: idOf(n),
      reason: 'account id',
    }));
    await store.replaceLinks(source, links, []);
  }
}

/** DuckDB in a process of its own. @returns null where it is not installed */
async function duckdbSeconds(dir: string, today: number): Promise<number | null> {
  const script = join(PACKAGE_ROOT, 'src/cli/score-bench/duckdb.ts');
  const child = spawn(process.execPath, [script, dir, `${today}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`DuckDB did not come to an end (exit code ${code})`);
  return (JSON.parse(out) as { seconds: number }).seconds;
}
