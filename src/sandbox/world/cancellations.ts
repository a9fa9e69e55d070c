import type { WorldSubscription } from '../world.types.ts';
import type { Life } from './billing-life.ts';
import { type CustomerDraft, streamOf } from './draft.ts';
import { DAY, toSecond } from './time.ts';

/** Ends that were announced: those of who left, when the renewal was lost, and a few that were talked back. */
export function cancellationsOf(
  draft: CustomerDraft,
  life: Life,
  { key }: Pick<WorldSubscription, 'key'>,
): WorldSubscription['cancellations'] {
  const random = streamOf(draft, `cancellations ${key}`);
  const { endedAt } = life;
  const found: WorldSubscription['cancellations'] = [];
  if (life.outcome === 'trial canceled' && endedAt !== null)
    found.push({ at: endedAt, endsAt: endedAt, withdrawnAt: null, reason: 'payment_failed', feedback: null });
  if (life.outcome !== 'customer') return found;
  for (const { on, decidedAt, won } of draft.contract.renewals) {
    const [doubts, days, early] = [random.chance(0.06), random.between(3, 25), Math.max(0, random.between(-15, 45))];
    const feedback = random.pick(['too_expensive', 'unused', 'switched_service', 'missing_features', null] as const);
    const reason = random.chance(0.15) ? 'payment_failed' : 'requested';
    if (!won && endedAt !== null) {
      // Most give notice before the renewal is given up in the CRM.
      const notice = toSecond(decidedAt - early * DAY);
      const at = decidedAt >= endedAt ? endedAt : notice > life.createdAt ? notice : decidedAt;
      const carried = at === endedAt ? reason : 'requested'; // nobody announces that he will not pay
      found.push({ at, endsAt: endedAt, withdrawnAt: null, reason: carried, feedback });
    } else if (doubts && decidedAt < on) {
      const at = toSecond(decidedAt - days * DAY);
      if (at > life.createdAt && at > (life.trialEndsAt ?? 0))
        found.push({ at, endsAt: on, withdrawnAt: decidedAt, reason: 'requested', feedback });
    }
  }
  return found;
}
