import { valueAt } from '../asof.ts';
import type { WorldUsage } from '../world.types.ts';
import { type CustomerDraft, customerSpan, livingSpan, streamOf } from './draft.ts';
import { DAY, dayOf } from './time.ts';

/** Sunday first: part of the active people who work that day. */
const WEEKDAY = [0.02, 1, 1.02, 1.01, 0.99, 0.94, 0.03] as const;
const FEATURES = 12;

/**
 * One row for each day on which anybody used the product. The share of seats in use follows health around a habit of the account's
 * own; a day differs from the next by about 4 %, so that ordinary days are calm.
 */
export function makeUsage(draft: CustomerDraft): WorldUsage[] {
  const { id, contract, health } = draft;
  const living = id.kind === 'test' ? livingSpan(draft) : customerSpan(draft);
  if (!living || id.dirt.includes('no usage')) return [];
  const random = streamOf(draft, 'usage');
  const habit = 0.05 * random.normal();
  const depth = 0.04 * random.normal();
  const [perUser, length] = [random.between(1.05, 1.5), random.between(0.85, 1.2)];
  const noSeats = id.dirt.includes('zero seats');
  const rows: WorldUsage[] = [];
  for (let day = dayOf(living.from); day < living.to; day += DAY) {
    const weekday = WEEKDAY[new Date(day).getUTCDay()] ?? 1;
    const seats = valueAt(contract.seats, day + DAY - 1) ?? 0;
    const h = health(day);
    const share = Math.min(0.97, Math.max(0.02, 0.04 + 0.82 * h + habit * h));
    const [n1, n2, n3] = [random.normal(), random.normal(), random.next()];
    const people = share * ramp(day, id.since) * seats * weekday * (1 + 0.04 * n1);
    const activeUsers = Math.min(Math.floor(people + n3 * 0.5 + 0.25), Math.max(seats, 1));
    if (activeUsers <= 0) continue;
    const logins = Math.round(activeUsers * perUser * (0.85 + 0.2 * h) * (1 + 0.03 * n2)) || 1;
    const uses = Math.max(logins, Math.round(logins * (4 + 5 * h)));
    rows.push({
      day,
      activeUsers,
      seats: noSeats ? 0 : seats,
      logins,
      uses,
      advancedUses: Math.round(uses * Math.max(0.01, 0.06 + 0.34 * h + depth)),
      featuresUsed: Math.min(FEATURES, Math.max(1, Math.round((2 + 9.5 * h) * Math.min(1, 0.55 + activeUsers / 12)))),
      minutes: Math.round(activeUsers * (9 + 22 * h) * length),
    });
  }
  return rows;
}

/** New customers take about six weeks to come into use. */
const ramp = (day: number, since: number | null): number =>
  since === null ? 1 : Math.min(1, 0.25 + (0.75 * Math.max(0, day - since)) / (45 * DAY));
