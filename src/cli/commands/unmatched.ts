import type { CommandContext } from '../context.ts';
import { sourceName } from '../find.ts';

/** `unmatched`: records of other systems that fit no account; nothing is ever guessed. */
export async function unmatched({ io, open }: CommandContext, options: { source?: string }): Promise<undefined> {
  const app = await open();
  const rows = await app.store.unmatched(sourceName(app, options.source));
  for (const row of rows) {
    io.say(`${row.source}: ${row.sourceAccount}: ${row.reason}`);
    for (const s of row.suggestions) io.say(`    maybe ${s.name} (${s.account}): ${s.why}`);
  }
  io.say(
    rows.length
      ? `\n${rows.length} unmatched. Put the CRM id or a shared key on either side, or correct the domain.`
      : 'Everything is matched.',
  );
  io.result({ ok: true, unmatched: rows });
  return undefined;
}
