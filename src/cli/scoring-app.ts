import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type App, openApp } from '../app.ts';
import { ConfigFile } from '../config-file.ts';
import { InputError } from '../contract/index.ts';
import { FACTS } from '../core/fact.ts';
import { endOfDay } from '../kit/dates.ts';
import { loadYaml } from '../kit/yaml.ts';
import { matchSources } from '../pipeline/match.ts';
import { pullSource } from '../pipeline/pull.ts';
import { sayPull } from './commands/pull.ts';
import type { CommandContext } from './context.ts';

/** Which data are scored, and by which model. */
export interface ScoringOptions {
  from?: string;
  mapping?: string;
  model?: string;
}

/** What scoring works on: the configured store, or a folder of exports with no configuration and no account anywhere. */
export interface ScoringApp {
  app: App;
  /** What was wrong with some of the folder's files; null = nothing. */
  failure: unknown;
  /** Epoch ms of the newest fact; null = there is none. */
  newest: number | null;
  close(): Promise<void>;
}

/** Opens it with its data pulled (a folder's) and matched. The folder's store lasts until `close`. */
export async function openForScoring(context: CommandContext, options: ScoringOptions): Promise<ScoringApp> {
  const { from, mapping, model } = options;
  if (mapping !== undefined && from === undefined)
    throw new InputError('--mapping goes with --from', {
      hint: 'A configured folder names its mapping file in pulseback.yaml.',
    });
  const temporary = from === undefined ? null : mkdtempSync(join(tmpdir(), 'pulseback-'));
  let app: App | null = null;
  const close = async (): Promise<void> => {
    await app?.close();
    if (temporary) rmSync(temporary, { recursive: true, force: true });
  };
  try {
    app = await openApp({
      configPath: context.configPath,
      ...(from === undefined ? {} : { inline: folderConfig(from, mapping, temporary ?? '') }),
      ...(model === undefined ? {} : { model }),
      now: context.now,
      progress: context.io.progress(),
      signal: context.signal,
    });
    let failure: unknown = null;
    if (from !== undefined) {
      const pulled = await pullSource(app, app.primary);
      sayPull(context.io, [pulled]);
      failure = pulled.failure;
    }
    const newest = await newestFact(app);
    // What is broken in one file does not hide what the others say; where nothing at all came, there is nothing to score.
    if (failure !== null && newest === null) throw failure;
    await matchSources(app);
    return { app, failure, newest, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The instant that a day is scored as of: its end; null = now. */
export function instantOf(app: App, day: string | null): number {
  const asOf = day === null ? app.now() : endOfDay(day, app.config.timezone);
  if (asOf > app.now())
    throw new InputError(`--as-of ${day}: that day has not ended yet`, {
      hint: 'Name a day that is over, or leave --as-of out.',
    });
  return asOf;
}

/** Epoch ms of the newest event or day of use up to now; of states only where there is nothing else. null = no facts. */
async function newestFact({ store }: App): Promise<number | null> {
  const told = await store.kindsToldBy(Number.MAX_SAFE_INTEGER);
  const happened = told.filter(({ kind }) => FACTS[kind].shape !== 'state');
  let newest: number | null = null;
  for (const { source, kind } of happened.length > 0 ? happened : told) {
    const own = await store.newestTold(source, kind);
    if (own !== null) newest = Math.max(own, newest ?? own);
  }
  return newest;
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
