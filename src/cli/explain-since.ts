import type { App } from '../app.ts';
import { InputError } from '../contract/index.ts';
import { type Change, type ChangeLine, EFFECTS, type EffectKey } from '../core/change.ts';
import { type AccountScore, POINT, type Points, toNumber } from '../core/result.ts';
import { oneLine } from '../core/text.ts';
import { endOfDay, todayIn } from '../kit/dates.ts';
import { changeBetween, type Stood } from '../pipeline/change.ts';
import { withPeers } from '../pipeline/peers.ts';
import { rescore } from '../pipeline/rescore.ts';
import { settingAt } from '../pipeline/setting.ts';
import { bar, dateText, pad, signed, timeText } from './format.ts';
import type { Io } from './io.ts';

/** An older score than this did not stand for the day any more: that day is worked out instead. */
const STANDS_MS = 7 * 86_400_000;
/** Lines shown; --json has all. */
const MOST = 12;
const LEAST: Points = POINT / 20;

const EFFECT_WORDS: Record<EffectKey, string> = {
  data: 'data changed',
  model: 'model changed',
  missing: 'data went missing or came back',
  peers: 'peers changed',
};

/** `explain ACCOUNT --since DATE`: what moved the score between two days, to the last digit. */
export async function explainSince(io: Io, app: App, score: AccountScore, since: string): Promise<void> {
  const to: Stood = { score, worked: null };
  const from = await stoodOn(app, score, since);
  const scored = from.score.points !== null && score.points !== null;
  const change = scored ? await changeBetween(app, from, to) : null;
  const { timezone } = app.config;
  const when = (at: number): string => `${timeText(at, timezone)} (${timezone})`;

  io.say(`${oneLine(score.name)} (${score.account})`);
  io.say(`${scoreText(from.score)} → ${scoreText(score)}${change ? `, ${signed(change.sum)} points` : ''}`);
  io.say(`From ${when(from.score.asOf)} to ${when(score.asOf)}, model ${modelsText(from.score, score)}`);
  if (from.worked)
    io.say(`No score was stored for ${dateText(since)}: it is worked out by today's model from what was known then.`);
  if (change) sayChange(io, change);
  else
    for (const end of [from.score, score])
      if (end.points === null) io.say(`\n${dateText(todayIn(timezone, end.asOf))}: ${end.reasons[0] ?? ''}`);
  io.result({
    ok: true,
    account: score.account,
    name: score.name,
    since,
    from: endOf(from.score, from.worked === null),
    to: endOf(score, true),
    effects: change && effectsOf(change),
    sum: change && toNumber(change.sum),
  });
}

/** The score that stood at the end of a day: a stored one, else as of then from facts, by the live model, without storing it. */
async function stoodOn(app: App, score: AccountScore, since: string): Promise<Stood> {
  const end = endOfDay(since, app.config.timezone);
  const stored = await app.store.latestScore(score.account, end);
  if (stored && stored.asOf > end - STANDS_MS) {
    if (stored.asOf < score.asOf) return { score: stored.score, worked: null };
    throw new InputError(
      `--since ${since}: the latest score is of ${dateText(todayIn(app.config.timezone, score.asOf))}`,
      {
        hint: 'Give an earlier day, or score again first with `npx pulseback score`.',
      },
    );
  }
  const setting = await withPeers(app, await settingAt(app, end));
  const found = await rescore(app, score.account, setting);
  if ('why' in found)
    throw new InputError(`${score.name} (${score.account}) has no score on ${dateText(since)}: ${found.why}`, {
      hint: 'Give a later day.',
    });
  return { score: found, worked: setting };
}

const scoreText = (score: AccountScore): string =>
  score.score === null ? 'not scored' : `${score.score} (${score.band})`;
const modelsText = (from: AccountScore, to: AccountScore): string =>
  from.modelHash === to.modelHash ? to.model : `${from.model} → ${to.model}`;

const endOf = (score: AccountScore, stored: boolean) => ({
  asOf: score.asOf,
  points: score.points === null ? null : toNumber(score.points),
  score: score.score,
  band: score.band,
  confidence: score.confidence,
  model: score.model,
  modelHash: score.modelHash,
  segment: score.segment,
  stored,
});

const effectsOf = ({ effects }: Change) =>
  Object.fromEntries(
    EFFECTS.map((key) => {
      const { total, lines } = effects[key];
      return [
        key,
        { total: toNumber(total), lines: lines.map((line) => ({ ...line, points: toNumber(line.points) })) },
      ];
    }),
  );

function sayChange(io: Io, { effects }: Change): void {
  const totals = EFFECTS.map((key) => Math.abs(effects[key].total));
  const most = Math.max(...totals, 1);
  io.say();
  for (const key of EFFECTS) {
    const { total } = effects[key];
    const drawn = total === 0 ? '' : `  ${bar(Math.abs(total), most, 20).replaceAll('░', '')}`;
    io.say(`${signed(total).padStart(8)}  ${pad(EFFECT_WORDS[key], 30)}${drawn}`.trimEnd());
  }
  const lines = EFFECTS.flatMap((key) => effects[key].lines.map((line) => ({ key, line })));
  lines.sort((a, b) => Math.abs(b.line.points) - Math.abs(a.line.points));
  const shown = lines.filter(({ line }) => Math.abs(line.points) >= LEAST).slice(0, MOST);
  if (shown.length) io.say('\nLargest first');
  for (const { key, line } of shown)
    io.say(`${signed(line.points).padStart(8)}  ${lineText(line)}${key === 'data' ? '' : ` [${EFFECT_WORDS[key]}]`}`);
  const rest = lines.filter((l) => !shown.includes(l));
  if (rest.length) {
    const points = rest.reduce((sum, { line }) => sum + line.points, 0);
    io.say(
      `${signed(points).padStart(8)}  ${rest.length} smaller ${rest.length === 1 ? 'line' : 'lines'} (--json has them)`,
    );
  }
  if (!lines.length) io.say('\nNothing that the score rests on has changed.');
}

function lineText({ text, label }: ChangeLine): string {
  return text.toLowerCase().startsWith(label.toLowerCase()) || label === 'Corrected since' ? text : `${label}: ${text}`;
}
