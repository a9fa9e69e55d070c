import { valueAt } from '../asof.ts';
import type { WorldUsage } from '../world.types.ts';
import { type CustomerDraft, customerSpan, livingSpan, streamOf } from './draft.ts';
import { DAY, dayOf } from './time.ts';

/** Sunday first: part of the active people who work that day. */
const WEEKDAY = [0.02, 1, 1.02, 1.01, 0.99, 0.94, 0.03] as const;
/** Where fewer would work at the weekend, nobody does. */
const WEEKEND_CREW = 2;
const FEATURES = 12;

/**
 * One row for each day on which anybody used the product. The share of seats in use follows health around a habit of the account's
 * own; a day differs from the next by about 2 % (of whole people), so that ordinary days are calm.
 */
export function makeUsage(draft: CustomerDraft): WorldUsage[] {
  const { id, contract, health } = draft;
  const living = id.kind === 'test' ? livingSpan(draft) : customerSpan(draft);
  if (!living || id.dirt.includes('no usage')) return [];
  const random = streamOf(draft, 'usage');
  const habit = 0.04 * random.normal();
  const depth = 0.04 * random.normal();
  const [perUser, length] = [random.between(1.05, 1.5), random.between(0.85, 1.2)];
  const noSeats = id.dirt.includes('zero seats');
  const rows: WorldUsage[] = [];
  let rest = random.between(-0.5, 0.5); // parts of people are carried to the next day: weeks are calm in small accounts too
  for (let day = dayOf(living.from); day < living.to; day += DAY) {
    const weekday = WEEKDAY[new Date(day).getUTCDay()] ?? 1;
    const seats = valueAt(contract.seats, day + DAY - 1) ?? 0;
    const h = health(day);
    const share = Math.min(0.97, 0.02 + (0.88 + habit) * h ** 2);
    const [n1, n2] = [random.normal(), random.normal()];
    const expected = share * ramp(day, id.since) * seats * weekday;
    if (weekday < 0.5 && expected < WEEKEND_CREW) continue;
    const people = expected * (1 + 0.022 * n1) + rest;
    const activeUsers = Math.min(Math.round(people), seats);
    rest = Math.min(0.5, people - activeUsers);
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
