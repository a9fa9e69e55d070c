import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type App, openApp } from '../../app.ts';
import { ConfigFile } from '../../config.ts';
import { InputError } from '../../contract/index.ts';
import { FACTS } from '../../core/fact.ts';
import { counted } from '../../core/format.ts';
import { endOfDay } from '../../kit/dates.ts';
import { loadYaml } from '../../kit/yaml.ts';
import { matchSources } from '../../pipeline/match.ts';
import { pullSource } from '../../pipeline/pull.ts';
import { scoreAll } from '../../pipeline/score.ts';
import { dateArgument } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { dateText } from '../format.ts';
import { EXIT, failureOf } from '../io.ts';
import { checkWritable } from '../output-file.ts';
import { sayPortfolio } from '../portfolio.ts';
import { ScoresFile } from '../scores-file.ts';
import { sayPull } from './pull.ts';

/** Older than every window of the shipped models' daily signals. */
const OLD_DATA_MS = 60 * 86_400_000;

interface ScoreOptions {
  from?: string;
  mapping?: string;
  model?: string;
  asOf?: string;
  out?: string;
}

/** `score`: from the configured store, or from a folder of exports with no configuration and no account anywhere. */
export async function score(context: CommandContext, options: ScoreOptions): Promise<number> {
  const { io } = context;
  if (options.out !== undefined && !options.out.endsWith('.csv'))
    throw new InputError(`--out ${options.out}: expected a name that ends in .csv`);
  if (options.mapping !== undefined && options.from === undefined)
    throw new InputError('--mapping goes with --from', {
      hint: 'A configured folder names its mapping file in pulseback.yaml.',
    });
  if (options.out !== undefined) checkWritable('--out', options.out);
  const day = options.asOf === undefined ? null : dateArgument('--as-of', options.asOf);
  const temporary = options.from === undefined ? null : mkdtempSync(join(tmpdir(), 'pulseback-'));
  let app: App | null = null;
  let file: ScoresFile | null = null;
  let failure: unknown = null;
  try {
    app = await openApp({
      configPath: context.configPath,
      ...(options.from === undefined ? {} : { inline: folderConfig(options.from, options.mapping, temporary ?? '') }),
      ...(options.model === undefined ? {} : { model: options.model }),
      now: context.now,
      progress: io.progress(),
      signal: context.signal,
    });
    if (options.from) {
      const pulled = await pullSource(app, app.primary);
      sayPull(io, [pulled]);
      failure = pulled.failure;
    }
    const newest = await newestFact(app);
    // What is broken in one file does not hide what the others say; where nothing at all came, there is nothing to score.
    if (failure !== null && newest === null) throw failure;
    await matchSources(app);
    const asOf = day === null ? app.now() : endOfDay(day, app.config.timezone);
    if (asOf > app.now())
      throw new InputError(`--as-of ${options.asOf}: that day has not ended yet`, {
        hint: 'Leave --as-of out to score now.',
      });
    file = options.out === undefined ? null : new ScoresFile(options.out, app.model);
    const { summary } = await scoreAll(app, asOf, (scores) => file?.write(scores));
    await file?.close();
    sayPortfolio(io, summary);
    const unknownThen = day === null ? 0 : (await knownAccounts(app)) - summary.accounts - summary.outside;
    if (unknownThen > 0)
      io.note(
        `${counted(unknownThen, 'account')} left out: the source says nothing of them up to ${dateText(day)}. Fields without history begin with the first pull.`,
      );
    if (day === null && newest !== null && newest < asOf - OLD_DATA_MS)
      io.note(
        `The newest data are of ${dateText(new Date(newest).toISOString().slice(0, 10))}: add --as-of ${new Date(newest).toISOString().slice(0, 10)} to score as of then.`,
      );
    if (file) io.say(`\nWrote ${counted(summary.accounts, 'row')} to ${options.out}.`);
    const failed = failure === null ? null : failureOf(failure);
    const error = failed && {
      message: failed.message,
      hint: failed.hint,
      code: failed.code,
      problems: failed.problems,
    };
    io.result({
      ok: failed === null,
      ...summary,
      unknownThen,
      out: options.out ?? null,
      ...(error ? { exit: failed.exit, error } : {}),
    });
    return failed?.exit ?? EXIT.done;
  } catch (error) {
    await file?.discard();
    throw error;
  } finally {
    await app?.close();
    if (temporary) rmSync(temporary, { recursive: true, force: true });
  }
}

/** Epoch ms of the newest event or day of use up to now; of states only where there is nothing else. null = no facts. */
async function newestFact(app: App): Promise<number | null> {
  const counts = (await app.store.countFacts()).filter((c) => c.newest !== null);
  const happened = counts.filter((c) => FACTS[c.kind].shape !== 'state');
  const times = (happened.length ? happened : counts).map((c) => c.newest ?? 0);
  return times.length ? Math.max(...times) : null;
}

/** Accounts of the primary source that are known now, whatever their date. */
async function knownAccounts(app: App): Promise<number> {
  const counts = await app.store.countFacts();
  return counts.find((c) => c.source === app.primary.name && c.kind === 'account')?.accounts ?? 0;
}

/** A folder of exports as the only source, with a store that lasts for this command. */
function folderConfig(dir: string, mapping: string | undefined, temporary: string) {
  const path = resolve(mapping ?? join(dir, 'mapping.yaml'));
  // A folder or mapping that is missing is for the connector to explain.
  const { defaults } = existsSync(path) ? loadYaml(path, MappingDefaults) : MappingDefaults.parse({});
  return {
    store: join(temporary, 'score.db'),
    ...(defaults.currency === undefined ? {} : { currency: defaults.currency }),
    ...(defaults.timezone === undefined ? {} : { timezone: defaults.timezone }),
    sources: { exports: { connector: 'files', config: { path: resolve(dir), ...(mapping ? { mapping: path } : {}) } } },
  };
}

/** With no configuration, the folder's own currency and time zone are the company's. The connector checks the rest. */
const MappingDefaults = z.looseObject({
  defaults: z
    .looseObject({
      currency: ConfigFile.shape.currency.unwrap().optional(),
      timezone: ConfigFile.shape.timezone.unwrap().optional(),
    })
    .prefault({}),
});
