import { counted } from '../core/format.ts';
import type { SyncSummary } from './sync.ts';
import type { WriteBackSummary } from './write-back.ts';

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

/** A sync in figures: for the run log and for machines. */
export function syncResult(s: SyncSummary, calls: Record<string, { read: number; write: number }>) {
  const stopped = s.pulled.flatMap((p) =>
    p.streams.filter((t) => t.error).map((t) => ({ stream: `${p.source}.${t.stream}`, error: t.error, hint: t.hint })),
  );
  const problem = shortcoming(s);
  return {
    ok: problem === null,
    ...(problem === null ? {} : { error: problem }),
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
    notes: s.pulled.flatMap((p) => p.notes),
    calls,
    shadow: s.shadow,
    model: s.standing,
    seconds: s.seconds,
  };
}
