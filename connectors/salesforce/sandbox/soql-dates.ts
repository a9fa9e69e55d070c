import { malformed } from './soql-names.ts';

const DAY = 86_400_000;

/** The half-open range [from, to) in epoch ms that a relative date literal means at `now` (UTC days). */
export function dateRange(name: string, n: number | undefined, now: number): [number, number] {
  const today = Math.floor(now / DAY) * DAY;
  const count = n ?? 0;
  switch (name.split(':')[0]?.toUpperCase()) {
    case 'TODAY':
      return [today, today + DAY];
    case 'YESTERDAY':
      return [today - DAY, today];
    case 'TOMORROW':
      return [today + DAY, today + 2 * DAY];
    case 'LAST_N_DAYS':
      return [today - count * DAY, today + DAY];
    case 'NEXT_N_DAYS':
      return [today + DAY, today + (count + 1) * DAY];
    case 'N_DAYS_AGO':
      return [today - count * DAY, today - (count - 1) * DAY];
    case 'LAST_90_DAYS':
      return [today - 90 * DAY, today + DAY];
    case 'NEXT_90_DAYS':
      return [today + DAY, today + 91 * DAY];
    default:
      throw malformed(`this sandbox does not know the date literal ${name}`);
  }
}
