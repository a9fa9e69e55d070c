import { HeldError } from '../../contract/index.ts';
import { counted } from '../../core/format.ts';
import type { DecideSummary } from '../../pipeline/decide.ts';
import { syncResult } from '../../pipeline/result.ts';
import { withRun } from '../../pipeline/run.ts';
import { sync as runSync, type SyncSummary } from '../../pipeline/sync.ts';
import type { WriteBackSummary } from '../../pipeline/write-back.ts';
import type { PlanHead } from '../../store/types.ts';
import type { CommandContext } from '../context.ts';
import { EXIT, type Io } from '../io.ts';
import { sayExcerpt } from '../plan-text.ts';
import { sayPortfolio } from '../portfolio.ts';
import { sayStanding, shadowText } from '../publish/standing-text.ts';
import { sayPull } from './pull.ts';

/** `sync`: the whole loop. While writing is off it ends with its plan and the command that applies it. */
export async function sync({ io, open }: CommandContext, options: { yes?: boolean }): Promise<number> {
  const app = await open();
  const apply = options.yes === true || app.config.write.enabled;
  return withRun(app, 'sync', async (app) => {
    const summary = await runSync(app, apply);
    sayPull(io, summary.pulled);
    io.say();
    sayPortfolio(io, summary.score);
    saySync(io, summary);
    if (summary.shadow)
      io.say(`${shadowText(summary.shadow)}; \`npx pulseback model shadow\` names them. Nothing of it is written.`);
    sayStanding(io, summary.standing);
    if (!summary.write) await sayExcerpt(io, app, summary.plan, 3);
    const told = syncResult(summary, app.calls.summary());
    const result = { ...told, ...(told.error ? { exit: EXIT.failed } : {}) };
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
