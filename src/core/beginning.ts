import { dayOf } from './days.ts';
import type { AccountView } from './view.ts';

/** What tells when an account began. */
export const BEGINNINGS = ['createdOn', 'subscription start'] as const;
type Beginning = (typeof BEGINNINGS)[number];

/** Day number on which an account began, by the first of `from` that is known; null = none is. */
export function beganOn(view: AccountView, from: readonly Beginning[] = BEGINNINGS): number | null {
  for (const beginning of from) {
    const day = beginning === 'createdOn' ? dayIn(view.record?.createdOn) : firstSubscription(view);
    if (day !== null) return day;
  }
  return null;
}

function dayIn(date: string | null | undefined): number | null {
  const day = date ? dayOf(date) : Number.NaN;
  return Number.isNaN(day) ? null : day;
}

function firstSubscription(view: AccountView): number | null {
  const days = view.states('subscription').flatMap((s) => dayIn(s.data.startOn) ?? []);
  return days.length > 0 ? Math.min(...days) : null;
}
