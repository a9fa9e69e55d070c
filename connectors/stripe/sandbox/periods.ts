import { addMonths, DAY } from '../../../src/sandbox/world/time.ts';
import type { WorldSubscription } from '../../../src/sandbox/world.types.ts';

type Rhythm = Pick<WorldSubscription, 'anchorAt' | 'interval' | 'intervalCount'>;

/** Start of the nth interval since the anchor. */
export function boundary({ anchorAt, interval, intervalCount }: Rhythm, n: number): number {
  if (interval === 'week') return anchorAt + n * intervalCount * 7 * DAY;
  return addMonths(anchorAt, n * intervalCount * (interval === 'year' ? 12 : 1));
}

/** Which interval since the anchor holds at `at`. */
function intervalAt(rhythm: Rhythm, at: number): number {
  const days = { week: 7, month: 28, year: 365 }[rhythm.interval] * rhythm.intervalCount;
  let n = Math.max(0, Math.ceil((at - rhythm.anchorAt) / (days * DAY)) + 1);
  while (n > 0 && boundary(rhythm, n) > at) n -= 1;
  return n;
}

/** The current period at an instant: the trial, then the intervals; an ended subscription keeps its last. */
export function periodAt(subscription: WorldSubscription, t: number): { start: number; end: number } {
  const { createdAt, trialEndsAt, endedAt } = subscription;
  const at = endedAt === null ? t : Math.min(t, endedAt - 1);
  if (trialEndsAt !== null && at < trialEndsAt) return { start: createdAt, end: trialEndsAt };
  const n = intervalAt(subscription, at);
  return { start: Math.max(boundary(subscription, n), trialEndsAt ?? createdAt), end: boundary(subscription, n + 1) };
}

/** The starts of intervals within a stretch. */
export function boundariesWithin(subscription: WorldSubscription, from: number, to: number): number[] {
  const found: number[] = [];
  for (let n = intervalAt(subscription, from); ; n++) {
    const start = boundary(subscription, n);
    if (start > to || start >= (subscription.endedAt ?? to + 1)) return found;
    if (start >= from && start > (subscription.trialEndsAt ?? subscription.createdAt)) found.push(start);
  }
}
