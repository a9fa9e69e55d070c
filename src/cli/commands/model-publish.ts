import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from '../../app.ts';
import { InputError } from '../../contract/index.ts';
import { allBands, allDimensions, type Model, modelHash } from '../../core/model.ts';
import { loadReport } from '../../core/model-report.ts';
import { loadModel } from '../../kit/model-file.ts';
import type { BacktestOptions } from '../../pipeline/backtest.ts';
import { judgeModel, type Verdict } from '../../pipeline/judge-model.ts';
import type { Live } from '../../pipeline/live-model.ts';
import { matchSources } from '../../pipeline/match.ts';
import { publish, rivalOf } from '../../pipeline/publish.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../io.ts';
import { modelFile, shortPath } from '../model-file.ts';
import { type PastArguments, pastOptions } from '../past-options.ts';
import { figuresOf } from '../publish/figures.ts';
import { fittedOn, flattery } from '../publish/fitted.ts';
import { personOf } from '../publish/person.ts';
import { sayVerdict } from '../publish/text.ts';
import { instantOf } from '../scoring-app.ts';

export interface PublishCommand extends Omit<PastArguments, 'cv'> {
  force?: boolean;
  reason?: string;
  by?: string;
  dryRun?: boolean;
}

/**
 * `model publish [FILE]`: judges a model by past renewals beside the live one and, where it is above all floors, makes it the live one;
 * without FILE the live one is judged anew. Below a floor it waits for a person, who may force it with a reason that is kept.
 */
export async function modelPublish(
  context: CommandContext,
  command: PublishCommand,
  [file]: string[],
): Promise<number> {
  const { io } = context;
  const reason = reasonOf(command);
  const asked = pastOptions(command);
  const app = await context.open();
  const { live } = app;
  if (!live) throw new Error('the configured app has no live model');
  const path = file === undefined ? null : shortPath(modelFile(file));
  const candidate = path === null ? live.model : loadModel(path);
  const fitted = path === null ? null : fittedOn(path, candidate);
  // A model does well on what it was fitted to: by default it is judged by the rest.
  const options = asked.dates === null && fitted?.judge ? { ...asked, dates: fitted.judge } : asked;
  const known = { model: candidate, hash: modelHash(candidate) };
  for (const date of options.dates ?? []) instantOf(app, date);
  const rival = await rivalOf(app, live, known);
  const verdict = await judge(app, candidate, rival?.model ?? null, options);
  const flattered = fitted && flattery(fitted, verdict.result.dates);
  const warnings = [...(flattered === null ? [] : [flattered]), ...loadReport(candidate).warnings];
  sayVerdict(io, candidate, verdict, warnings, options);

  const held = verdict.shortfalls.length > 0 && command.force !== true;
  const figures = figuresOf(verdict, options);
  const told = {
    model: `${candidate.name} ${candidate.version}`,
    hash: known.hash,
    live: `${live.model.name} ${live.model.version}`,
    dryRun: command.dryRun === true,
    ...figures,
    warnings,
  };
  if (held) return refuse(context, candidate, verdict, file, told);
  if (command.dryRun) {
    io.say(
      `\nNothing was published (--dry-run): ${named(candidate)} ${verdict.shortfalls.length > 0 ? 'would be, by force' : 'is above every floor'}.`,
    );
    io.result({ ok: true, published: false, publication: null, ...told });
    return EXIT.done;
  }
  const forced = verdict.shortfalls.length > 0;
  const done = await publish(app, live, known, rival ?? live, {
    kind: forced ? 'forced' : 'published',
    by: personOf(command.by),
    reason,
    figures,
  });
  const next = nextSteps(app, live, candidate);
  io.say(
    done.hash === live.hash
      ? `\nPublication ${done.number}: ${named(candidate)} stays live, judged anew${forced ? ' and kept by force' : ''}.`
      : `\nPublication ${done.number}: ${named(candidate)} is live${forced ? ', by force' : ''}, from the next run on. \`npx pulseback model rollback\` puts ${named(live.model)} back.`,
  );
  for (const step of next) io.say(step);
  io.result({
    ok: true,
    published: true,
    publication: done.number,
    kind: done.kind,
    by: done.by,
    reason,
    ...told,
    next,
  });
  return EXIT.done;
}

/** A folder of its own keeps what one model says of today's book while the other one scores it. */
async function judge(app: App, candidate: Model, live: Model | null, options: BacktestOptions): Promise<Verdict> {
  const deps = { ...app, ...app.scoringBy(candidate) }; // refuses what the playbook does not go with
  await matchSources(app);
  const dir = mkdtempSync(join(tmpdir(), 'pulseback-publish-'));
  try {
    const scratch = join(dir, 'live.jsonl');
    return await judgeModel(deps, { candidate, live }, { ...options, floors: app.config.publish, scratch });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The person's reason. @throws InputError where force comes without one */
function reasonOf({ force, reason }: PublishCommand): string | null {
  const said = reason?.trim() ?? '';
  if (force === true && said === '')
    throw new InputError('--force needs --reason: it is kept, and shown by `model history`', {
      hint: 'Say why the model goes live below a floor, such as --reason "first year: too few renewals to judge by".',
    });
  return said === '' ? null : said;
}

function refuse(
  { io }: CommandContext,
  candidate: Model,
  { shortfalls }: Verdict,
  file: string | undefined,
  told: Record<string, unknown>,
): number {
  const message = `${named(candidate)} ${shortfalls.map(({ text }) => text).join('; it ')}`;
  const command = `npx pulseback model publish ${file === undefined ? '' : `${file} `}--force --reason "…"`;
  const hint = `Nothing was published. A person who knows better says \`${command}\`.`;
  io.note(`\nheld for a person: ${message}\n  → ${hint}`);
  const error = { message, code: shortfalls[0]?.floor, problems: shortfalls.map(({ text }) => text), hint };
  io.result({ ok: false, exit: EXIT.held, error, published: false, publication: null, ...told });
  return EXIT.held;
}

/** What else has to be done before the CRM shows the scores of this model. */
function nextSteps({ config }: App, live: Live, candidate: Model): string[] {
  const steps: string[] = [];
  const before = new Set([...allDimensions(live.model).map((d) => d.key), ...allBands(live.model)]);
  const fresh = [...allDimensions(candidate).map((d) => d.key), ...allBands(candidate)].filter((k) => !before.has(k));
  if (config.crm && fresh.length > 0)
    steps.push(`The CRM may have no place for ${fresh.join(', ')} yet: \`npx pulseback setup --yes\` makes it.`);
  return steps;
}

const named = ({ name, version }: Model): string => `${name} ${version}`;
