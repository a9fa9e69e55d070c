import { InputError } from '../../contract/index.ts';
import type { CommandContext } from '../context.ts';
import { table } from '../format.ts';

/** `runs`: the run log, newest first. */
export async function runs({ io, open }: CommandContext, options: { limit: string }): Promise<undefined> {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1)
    throw new InputError(`--limit ${options.limit}: expected a whole number above 0`);
  const app = await open();
  const rows = await app.store.runs(limit);
  const time = (ms: number | null) => (ms === null ? '–' : new Date(ms).toISOString().slice(0, 19).replace('T', ' '));
  io.say(
    rows.length
      ? table(
          ['run', 'command', 'started', 'ended', 'status'],
          rows.map((r) => [`${r.id}`, r.command, time(r.startedAt), time(r.endedAt), r.status]),
        )
      : 'Nothing has run yet.',
  );
  io.result({ ok: true, runs: rows });
  return undefined;
}
