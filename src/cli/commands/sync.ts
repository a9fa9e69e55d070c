import { HeldError } from '../../contract/index.ts';
import { withRun } from '../../pipeline/run.ts';
import { sync as runSync, type SyncSummary } from '../../pipeline/sync.ts';
import type { CommandContext } from '../context.ts';
import { EXIT, type Io } from '../io.ts';
import { sayPortfolio } from '../portfolio.ts';
import { sayPull } from './pull.ts';

/** `sync`: the whole loop. While writing is off it ends with its plan and the command that applies it. */
export async function sync({ io, open }: CommandContext, options: { yes?: boolean }): Promise<number> {
  const app = await open();
  const apply = options.yes === true || app.config.write.enabled;
  return withRun(app, 'sync', async () => {
    const summary = await runSync(app, apply);
    sayPull(io, summary.pulled);
    io.say();
    sayPortfolio(io, summary.score);
    saySync(io, summary);
    const result = syncResult(summary, app.calls.summary());
    io.result(result);
    if (apply && summary.plan.status === 'held')
      throw new HeldError(
        String(summary.plan.summary.held),
        `Look at it with \`npx pulseback plan show ${summary.plan.number}\`.`,
      );
    return { summary: result, value: result.ok ? EXIT.done : EXIT.failed, ok: result.ok };
  });
}

/** What was decided and done, in words. */
export function saySync(io: Io, s: SyncSummary): void {
  io.say();
  io.say(
    `Plan ${s.plan.number}: ${s.decided.fields} accounts to write, ${s.decided.tasks} manager tasks, about ${s.decided.calls} calls.`,
  );
  if (s.decided.tasksWaiting) io.say(`${s.decided.tasksWaiting} manager tasks wait: ${s.decided.tasksWhy}`);
  for (const line of s.decided.notes) io.say(line);
  if (!s.write) {
    io.say(
      `Nothing was written. See it with \`npx pulseback plan show ${s.plan.number}\`, carry it out with \`npx pulseback apply ${s.plan.number} --yes\`.`,
    );
    return;
  }
  const w = s.write;
  io.say(
    `Written: ${w.written} accounts in ${w.writeCalls} calls; ${w.tasks} tasks created, ${w.tasksFound} found; ${w.rejected} rejected, ${w.retry} left for the next run.`,
  );
  for (const r of w.rejections.slice(0, 5)) io.note(`  rejected ×${r.count}: ${r.reason} (for example ${r.example})`);
}

export function syncResult(s: SyncSummary, calls: Record<string, { read: number; write: number }>) {
  const stopped = s.pulled.flatMap((p) =>
    p.streams.filter((t) => t.error).map((t) => ({ stream: `${p.source}.${t.stream}`, error: t.error, hint: t.hint })),
  );
  return {
    ok: stopped.length === 0 && (s.write?.retry ?? 0) === 0,
    accounts: s.score.accounts,
    scored: s.score.scored,
    notScored: s.score.notScored,
    bands: s.score.bands,
    plan: s.plan.number,
    planned: {
      fields: s.decided.fields,
      tasks: s.decided.tasks,
      tasksWaiting: s.decided.tasksWaiting,
      calls: s.decided.calls,
    },
    applied: s.write !== null,
    written: s.write?.written ?? 0,
    rejected: s.write?.rejected ?? 0,
    retry: s.write?.retry ?? 0,
    tasks: s.write?.tasks ?? 0,
    writeCalls: s.write?.writeCalls ?? 0,
    rejections: s.write?.rejections ?? [],
    rejectedRows: s.pulled.flatMap((p) => p.streams).reduce((sum, t) => sum + t.rejected, 0),
    stopped,
    calls,
    seconds: s.seconds,
  };
}
