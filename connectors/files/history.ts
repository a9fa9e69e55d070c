import { HISTORY } from './fields.ts';
import type { Entry } from './mapping.ts';

/** A record as it was known since an instant (epoch ms). */
export interface Version {
  at: number;
  data: Record<string, unknown>;
}

/**
 * The history that a row tells: what was known at its start, and what became known later. Nothing is known before its own date;
 * what no column dates is known since the row was observed.
 */
export function versionsOf(
  entry: Entry,
  data: Record<string, unknown>,
  instants: Record<string, number>,
  observed: number,
): Version[] {
  const history = HISTORY[entry.kind];
  if (!history) return [{ at: observed, data }];
  const start = instants[history.start] ?? observed;
  const known = { ...data };
  const reveals: { at: number; field: string }[] = [];
  for (const step of history.steps) {
    const minutes = step.date === 'firstReplyMinutes' ? data[step.date] : undefined;
    const dated = typeof minutes === 'number' ? start + minutes * 60_000 : instants[step.date];
    const at = entry.endKnownFrom === 'start' ? start : Math.max(start, Math.min(dated ?? observed, observed));
    for (const field of step.reveals) {
      if (at === start || data[field] === undefined || data[field] === null) continue;
      known[field] = null;
      reveals.push({ at, field });
    }
  }
  const versions: Version[] = [{ at: start, data: known }];
  for (const { at, field } of reveals.sort((a, b) => a.at - b.at)) {
    const last = versions.at(-1);
    if (last?.at === at) last.data[field] = data[field];
    else versions.push({ at, data: { ...last?.data, [field]: data[field] } });
  }
  return versions;
}
