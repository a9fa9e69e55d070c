import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type App, openApp } from '../../app.ts';
import { InputError } from '../../contract/index.ts';
import { endOfDay } from '../../kit/dates.ts';
import { matchSources } from '../../pipeline/match.ts';
import { pullSource } from '../../pipeline/pull.ts';
import { scoreAll } from '../../pipeline/score.ts';
import { dateArgument } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../io.ts';
import { checkWritable } from '../output-file.ts';
import { sayPortfolio } from '../portfolio.ts';
import { ScoresFile } from '../scores-file.ts';
import { sayPull } from './pull.ts';

interface ScoreOptions {
  from?: string;
  model?: string;
  asOf?: string;
  out?: string;
}

/** `score`: from the configured store, or from a folder of exports with no configuration and no account anywhere. */
export async function score(context: CommandContext, options: ScoreOptions): Promise<number> {
  const { io } = context;
  if (options.out !== undefined && !options.out.endsWith('.csv'))
    throw new InputError(`--out ${options.out}: expected a name that ends in .csv`);
  if (options.out !== undefined) checkWritable('--out', options.out);
  const day = options.asOf === undefined ? null : dateArgument('--as-of', options.asOf);
  const temporary = options.from === undefined ? null : mkdtempSync(join(tmpdir(), 'pulseback-'));
  let app: App | null = null;
  let file: ScoresFile | null = null;
  try {
    app = await openApp({
      configPath: context.configPath,
      ...(options.from === undefined ? {} : { inline: folderConfig(options.from, temporary ?? '') }),
      ...(options.model === undefined ? {} : { model: options.model }),
      now: context.now,
      progress: io.progress(),
      signal: context.signal,
    });
    if (options.from) {
      const pulled = await pullSource(app, app.primary);
      sayPull(io, [pulled]);
      if (pulled.failure) throw pulled.failure;
    }
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
    if (file) io.say(`\nWrote ${summary.accounts} rows to ${options.out}.`);
    io.result({ ok: true, ...summary, out: options.out ?? null });
    return EXIT.done;
  } catch (error) {
    await file?.discard();
    throw error;
  } finally {
    await app?.close();
    if (temporary) rmSync(temporary, { recursive: true, force: true });
  }
}

/** A folder of exports as the only source, with a store that lasts for this command. */
const folderConfig = (dir: string, temporary: string) => ({
  store: join(temporary, 'score.db'),
  sources: { exports: { connector: 'files', config: { path: resolve(dir) } } },
});
