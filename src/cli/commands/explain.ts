import { InputError } from '../../contract/index.ts';
import { explainTree } from '../../core/explain.ts';
import { dateArgument } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { bandTitle, moneyText, pointsText, signed } from '../format.ts';
import { findAccount } from './plan.ts';

/** `explain ACCOUNT`: score → dimensions → signals → facts, with the ids that the sources know them by. */
export async function explain(
  { io, open }: CommandContext,
  options: { asOf?: string },
  [text = '']: string[],
): Promise<undefined> {
  const app = await open();
  const found = await findAccount(app, text);
  const until =
    options.asOf === undefined ? undefined : Date.parse(`${dateArgument('--as-of', options.asOf)}T23:59:59.999Z`);
  const stored = await app.store.latestScore(found.account, until);
  if (!stored)
    throw new InputError(
      `${found.name} (${found.account}) has no score${options.asOf ? ` up to ${options.asOf}` : ''}`,
      {
        hint: 'It may not be a customer by the population rule; `npx pulseback score` scores what is.',
      },
    );
  const { score } = stored;
  const tree = explainTree(score);
  io.say(
    `${score.name} (${score.account}), model ${score.model}, as of ${new Date(stored.asOf).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
  );
  io.say(
    `${score.score === null ? 'Not scored' : `Score ${score.score} (${pointsText(score.points, 4)})`}, ${bandTitle(score.band)}, ${score.trend}, 30 days ${signed(score.change30)}, confidence ${Math.round(score.confidence * 100)} %`,
  );
  io.say(
    `ARR ${moneyText(score.arr)}; renewal ${score.renewal ? `${score.renewal.on} (${score.renewal.source})` : 'unknown'}; ${score.coverage || 'every source is fresh'}`,
  );
  for (const reason of score.reasons) io.say(`  • ${reason}`);
  if (score.action) io.say(`  → ${score.action.text}  (${score.action.code}: ${score.action.why})`);
  for (const dimension of score.dimensions) {
    io.say(
      `\n${dimension.label.padEnd(28)} ${dimension.score === null ? 'no data' : pointsText(dimension.score)} of 100, weight ${Math.round(dimension.weight * 100)} %`,
    );
    for (const c of score.contributions.filter((x) => x.dimension === dimension.dimension)) {
      io.say(`  ${pointsText(c.points, 4).padStart(9)}  ${c.label}: ${c.missing ?? c.text}`);
      if (c.evidence.length)
        io.say(
          `             from ${c.evidence
            .slice(0, 4)
            .map((e) => `${e.source} ${e.kind} ${e.id} (${new Date(e.at).toISOString().slice(0, 10)})`)
            .join(', ')}${c.evidence.length > 4 ? ` and ${c.evidence.length - 4} more` : ''}`,
        );
    }
  }
  for (const cap of score.caps) io.say(`  ${pointsText(cap.points, 4).padStart(9)}  cap: ${cap.label}`);
  io.result({ ok: true, ...tree });
  return undefined;
}
