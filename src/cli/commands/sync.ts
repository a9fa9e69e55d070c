import { HeldError } from '../../contract/index.ts';
import { counted } from '../../core/format.ts';
import type { DecideSummary } from '../../pipeline/decide.ts';
import { withRun } from '../../pipeline/run.ts';
import { sync as runSync, type SyncSummary } from '../../pipeline/sync.ts';
import type { WriteBackSummary } from '../../pipeline/write-back.ts';
import type { PlanHead } from '../../store/types.ts';
import type { CommandContext } from '../context.ts';
import { EXIT, type Io } from '../io.ts';
import { sayExcerpt } from '../plan-text.ts';
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
    if (!summary.write) await sayExcerpt(io, app, summary.plan, 3);
    const result = syncResult(summary, app.calls.summary());
    if (result.error) reportUndone(io, result.error);
    io.result(result);
    if (apply && summary.plan.status === 'held')
      throw new HeldError(
        String(summary.plan.summary.held),
        `Look at it with \`npx pulseback plan show ${summary.plan.number}\`; if it is right, \`npx pulseback apply ${summary.plan.number} --yes --release\` writes it.`,
      );
    return { summary: result, value: result.ok ? EXIT.done : EXIT.failed, ok: result.ok };
  });
}

/** What was decided and done, in words. */
export function saySync(io: Io, s: SyncSummary): void {
  io.say();
  sayDecided(io, s.plan, s.decided);
  if (s.write) {
    if (s.decided.fields + s.decided.tasks) sayWritten(io, s.write);
  } else if (s.decided.fields + s.decided.tasks) {
    io.say('Nothing was written.');
    sayHowToApply(io, s.plan);
  }
}

/** The plan in figures, and what it leaves out. */
export function sayDecided(io: Io, plan: PlanHead, decided: DecideSummary): void {
  const { fields, tasks, calls, tasksWaiting, tasksWhy, notes } = decided;
  io.say(
    fields + tasks
      ? `Plan ${plan.number}: ${counted(fields, 'account')} to write, ${counted(tasks, 'manager task')}, about ${counted(calls, 'call')}.`
      : `Plan ${plan.number}: nothing to write; the CRM holds what it should.`,
  );
  if (tasksWaiting) io.say(`${counted(tasksWaiting, 'manager task')} waiting: ${tasksWhy}.`);
  for (const note of notes) io.say(note);
  if (plan.status === 'held') io.say(`Held: ${String(plan.summary.held)}.`);
}

export function sayHowToApply(io: Io, plan: PlanHead): void {
  const release = plan.status === 'held' ? ' --release' : '';
  io.say(
    `See it with \`npx pulseback plan show ${plan.number}\`, carry it out with \`npx pulseback apply ${plan.number} --yes${release}\`.`,
  );
}

/** What became of a plan. */
export function sayWritten(io: Io, w: WriteBackSummary): void {
  const parts = [`${counted(w.written, 'account')} in ${counted(w.writeCalls, 'call')}`];
  if (w.tasks) parts.push(`${counted(w.tasks, 'task')} created`);
  if (w.tasksFound) parts.push(`${counted(w.tasksFound, 'task')} found in place`);
  if (w.unchanged) parts.push(`${w.unchanged} unchanged`);
  if (w.rejected) parts.push(`${w.rejected} rejected`);
  if (w.retry) parts.push(`${w.retry} left for the next run`);
  io.say(`Written: ${parts.join('; ')}.`);
  for (const r of w.rejections.slice(0, 5)) io.note(`  rejected ×${r.count}: ${r.reason} (for example ${r.example})`);
}

/** For people; machines find it in the result. */
export function reportUndone(io: Io, problem: { message: string; hint: string }): void {
  io.note(`\nnot all was done: ${problem.message}\n  → ${problem.hint}`);
}

/** What kept the run from doing all of its work, the first that a person should look at; null = nothing. */
function shortcoming(s: SyncSummary): { message: string; hint: string } | null {
  for (const { source, streams } of s.pulled)
    for (const { stream, error, hint } of streams)
      if (error)
        return { message: `${source}.${stream} stopped: ${error}`, hint: hint ?? 'Run again; what had come is kept.' };
  return s.write === null ? null : unwritten(s.write);
}

/** What of a plan did not reach the CRM; null = all of it did. */
export function unwritten(w: WriteBackSummary): { message: string; hint: string } | null {
  const [first] = w.rejections;
  if (first)
    return {
      message: `the CRM refused ${counted(w.rejected, 'record')}, most of them with: ${first.reason} (${first.example})`,
      hint: `Mend what the CRM names there, then sync again; \`npx pulseback plan show ${w.plan}\` names each record.`,
    };
  if (w.retry)
    return {
      message: `${counted(w.retry, 'record')} could not be written for now`,
      hint: `\`npx pulseback apply ${w.plan} --yes\` or the next sync sends them again.`,
    };
  return null;
}

export function syncResult(s: SyncSummary, calls: Record<string, { read: number; write: number }>) {
  const stopped = s.pulled.flatMap((p) =>
    p.streams.filter((t) => t.error).map((t) => ({ stream: `${p.source}.${t.stream}`, error: t.error, hint: t.hint })),
  );
  const problem = shortcoming(s);
  return {
    ok: problem === null,
    ...(problem === null ? {} : { exit: EXIT.failed, error: problem }),
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
