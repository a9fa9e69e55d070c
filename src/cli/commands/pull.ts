import { counted } from '../../core/format.ts';
import { describeFailure, type PullSummary, type Source } from '../../pipeline/pull.ts';
import { reconcileSource } from '../../pipeline/reconcile.ts';
import { withRun } from '../../pipeline/run.ts';
import { pullBound } from '../../pipeline/sync.ts';
import { oneOf } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { sourceName } from '../find.ts';
import { table } from '../format.ts';
import { EXIT, failureOf, type Io } from '../io.ts';

interface PullOptions {
  source?: string;
  stream?: string[];
  reconcile?: boolean;
  reset?: string;
}

/** `pull`: reads what is new; one failed source or stream does not stop the others, but is told by the exit code. */
export async function pull({ io, open }: CommandContext, options: PullOptions): Promise<number> {
  const app = await open();
  const streamsOf = (source: Source): string[] => Object.keys(source.connector.streams(source.ctx));
  if (options.reset) {
    const [name = '', stream = ''] = options.reset.split('.');
    const source = app.sources.find((s) => s.name === sourceName(app, name));
    oneOf(`stream of ${name}`, stream, source ? streamsOf(source) : []);
    await app.store.resetCursor(name, stream);
    io.say(`Forgot the cursor of ${options.reset}.`);
  }
  const only = sourceName(app, options.source);
  const chosen = app.sources.filter((s) => only === undefined || s.name === only);
  for (const stream of options.stream ?? []) oneOf('stream', stream, chosen.flatMap(streamsOf));
  return withRun(app, 'pull', async (app) => {
    const summaries: PullSummary[] = [];
    for (const source of chosen) {
      const pulled = await pullBound(app, source, options.stream);
      summaries.push(pulled);
      if (options.reconcile && pulled.streams.length)
        for (const r of await reconcileSource(app, source))
          io.say(`  ${source.name}.${r.stream}: ${r.known} known, ${r.missing} gone`);
    }
    await app.store.expireTexts(app.now());
    sayPull(io, summaries);
    const failures = summaries.flatMap((s) => (s.failure ? [failureOf(s.failure)] : []));
    const [first] = failures;
    const result = {
      ok: failures.length === 0,
      ...(first
        ? {
            exit: first.exit,
            error: { message: first.message, hint: first.hint, code: first.code, problems: first.problems },
          }
        : {}),
      sources: summaries.map(({ source, streams }) => ({ source, streams })),
      calls: app.calls.summary(),
    };
    io.result(result);
    return { summary: result, value: failures[0]?.exit ?? EXIT.done, ok: failures.length === 0 };
  });
}

/** The table of what came, and every failure with its way out. */
export function sayPull(io: Io, summaries: PullSummary[]): void {
  io.say(
    table(
      ['source', 'stream', 'rows', 'new', 'known', 'gone', 'rejected'],
      summaries.flatMap((s) =>
        s.streams.map((t) => [
          s.source,
          t.stream,
          `${t.rows}`,
          `${t.stored}`,
          `${t.unchanged}`,
          `${t.removed}`,
          `${t.rejected}`,
        ]),
      ),
      { right: [2, 3, 4, 5, 6] },
    ),
  );
  for (const s of summaries) {
    if (s.failure && !s.streams.length) {
      const { error, hint } = describeFailure(s.failure);
      io.note(`${s.source} stopped: ${error}${hint ? `\n  → ${hint}` : ''}`);
    }
    for (const note of s.notes) io.note(note);
    for (const t of s.streams) {
      if (t.error) io.note(`${s.source}.${t.stream} stopped: ${t.error}${t.hint ? `\n  → ${t.hint}` : ''}`);
      if (t.rejected) {
        const first = t.firstReject ? `, the first at ${t.firstReject.where}: ${t.firstReject.reason}` : '';
        io.note(
          `${s.source}.${t.stream}: ${counted(t.rejected, 'row')} refused and kept aside${first}\n  → \`npx pulseback rejects\` lists them; mend the source, and they come with the next run.`,
        );
      }
    }
  }
}
