import type { CommandContext } from '../context.ts';
import { sourceName } from '../find.ts';
import { table } from '../format.ts';

/** `rejects`: rows that could not become facts, kept with their place and reason. */
export async function rejects({ io, open }: CommandContext, options: { source?: string }): Promise<undefined> {
  const app = await open();
  const rows = await app.store.rejects(sourceName(app, options.source));
  io.say(
    rows.length
      ? table(
          ['source', 'stream', 'where', 'reason'],
          rows.map((r) => [r.source, r.stream, r.where, r.reason]),
          { max: 90 },
        )
      : 'No row has been refused.',
  );
  io.result({ ok: true, rejects: rows });
  return undefined;
}
