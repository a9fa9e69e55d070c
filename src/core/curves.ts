import { z } from 'zod';
import { POINT, type Points } from './result.ts';

const Score = z.number().min(0).max(100);
const Knots = z
  .array(z.tuple([z.number(), Score]))
  .min(1)
  .superRefine((knots, ctx) => {
    for (const [i, [x]] of knots.entries()) {
      const before = knots[i - 1];
      if (before && !(x > before[0]))
        ctx.addIssue({ code: 'custom', path: [i], message: 'measured values must rise from point to point' });
    }
  });

/** From a measured figure to 0–100. Exactly one of the four. */
export const Curve = z
  .strictObject({
    linear: Knots.optional().describe(
      'Straight lines between points [measured, score]; flat before the first and after the last.',
    ),
    steps: Knots.optional().describe(
      'The score of the last step [from, score] that is reached; below the first step, that of the first.',
    ),
    lookup: z
      .record(z.string(), Score)
      .optional()
      .describe('Category → score, upper and lower case alike; a category that is not listed is missing.'),
    percentile: z
      .strictObject({ within: z.enum(['segment', 'all']).default('segment') })
      .optional()
      .describe('How many of 100 scored accounts are worse, in the segment or of all; what it means is in `peers.ts`.'),
  })
  .superRefine((curve, ctx) => {
    if (Object.values(curve).filter((v) => v !== undefined).length !== 1)
      ctx.addIssue({ code: 'custom', message: 'expected exactly one of linear, steps, lookup, percentile' });
  });
export type Curve = z.infer<typeof Curve>;

const toPoints = (score: number): Points => Math.round(score * POINT);

/** Score of a measured figure or category in Points; null = the curve does not know it. Percentiles need peers: see peers.ts. */
export function scoreOn(curve: Curve, measured: number | string): Points | null {
  if (curve.lookup) return lookUp(curve.lookup, measured);
  if (typeof measured === 'string' || !Number.isFinite(measured)) return null;
  if (curve.linear) return toPoints(interpolate(curve.linear, measured));
  let reached = curve.steps?.[0]?.[1] ?? null;
  for (const [from, score] of curve.steps ?? []) if (measured >= from) reached = score;
  return reached === null ? null : toPoints(reached);
}

/** Straight lines between points, flat outside of them. */
export function interpolate(knots: readonly (readonly [number, number])[], x: number): number {
  let left = knots[0] ?? ([0, 0] as const);
  if (x <= left[0]) return left[1];
  for (let i = 1; i < knots.length; i++) {
    const right = knots[i] as readonly [number, number];
    if (x <= right[0]) return left[1] + ((right[1] - left[1]) * (x - left[0])) / (right[0] - left[0]);
    left = right;
  }
  return left[1];
}

function lookUp(table: Record<string, number>, measured: number | string): Points | null {
  const wanted = String(measured).trim().toLowerCase();
  for (const [category, score] of Object.entries(table))
    if (category.trim().toLowerCase() === wanted) return toPoints(score);
  return null;
}

/** Whether a curve runs the way its signal says; categories have no way. */
export function runs(curve: Curve, direction: 'higher is better' | 'lower is better' | 'middle is best'): boolean {
  const knots = curve.linear ?? curve.steps;
  // Points that do not rise are told by themselves.
  const rising = knots?.every(([x], i) => i === 0 || x > (knots[i - 1]?.[0] ?? x));
  if (!knots || !rising || direction === 'middle is best') return true;
  const sign = direction === 'higher is better' ? 1 : -1;
  return knots.every(([, y], i) => i === 0 || sign * (y - (knots[i - 1]?.[1] ?? y)) >= 0);
}
