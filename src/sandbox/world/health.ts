import { randomFor } from './random.ts';
import { DAY, type Span } from './time.ts';

const STEP = 30 * DAY;
/** Pull of each month's deviation back to the account's own level, and its stationary spread. */
const KEEP = 0.88;
const WOBBLE = 0.3;

/** Standard-normal mood → health. The knots make the share of customers below 0.6 and 0.8 what S3's default bands expect. */
const CURVE: readonly (readonly [mood: number, health: number])[] = [
  [-4, 0.02],
  [-2.4, 0.25],
  [-1.15, 0.6],
  [-0.28, 0.8],
  [0.9, 0.93],
  [3, 1],
];

/** A pronounced change: from `from` on, the mood moves by `by` within `days`. */
interface Turn {
  at: number;
  days: number;
  by: number;
}

/**
 * Latent health over time: a mean-reverting walk on monthly knots, smoothly joined, around a level of the account's own; one in
 * five accounts has a marked decline or recovery. 1 = thriving, 0 = certain to leave; health × 100 is what an ideal score would say.
 * @param leavesAt a decided departure: most who leave decline in the half year before, some leave out of the blue.
 */
export function healthCurve(seed: number, index: number, span: Span, leavesAt: number | null): (at: number) => number {
  const random = randomFor(seed, index, 'health');
  const level = -0.04 + 0.82 * random.normal();
  const turn = leavesAt === null ? ordinaryTurn(seed, index, span) : departure(seed, index, leavesAt, level);
  const moods: number[] = [];
  let deviation = WOBBLE * random.normal();
  for (let at = span.from - STEP; at <= span.to + 2 * STEP; at += STEP) {
    moods.push(level + deviation);
    deviation = KEEP * deviation + WOBBLE * Math.sqrt(1 - KEEP * KEEP) * random.normal();
  }
  const first = span.from - STEP;
  return (at) => {
    const position = Math.min(Math.max((at - first) / STEP, 0), moods.length - 1.001);
    const left = Math.floor(position);
    const [a = 0, b = 0] = [moods[left], moods[left + 1]];
    const mood = a + (b - a) * smooth(position - left);
    return toHealth(turn ? mood + turn.by * smooth((at - turn.at) / (turn.days * DAY)) : mood);
  };
}

function ordinaryTurn(seed: number, index: number, span: Span): Turn | null {
  const random = randomFor(seed, index, 'turn');
  const kind = random.next();
  const at = span.now - random.between(20, 260) * DAY;
  const days = random.between(60, 150);
  const size = random.between(1, 2);
  return kind < 0.1 ? { at, days, by: -size } : kind < 0.2 ? { at, days, by: size } : null;
}

function departure(seed: number, index: number, leavesAt: number, level: number): Turn {
  const random = randomFor(seed, index, 'departure');
  const outOfTheBlue = random.chance(0.12);
  const target = outOfTheBlue ? -0.4 + 0.4 * random.normal() : -2 + 0.5 * random.normal();
  const days = random.between(60, 150);
  return { at: leavesAt - (days + random.between(50, 130)) * DAY, days, by: Math.min(0, target - level) };
}

/** 0 below 0, 1 above 1, without corners between. */
function smooth(x: number): number {
  const t = Math.min(Math.max(x, 0), 1);
  return t * t * (3 - 2 * t);
}

function toHealth(mood: number): number {
  let [m0, h0] = CURVE[0] ?? [0, 0];
  for (const [m1, h1] of CURVE) {
    if (mood <= m1) return m1 === m0 ? h1 : h0 + ((h1 - h0) * (mood - m0)) / (m1 - m0);
    [m0, h0] = [m1, h1];
  }
  return h0;
}
