import type { CustomerDraft } from './draft.ts';
import type { Random } from './random.ts';
import { DAY, HOUR } from './time.ts';

/** When billing begins, when it earns, when it ends. */
export interface Life {
  createdAt: number;
  trialEndsAt: number | null;
  /** null = it never earned anything. */
  earnsFrom: number | null;
  endedAt: number | null;
  outcome: 'customer' | 'free' | 'trial canceled' | 'trial paused' | 'never paid';
}

export function lifeOf({ id, contract }: CustomerDraft, random: Random): Life | null {
  const days = random.pick([7, 14, 14, 30]);
  const [tries, fails, start] = [random.next(), random.next(), random.next()];
  if (id.since !== null) {
    const opensAt = Math.max(id.since - days * DAY, id.createdAt + HOUR);
    const trial = tries < 0.35 && id.since - opensAt >= DAY;
    const createdAt = trial ? opensAt : id.since;
    const trialEndsAt = trial ? id.since : null;
    return { createdAt, trialEndsAt, earnsFrom: id.since, endedAt: contract.churnedAt, outcome: 'customer' };
  }
  if (id.kind !== 'test' && (id.kind !== 'prospect' || tries >= 0.45)) return null;
  const createdAt = id.createdAt + HOUR + Math.floor((start * 20 * DAY) / 1000) * 1000;
  if (id.kind === 'test') return { createdAt, trialEndsAt: null, earnsFrom: null, endedAt: null, outcome: 'free' };
  const [trialEndsAt, earnsFrom] = [createdAt + days * DAY, null];
  if (fails < 0.2)
    return { createdAt, trialEndsAt: null, earnsFrom, endedAt: createdAt + 23 * HOUR, outcome: 'never paid' };
  if (fails < 0.5) return { createdAt, trialEndsAt, earnsFrom, endedAt: null, outcome: 'trial paused' };
  return { createdAt, trialEndsAt, earnsFrom, endedAt: trialEndsAt, outcome: 'trial canceled' };
}
