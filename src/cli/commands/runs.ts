import { counted } from '../../core/format.ts';
import type { RunRecord } from '../../store/types.ts';
import { wholeNumber } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { table, timeText } from '../format.ts';

/** `runs`: the run log, newest first. */
export async function runs({ io, open }: CommandContext, options: { limit: string }): Promise<undefined> {
  const limit = wholeNumber('--limit', options.limit, 1);
  const app = await open();
  const rows = await app.store.runs(limit);
  const { timezone } = app.config;
  io.say(
    rows.length
      ? table(
          ['run', 'command', `started (${timezone})`, 'took', 'status', 'result'],
          rows.map((r) => [
            `${r.id}`,
            r.command,
            timeText(r.startedAt, timezone),
            r.endedAt === null ? '–' : `${Math.round((r.endedAt - r.startedAt) / 1000)} s`,
            r.status,
            resultOf(r),
          ]),
          { right: [3], max: 80 },
        )
      : 'Nothing has run yet.',
  );
  io.result({ ok: true, runs: rows });
  return undefined;
}

/** What a run says of itself, in a few words. */
function resultOf({ summary }: RunRecord): string {
  if (typeof summary.error === 'string') return summary.error;
  const { written, tasks, rejected } = summary;
  const words: string[] = [];
  if (typeof written === 'number') words.push(`${counted(written, 'account')} written`);
  if (typeof tasks === 'number' && tasks > 0) words.push(counted(tasks, 'task'));
  if (typeof rejected === 'number' && rejected > 0) words.push(`${rejected} rejected`);
  if (typeof summary.plan === 'number') words.push(`plan ${summary.plan}`);
  return words.join(', ');
}
