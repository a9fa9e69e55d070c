import { counted } from '../../core/format.ts';
import { oneLine } from '../../core/text.ts';
import type { Publication } from '../../store/types.ts';
import { wholeNumber } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { table, timeText } from '../format.ts';
import { aucKept } from '../publish/figures.ts';
import { sayStanding } from '../publish/standing-text.ts';

/** `model history`: which model is live and how well it is proven, and every publication with who, why and on what proof. */
export async function modelHistory({ io, open }: CommandContext, options: { limit: string }): Promise<undefined> {
  const app = await open();
  const rows = await app.store.publications(wholeNumber('--limit', options.limit, 1));
  const standing = await app.standing();
  if (standing) {
    io.say(`Live: ${standing.model}, ${standing.published ? 'as published' : 'as `model:` names it'}`);
    sayStanding(io, standing);
  }
  const { timezone } = app.config;
  io.say(
    rows.length === 0
      ? '\nNothing has been published yet: `npx pulseback model publish FILE` judges a model and makes it live.'
      : `\n${table(
          ['no.', 'model', 'in place of', `at (${timezone})`, 'by', 'how', 'AUC', 'reason'],
          rows.map((p) => [
            String(p.number),
            `${p.name} ${p.version}`,
            p.hash === p.replacedHash ? 'judged anew' : `${p.replaced.name} ${p.replaced.version}`,
            timeText(p.at, timezone),
            p.by,
            p.kind,
            aucKept(p.figures)?.toFixed(3) ?? '–',
            oneLine(p.reason ?? ''),
          ]),
          { right: [0, 6], max: 80 },
        )}`,
  );
  const forced = rows.filter(({ kind }) => kind === 'forced');
  if (forced.length > 0) io.say(`${counted(forced.length, 'publication')} by force; --json tells below which floors.`);
  io.result({ ok: true, live: standing, publications: rows.map(told) });
  return undefined;
}

const told = ({ at, ...rest }: Publication) => ({ ...rest, at: new Date(at).toISOString() });
