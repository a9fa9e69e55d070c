import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type App, openApp } from '../../app.ts';
import { InputError } from '../../contract/index.ts';
import type { FactKind } from '../../core/fact.ts';
import { type Feed, feedFindings } from '../../core/feed.ts';
import { counted } from '../../core/format.ts';
import { Model, modelHash, WholeModel } from '../../core/model.ts';
import { type Finding, loadReport } from '../../core/model-report.ts';
import { loadModel } from '../../kit/model-file.ts';
import { locatedYaml } from '../../kit/yaml.ts';
import { type Seen, seenSignals } from '../../pipeline/seen.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../io.ts';
import { sayFindings, sayModel, saySeen, saySources } from '../model-check-text.ts';
import { modelFile, shortPath } from '../model-file.ts';

/** Customers whose data are looked at. */
const LOOKED_AT = 100;

/** `model check FILE`: whether it loads, what is unwise about it, and what the connected sources can feed. Changes nothing. */
export async function modelCheck(context: CommandContext, _: object, [text = '']: string[]): Promise<number> {
  const { io } = context;
  const path = modelFile(text);
  const file = shortPath(path);
  const { value: written, lineOf } = locatedYaml(file, Model);
  const model = loadModel(file);
  const report = loadReport(model);
  sayModel(io, file, model, report);
  sayFindings(io, report.findings, lineOf);
  const segments = Object.entries(written.segments).flatMap(([segment, { model: own }]) =>
    typeof own === 'string' ? [segmentReport(segment, shortPath(resolve(dirname(path), own)))] : [],
  );
  for (const own of segments) {
    io.say(`\nSegment ${own.segment}`);
    sayModel(io, own.file, own.model, own.report);
    sayFindings(io, own.report.findings, own.lineOf);
  }

  const connected = await connectedSources(context, path);
  if (connected?.feed) {
    saySources(io, connected.feed);
    sayFindings(io, connected.findings, lineOf);
    if (connected.seen) saySeen(io, model, connected.seen);
  } else if (connected) {
    io.say('\nConnected sources');
    sayFindings(io, connected.findings, lineOf);
  } else io.say(`\nThere is no ${context.configPath}, so it is not known what connected sources can feed.`);

  const own = [...report.findings, ...(connected?.findings ?? [])].map((f) => ({
    ...f,
    file,
    line: placeOf(f, lineOf),
  }));
  const findings = [
    ...own,
    ...segments.flatMap((s) => s.report.findings.map((f) => ({ ...f, file: s.file, line: placeOf(f, s.lineOf) }))),
  ];
  const warnings = findings.filter((f) => f.level === 'warning').length;
  io.say(warnings === 0 ? '\nIt loads, without a warning.' : `\nIt loads, with ${counted(warnings, 'warning')}.`);
  io.result({
    ok: true,
    file,
    name: model.name,
    version: model.version,
    hash: modelHash(model),
    leadingShare: report.leadingShare,
    segments: report.segments,
    signalsOn: report.signalsOn,
    warnings,
    findings,
    sources: connected?.feed?.kinds ?? null,
    seen: connected?.seen ?? null,
  });
  return EXIT.done;
}

type LineOf = (path: readonly PropertyKey[]) => number;
const placeOf = ({ path }: Finding, lineOf: LineOf): number | null => (path.length === 0 ? null : lineOf(path));

/** A segment's own model, by its own file and lines. */
function segmentReport(segment: string, file: string) {
  const { value: model, lineOf } = locatedYaml(file, WholeModel);
  return { segment, file, model, report: loadReport(model), lineOf };
}

interface Connected {
  findings: Finding[];
  /** null = what is configured cannot be opened, as a finding says. */
  feed: Feed | null;
  /** null = nothing has been pulled yet. */
  seen: Seen | null;
}

/** null = nothing is configured here. */
async function connectedSources(context: CommandContext, model: string): Promise<Connected | null> {
  const { configPath, now, io, signal } = context;
  if (configPath === 'pulseback.yaml' && !existsSync(configPath)) return null;
  let app: App | null = null;
  try {
    app = await openApp({ configPath, model, now, progress: io.progress(), signal });
    const feed = feedOf(app);
    const found = feedFindings(app.model, feed);
    const state = await dataState(app);
    if (state === 'unmatched') found.push({ level: 'info', path: [], text: UNMATCHED });
    const seen = state === 'matched' ? await seenSignals(app, LOOKED_AT) : null;
    return { findings: [...found, ...(seen ? neverSeen(app.model, seen, found) : [])], feed, seen };
  } catch (error) {
    if (!(error instanceof InputError) || !existsSync(configPath)) throw error;
    const what = [error.message, ...error.problems].join('; ');
    return {
      findings: [{ level: 'warning', path: [], text: `the connected sources could not be looked at: ${what}` }],
      feed: null,
      seen: null,
    };
  } finally {
    await app?.close();
  }
}

const UNMATCHED =
  'what has been pulled is not matched to accounts yet; after `npx pulseback score` this also says what the data carry';

async function dataState(app: App): Promise<'empty' | 'unmatched' | 'matched'> {
  const withFacts = new Set((await app.store.countFacts()).map((c) => c.source));
  if (!withFacts.has(app.primary.name)) return 'empty';
  if (withFacts.size === 1) return 'matched';
  const told = (await app.store.links()).length + (await app.store.unmatched()).length;
  return told > 0 ? 'matched' : 'unmatched';
}

function feedOf(app: App): Feed {
  const kinds: Record<string, FactKind[]> = {};
  for (const { name, connector, ctx } of app.sources)
    kinds[name] = [...new Set(Object.values(connector.streams(ctx)).flatMap((stream) => stream.kinds))];
  return { kinds, segments: app.rules.segment.map((s) => s.key) };
}

/** Signals that a source delivers rows for, and that none of the accounts looked at has. */
function neverSeen(model: Model, seen: Seen, told: Finding[]): Finding[] {
  if (seen.accounts === 0) return [];
  const known = new Set(told.map((f) => JSON.stringify(f.path)));
  return model.dimensions.flatMap((dimension, d) =>
    dimension.signals.flatMap((signal, s): Finding[] => {
      const path = ['dimensions', d, 'signals', s];
      const own = seen.signals.find((line) => line.signal === signal.key);
      if (!own || own.measured > 0 || dimension.weight === 0 || known.has(JSON.stringify(path))) return [];
      const text = `signal ${signal.key} is missing in all ${counted(seen.accounts, 'account')} looked at: ${own.why}`;
      return [{ level: 'warning', path, text }];
    }),
  );
}
