import {
  type Connector,
  ConnectorError,
  type Ctx,
  InputError,
  type Log,
  type Reject,
  type StreamSpec,
} from '../contract/index.ts';
import type { WorkspaceStore } from '../store/types.ts';
import { pullRates } from './currency.ts';
import { judgeTexts, type TextJudge } from './judge-texts.ts';
import { inLanes } from './lanes.ts';
import type { Progress } from './progress.ts';

/** Waiting for one stream's page while another's is stored; more would only pile pages up in memory. */
const STREAMS_AT_ONCE = 2;

/** One configured source, ready to be read. */
export interface Source<C = unknown> {
  /** "crm", or its name under `sources`. */
  name: string;
  connector: Connector<C>;
  ctx: Ctx<C>;
  staleAfterDays: number;
}

export interface StreamSummary {
  stream: string;
  title: string;
  pages: number;
  stored: number;
  unchanged: number;
  removed: number;
  rejected: number;
  /** The first of them, so that a person knows where to look. */
  firstReject?: Reject;
  /** Rows that the source sent, for the breaker's comparison with its usual. */
  rows: number;
  /** What stopped it; the pages before are kept. */
  error?: string;
  hint?: string;
}
export interface PullSummary {
  source: string;
  streams: StreamSummary[];
  /** What became of texts that were judged, for people. */
  notes: string[];
  /** The first stream's error, as thrown: decides the exit code where the source is indispensable. */
  failure: unknown;
}

export interface PullDeps {
  store: WorkspaceStore;
  log: Log;
  /** Makes sentiment of texts before they are stored, since texts expire. */
  textJudge: TextJudge;
  progress: Progress;
  now: () => number;
  signal: AbortSignal;
}

/**
 * Reads every stream of a source from its cursor. Each page and its cursor are one transaction; a failed stream keeps what it
 * stored and does not stop the others. @throws only when aborted.
 */
export async function pullSource(deps: PullDeps, source: Source, only?: string[]): Promise<PullSummary> {
  const specs = source.connector.streams(source.ctx);
  const cursors = new Map(
    (await deps.store.streams()).filter((s) => s.source === source.name).map((s) => [s.stream, s.cursor]),
  );
  const names = Object.keys(specs).filter((name) => !only?.length || only.includes(name));
  let failure: unknown = null;
  const streams = await inLanes(names, STREAMS_AT_ONCE, async (name) => {
    const summary = { ...emptySummary(name, specs[name]?.title ?? name) };
    try {
      await pullStream(deps, source, name, specs[name] as StreamSpec, cursors.get(name) ?? null, summary);
    } catch (error) {
      deps.signal.throwIfAborted();
      failure ??= error;
      Object.assign(summary, describeFailure(error));
      deps.log.info({ source: source.name, stream: name, err: error }, 'stream failed; what it had delivered is kept');
    }
    return summary;
  });
  try {
    if (failure === null && !only?.length) await pullRates(deps.store, source, deps.now());
  } catch (error) {
    deps.signal.throwIfAborted();
    deps.log.warn({ source: source.name, err: error }, 'exchange rates could not be read; those known go on');
  }
  const notes = deps.textJudge.notes();
  for (const note of notes) deps.log.info({ source: source.name }, note);
  return { source: source.name, streams, notes, failure };
}

async function pullStream(
  deps: PullDeps,
  source: Source,
  stream: string,
  spec: StreamSpec,
  stored: Record<string, unknown> | null,
  summary: StreamSummary,
): Promise<void> {
  const cursor = stored === null ? null : readCursor(source.name, stream, spec, stored);
  const bar = deps.progress.start(`${source.name} ${spec.title}`);
  for await (const page of source.connector.pull(source.ctx, stream, cursor)) {
    deps.signal.throwIfAborted();
    const judged = await judgeTexts(deps.textJudge, page);
    const commit = await deps.store.commitPage(source.name, stream, judged, deps.now());
    summary.pages += 1;
    summary.rows += page.facts.length + page.rejects.length;
    summary.stored += commit.stored;
    summary.unchanged += commit.unchanged;
    summary.removed += commit.removed;
    summary.rejected += commit.rejected;
    const [reject] = page.rejects;
    if (reject) summary.firstReject ??= reject;
    bar.update(page.progress?.done ?? summary.rows, page.progress?.total);
  }
  await deps.store.markComplete(source.name, stream, deps.now());
  bar.done(`${summary.rows} rows`);
}

/** A cursor that its connector cannot read is an error with a way out, never a quiet full pull. */
function readCursor(
  source: string,
  stream: string,
  spec: StreamSpec,
  stored: Record<string, unknown>,
): Record<string, unknown> {
  const parsed = spec.cursor.safeParse(stored);
  if (parsed.success) return parsed.data;
  throw new InputError(
    `${source}.${stream}: the stored cursor does not fit this version: ${parsed.error.issues[0]?.message ?? 'unreadable'}`,
    {
      hint: `Run \`npx pulseback pull --reset ${source}.${stream}\` to read this stream again from its beginning; nothing is doubled by it.`,
    },
  );
}

function emptySummary(stream: string, title: string): StreamSummary {
  return { stream, title, pages: 0, stored: 0, unchanged: 0, removed: 0, rejected: 0, rows: 0 };
}

export function describeFailure(error: unknown): { error: string; hint?: string } {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof ConnectorError || error instanceof InputError ? error.hint : undefined;
  return hint === undefined ? { error: message } : { error: message, hint };
}
