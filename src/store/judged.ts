import { canonicalJson } from './canonical.ts';
import type { FactRow } from './schema.ts';

/**
 * A statement of what is stored, without the words that were judged and have expired since: a source that no longer tells them takes
 * nothing back, so what was made of them stays.
 */
export function withJudgement(stored: FactRow, stated: FactRow): FactRow {
  if (!stored.data.includes('"sentiment":') || stated.data.includes('"sentiment":') || stated.deleted) return stated;
  const known = JSON.parse(stored.data) as Record<string, unknown>;
  const said = JSON.parse(stated.data) as Record<string, unknown>;
  const toldNow = (said.text ?? said.comment ?? null) !== null;
  const toldThen = (known.text ?? known.comment ?? null) !== null;
  if (toldNow || toldThen) return stated;
  const { sentiment, frustrated } = known;
  return { ...stated, data: canonicalJson({ ...said, sentiment, frustrated }) };
}
