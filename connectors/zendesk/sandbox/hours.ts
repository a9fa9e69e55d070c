const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** The account's schedule: Monday to Friday, 09:00 to 17:00 UTC. */
const [OPENS, CLOSES] = [9 * HOUR, 17 * HOUR];

export interface Minutes {
  calendar: number | null;
  business: number | null;
}
export const NO_MINUTES: Minutes = { calendar: null, business: null };

/** Whole minutes between two instants by the calendar and by the account's schedule. */
export function minutesBetween(from: number, to: number | null): Minutes {
  if (to === null) return NO_MINUTES;
  let business = 0;
  for (let day = Math.floor(from / DAY) * DAY; day < to; day += DAY) {
    const weekday = new Date(day).getUTCDay();
    if (weekday === 0 || weekday === 6) continue;
    business += Math.max(0, Math.min(to, day + CLOSES) - Math.max(from, day + OPENS));
  }
  return { calendar: Math.round((to - from) / MINUTE), business: Math.round(business / MINUTE) };
}
