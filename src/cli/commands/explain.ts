import type { App } from '../../app.ts';
import { InputError } from '../../contract/index.ts';
import { explainTree } from '../../core/explain.ts';
import { flagWords } from '../../core/flags.ts';
import { OVERRIDE_LINE } from '../../core/override.ts';
import { type AccountScore, type CapApplied, type Contribution, POINT } from '../../core/result.ts';
import { oneLine } from '../../core/text.ts';
import { endOfDay, todayIn } from '../../kit/dates.ts';
import { withEvidence } from '../../pipeline/evidence.ts';
import { dateArgument } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { explainSince } from '../explain-since.ts';
import { findAccount } from '../find.ts';
import { bandTitle, dateText, moneyText, pointsText, signed, timeText } from '../format.ts';
import type { Io } from '../io.ts';

/** Source records shown of a signal; --json has all. */
const EVIDENCE = 3;

/** `explain ACCOUNT`: score → dimensions → signals → facts, with the ids that the sources know them by; or why it changed. */
export async function explain(
  context: CommandContext,
  options: { asOf?: string; since?: string },
  [text = '']: string[],
): Promise<undefined> {
  const { io } = context;
  const app = await context.open();
  const { timezone } = app.config;
  const day = options.asOf === undefined ? null : pastDay('--as-of', options.asOf, app);
  const since = options.since === undefined ? null : pastDay('--since', options.since, app);
  if (since !== null && since >= (day ?? todayIn(timezone, app.now())))
    throw new InputError(`--since ${since}: expected a day before ${day === null ? 'today' : `--as-of ${day}`}`);
  const found = await findAccount(app, text);
  const stored = await app.store.latestScore(found.account, day === null ? undefined : endOfDay(day, timezone));
  if (!stored)
    throw new InputError(`${found.name} (${found.account}) has no score${day ? ` up to ${dateText(day)}` : ''}`, {
      hint: day
        ? `\`npx pulseback score --as-of ${day}\` scores that day, from what was known then.`
        : 'It may not be a customer by the population rule; `npx pulseback score` scores what is.',
    });
  if (since !== null) {
    await explainSince(io, app, stored.score, since);
    return undefined;
  }
  const { score, note } = await withEvidence(app, stored.score);
  const tree = explainTree(score);
  sayHead(io, score, `${timeText(stored.asOf, timezone)} (${timezone})`);
  for (const dimension of score.dimensions) {
    const share = `weight ${Math.round(dimension.weight * 100)} %`;
    io.say(
      `\n${dimension.label}: ${dimension.score === null ? 'no data' : `${pointsText(dimension.score)} of 100`}, ${share}`,
    );
    for (const c of score.contributions) if (c.dimension === dimension.dimension) sayContribution(io, c);
  }
  sayCaps(
    io,
    'Caps',
    score.caps.filter((cap) => cap.cap !== OVERRIDE_LINE),
  );
  sayCaps(
    io,
    'Set by a person',
    score.caps.filter((cap) => cap.cap === OVERRIDE_LINE),
  );
  if (score.points !== null) io.say(`\n${tree.sum.toFixed(4).padStart(10)}  sum of all lines = the score`);
  if (note) io.note(note);
  io.result({ ok: true, account: score.account, name: score.name, asOf: stored.asOf, model: score.model, ...tree });
  return undefined;
}

/** A calendar day that has begun. */
function pastDay(option: string, text: string, app: App): string {
  const day = dateArgument(option, text);
  const today = todayIn(app.config.timezone, app.now());
  if (day > today)
    throw new InputError(`${option} ${text}: that day is in the future`, { hint: `Today is ${dateText(today)}.` });
  return day;
}

function sayHead(io: Io, score: AccountScore, asOf: string): void {
  io.say(`${oneLine(score.name)} (${score.account})`);
  const change = score.change30 === null ? '' : `, ${signed(score.change30)} in 30 days`;
  const stands =
    score.score === null
      ? `Not scored${score.override ? `, set to ${bandTitle(score.band)}` : ''}`
      : `Score ${score.score}, ${bandTitle(score.band)}${computedText(score)}, ${score.trend}${change}`;
  const more = [score.outlook, score.lifecycle === 'onboarding' ? 'in onboarding' : null].filter((text) => text);
  const told = [stands, ...more].join(', ');
  io.say(`${told}; confidence ${Math.round(score.confidence * 100)} %`);
  const renewal = score.renewal ? `${dateText(score.renewal.on)} (${score.renewal.source})` : 'unknown';
  io.say(`ARR ${score.arr ? moneyText(score.arr) : 'unknown'}, renewal ${renewal}`);
  io.say(`As of ${asOf}, model ${score.model}${score.coverage ? `; ${score.coverage}` : ''}\n`);
  for (const reason of score.reasons) io.say(`  • ${reason}`);
  for (const code of score.flags) {
    const detail = score.flagDetails?.[code];
    io.say(`  ⚑ ${flagWords(code)} (${code})${detail ? `: ${detail}` : ''}`);
  }
  if (score.action) io.say(`  → ${score.action.text} (${score.action.why})`);
}

/** What the model says where a person says otherwise. */
function computedText({ override, computed }: AccountScore): string {
  if (!override || !computed) return '';
  return ` (computed: ${computed.score === null ? 'not scored' : `${computed.score}, ${bandTitle(computed.band)}`})`;
}

function sayCaps(io: Io, title: string, caps: CapApplied[]): void {
  if (caps.length) io.say(`\n${title}`);
  for (const cap of caps) io.say(`${pointsText(cap.points, 4).padStart(10)}  ${cap.label}`);
}

function sayContribution(io: Io, c: Contribution): void {
  const points = c.value === null ? '–' : pointsText(c.points, 4);
  const most = c.value === null ? '' : ` of ${pointsText(Math.round(c.weight * 100 * POINT), 1).padStart(4)}`;
  const text = c.missing ?? c.text;
  const told = text.toLowerCase().startsWith(c.label.toLowerCase()) ? text : `${c.label}: ${text}`;
  io.say(`${points.padStart(10)}${most || '        '}  ${told}`);
  if (!c.evidence.length) return;
  const shown = c.evidence
    .slice(0, EVIDENCE)
    .map((e) => `${e.kind} ${e.id} in ${e.source} (${dateText(new Date(e.at).toISOString().slice(0, 10))})`);
  const more = c.evidence.length > EVIDENCE ? ` and ${c.evidence.length - EVIDENCE} more` : '';
  io.say(`                      from ${shown.join(', ')}${more}`);
}
