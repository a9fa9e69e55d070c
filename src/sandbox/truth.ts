import { valueAt } from './asof.ts';
import { DAY } from './world/time.ts';
import type { WorldAccount } from './world.types.ts';

export interface Truth {
  /** Whether it was a customer at that time. */
  customer: boolean;
  health: number;
  /** Health in the words of the default bands: rounded to a score, green from 80, red below 60. */
  band: 'green' | 'yellow' | 'red';
  /** Mean health over the 90 days up to then. */
  recentHealth: number;
  /** Customer then, and gone within the 90 days after. */
  churnsWithin90Days: boolean;
}

/** What is really so with an account: for tests to hold scores against, never for the product. */
export function truth(account: WorldAccount, at: number): Truth {
  const health = account.health(at);
  const score = Math.round(health * 100);
  const customer = valueAt(account.status, at) === 'customer';
  const weeks = Array.from({ length: 13 }, (_, n) => account.health(at - n * 7 * DAY));
  return {
    customer,
    health,
    band: score >= 80 ? 'green' : score >= 60 ? 'yellow' : 'red',
    recentHealth: weeks.reduce((sum, h) => sum + h, 0) / weeks.length,
    churnsWithin90Days: customer && account.churnedAt !== null && account.churnedAt <= at + 90 * DAY,
  };
}
