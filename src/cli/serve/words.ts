import type { App } from '../../app.ts';
import { counted } from '../../core/format.ts';
import { keyOf } from '../../jobs/schedule.ts';
import type { Outcome } from '../../jobs/work.ts';
import { timeText } from '../format.ts';
import { shadowText } from '../publish/standing-text.ts';

/** One line for people: when, whose, what, and what came of it. null = nothing worth a line. */
export function outcomeLine(app: App, outcome: Outcome): string | null {
  if (outcome.status === 'skipped') return null;
  const at = timeText(app.now(), app.config.timezone);
  const took = `${outcome.seconds.toFixed(1)} s`;
  const { problem, status, standing } = outcome;
  const said = [...factsOf(outcome), ...(problem ? [`${WORDS[status]}: ${problem.message}`] : [])];
  const hint = problem?.hint ? `\n    → ${problem.hint}` : '';
  const notes = (standing?.notes ?? []).map(({ text, command }) => `\n    ! ${text}: \`${command}\``).join('');
  return `${at}  ${app.config.workspace}  ${keyOf(outcome.job)} (${took}): ${said.join('; ') || WORDS[status]}${hint}${notes}`;
}

const WORDS: Record<Outcome['status'], string> = {
  done: 'done',
  failed: 'not all was done',
  held: 'held for a person',
  waiting: 'waiting for the vendor',
  stopped: 'stopped at a safe place; it goes on at the next start',
  skipped: 'done already',
};

function factsOf({ job, pulled, score, shadow, plan, write, reconciled }: Outcome): string[] {
  const facts: string[] = [];
  if (pulled) {
    const streams = pulled.flatMap((p) => p.streams);
    const fresh = streams.reduce((sum, s) => sum + s.stored + s.removed, 0);
    facts.push(fresh ? `${counted(fresh, 'new fact')}` : 'nothing new');
  }
  if (reconciled) {
    const gone = reconciled.flatMap((r) => r.streams).reduce((sum, s) => sum + s.missing, 0);
    facts.push(gone ? `${counted(gone, 'record')} no longer there` : 'nothing was deleted');
  }
  if (score) facts.push(`${counted(score.scored, 'account')} scored`);
  if (shadow) facts.push(shadowText(shadow));
  if (write) {
    const parts = [
      write.written
        ? `${counted(write.written, 'account')} written in ${counted(write.writeCalls, 'call')}`
        : 'nothing to write',
    ];
    if (write.tasks) parts.push(`${counted(write.tasks, 'manager task')} raised`);
    facts.push(parts.join(', '));
  } else if (plan && job.kind !== 'apply' && plan.status !== 'held')
    facts.push(`plan ${plan.number} waits: ${counted(Number(plan.summary.fields ?? 0), 'account')} to write`);
  return facts;
}
