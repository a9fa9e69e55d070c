import type { Cap, Model } from './model.ts';
import { type CapApplied, POINT, type Points } from './result.ts';
import { type MeasureContext, measure } from './signals.ts';

/**
 * Critical conditions that hold (S14), each with the points that it takes. A cap's ceiling is one point below the next better
 * band; the strictest takes its points first, the others take what is left, so that the sum stays exact.
 */
export function capsOf(model: Model, bands: Model['bands'], context: MeasureContext, total: Points): CapApplied[] {
  const holding = model.caps.flatMap((cap) => {
    const evidence = holds(cap, context);
    return evidence ? [{ cap, evidence, ceiling: ceilingOf(bands, cap.bandAtMost) }] : [];
  });
  holding.sort((a, b) => a.ceiling - b.ceiling || (a.cap.key < b.cap.key ? -1 : 1));
  let left = total;
  return holding.map(({ cap, evidence, ceiling }) => {
    const points = Math.min(0, ceiling - left);
    left += points;
    return { cap: cap.key, label: cap.label, points, evidence };
  });
}

/** The highest points that a cap leaves: one below the next better band. */
export function ceilingOf(bands: Model['bands'], band: string): Points {
  const at = bands.findIndex((b) => b.key === band);
  const better = at > 0 ? bands[at - 1] : undefined;
  return better ? (better.from - 1) * POINT : 100 * POINT;
}

function holds(cap: Cap, context: MeasureContext): CapApplied['evidence'] | null {
  const evidence: CapApplied['evidence'] = [];
  for (const test of cap.when) {
    const { value, rows } = measure(context, test);
    if (typeof value !== 'number') return null;
    if (test.atLeast !== undefined && value < test.atLeast) return null;
    if (test.below !== undefined && value >= test.below) return null;
    evidence.push(...rows.slice(-5).map(({ source, kind, id, at }) => ({ source, kind, id, at })));
  }
  return evidence;
}
