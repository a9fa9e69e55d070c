import type { Steps } from '../steps.ts';
import { type Cases, type Fit, type Pass, pass } from './likelihood.ts';
import { leastNonNegative } from './quadratic.ts';

const MOST_ROUNDS = 40;
const MOST_HALVINGS = 12;
/** A score without any slope at all has no weights: it stands at a slope of so much along the prior. */
const LEAST_SLOPE = 1e-3;
/** A step that makes the fit better by less than this part of it is the last. */
const ENOUGH = 1e-9;
/** Keeps slopes finite where the signals part the accounts without a doubt. */
const LEAST_PULL = 0.01;
/** Of a value that is spread evenly from 0 to 1: what one account that left tells of a slope is about so much. */
const SPREAD = 1 / 12;

/** The prior counts as many accounts that left as this; Infinity = nothing else counts. */
export type Strength = number;

/**
 * Penalised logistic regression without negative slopes: least −log-likelihood + ½ λ |slopes − b × prior|² over slopes, b and the
 * intercept, with λ = strength ÷ 12. Newton steps on the expected curvature, each solved within the signs; a step that does not help
 * is halved. The slope along the prior is free: a model file says how weights compare, not how steep its score is.
 */
export function* fitSlopes(cases: Cases, rows: Int32Array, strength: Strength, start?: Fit): Steps<Fit> {
  const prior = Float64Array.from(cases.columns, (c) => c.prior);
  let fit = start ?? { intercept: baseOdds(cases, rows), slopes: prior.map((p) => p) };
  if (strength === Number.POSITIVE_INFINITY && start)
    fit = { ...start, slopes: prior.map((p) => p * sumOf(start.slopes)) };
  let now = penalised(yield* pass(cases, rows, fit), fit, prior, strength);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const aim = strength === Number.POSITIVE_INFINITY ? alongPrior(now, fit, prior) : anywhere(now, fit);
    let better: { fit: Fit; pass: Pass } | null = null;
    for (let half = 0, share = 1; half < MOST_HALVINGS && !better; half++, share /= 2) {
      const tried = between(fit, aim, share, prior);
      const then = penalised(yield* pass(cases, rows, tried), tried, prior, strength);
      if (then.loss < now.loss) better = { fit: tried, pass: then };
    }
    if (!better) break;
    const gained = now.loss - better.pass.loss;
    fit = better.fit;
    now = better.pass;
    if (gained <= ENOUGH * (1 + Math.abs(now.loss))) break;
  }
  return fit;
}

const sumOf = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);

function baseOdds({ events }: Cases, rows: Int32Array): number {
  let left = 0;
  for (const row of rows) left += events[row] ?? 0;
  return Math.log((left + 0.5) / (rows.length - left + 0.5));
}

function between(from: Fit, to: Fit, share: number, prior: Float64Array): Fit {
  const slopes = from.slopes.map((s, c) => Math.max(0, s + share * ((to.slopes[c] ?? 0) - s)));
  return {
    intercept: from.intercept + share * (to.intercept - from.intercept),
    slopes: sumOf(slopes) < LEAST_SLOPE ? prior.map((p) => p * LEAST_SLOPE) : slopes,
  };
}

/** Adds the pull towards the direction of the prior. */
function penalised(
  { loss, gradient, curvature }: Pass,
  { slopes }: Fit,
  prior: Float64Array,
  strength: Strength,
): Pass {
  const pull = strength === Number.POSITIVE_INFINITY ? 0 : strength * SPREAD;
  const length2 = prior.reduce((sum, p) => sum + p * p, 0);
  const along = slopes.reduce((sum, s, c) => sum + s * (prior[c] ?? 0), 0) / length2;
  let more = 0;
  slopes.forEach((slope, c) => {
    const apart = slope - along * (prior[c] ?? 0);
    more += (pull * apart * apart + LEAST_PULL * slope * slope) / 2;
    gradient[c] = (gradient[c] ?? 0) + pull * apart + LEAST_PULL * slope;
    const line = curvature[c];
    if (!line) return;
    for (let k = 0; k < slopes.length; k++)
      line[k] = (line[k] ?? 0) - (pull * (prior[c] ?? 0) * (prior[k] ?? 0)) / length2;
    line[c] = (line[c] ?? 0) + pull + LEAST_PULL;
  });
  return { loss: loss + more, gradient, curvature };
}

/** Where the curve of second order is lowest. */
function anywhere({ gradient, curvature }: Pass, { intercept, slopes }: Fit): Fit {
  const at = Float64Array.from([...slopes, intercept]);
  const aim = gradient.map((g, i) => at.reduce((sum, v, k) => sum + v * (curvature[i]?.[k] ?? 0), -g));
  const found = leastNonNegative(curvature, aim, at);
  return { intercept: found.at(-1) ?? 0, slopes: found.slice(0, -1) };
}

/** The same, of slopes that are b × prior. */
function alongPrior({ gradient, curvature }: Pass, { intercept, slopes }: Fit, prior: Float64Array): Fit {
  const last = prior.length;
  const length2 = prior.reduce((sum, p) => sum + p * p, 0);
  const b = slopes.reduce((sum, s, c) => sum + s * (prior[c] ?? 0), 0) / length2;
  let [g, h, cross] = [0, 0, 0];
  prior.forEach((p, c) => {
    g += p * (gradient[c] ?? 0);
    cross += p * (curvature[c]?.[last] ?? 0);
    prior.forEach((q, k) => {
      h += p * q * (curvature[c]?.[k] ?? 0);
    });
  });
  const corner = curvature[last]?.[last] ?? 1;
  const two = [Float64Array.of(h, cross), Float64Array.of(cross, corner)];
  const aim = Float64Array.of(h * b + cross * intercept - g, cross * b + corner * intercept - (gradient[last] ?? 0));
  const [slope = 0, level = 0] = leastNonNegative(two, aim, Float64Array.of(b, intercept));
  return { intercept: level, slopes: prior.map((p) => p * slope) };
}
