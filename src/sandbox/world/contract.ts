import { type Draft, streamOf } from './draft.ts';
import type { Contract, Renewal } from './terms.ts';
import { addYears, DAY, dayOf, isoDay, officeTime } from './time.ts';

const ANNUAL_PRICE_PER_SEAT = { smb: 480, 'mid-market': 420, enterprise: 360 } as const;
/** Minor units for one unit of the base currency: fixed, so that a world needs no rate table. Yen has no minor unit. */
const MINOR_PER_UNIT: Record<string, number> = { GBP: 100, USD: 127, EUR: 117, JPY: 190 };
/** Chance of losing a renewal by health. */
const LOSS = [
  [0, 0.95],
  [0.3, 0.7],
  [0.5, 0.35],
  [0.6, 0.16],
  [0.7, 0.08],
  [0.8, 0.03],
  [1, 0.01],
] as const;

/** Of losing a renewal where health does not decide. */
const RANDOM_LOSS = 0.08;

export function lossChance(health: number): number {
  let [x0, y0] = LOSS[0] as readonly [number, number];
  for (const [x1, y1] of LOSS) {
    if (health <= x1) return x1 === x0 ? y1 : y0 + ((y1 - y0) * (health - x0)) / (x1 - x0);
    [x0, y0] = [x1, y1];
  }
  return y0;
}

export function makeContract(draft: Draft): Contract {
  const { id, span, health } = draft;
  const plan = streamOf(draft, 'plan');
  const unitMinor = MINOR_PER_UNIT[id.currency] ?? 100;
  const whole = id.currency === 'JPY' ? 1 : 100;
  const round = (minor: number): number => Math.round(minor / whole) * whole;
  const first = round(id.seats * ANNUAL_PRICE_PER_SEAT[id.segment] * plan.between(0.85, 1.25) * unitMinor);
  const billing = plan.chance({ smb: 0.7, 'mid-market': 0.4, enterprise: 0.15 }[id.segment]) ? 'monthly' : 'annual';
  const contract: Contract = { churnedAt: null, first, billing, renewals: [], expansions: [], ...startOf(draft) };
  if (id.since === null) return contract;

  let arr = first;
  let seats = id.seats;
  const change = (at: number, nextArr: number): void => {
    if (nextArr === arr) return;
    const nextSeats = Math.max(1, Math.round((seats * nextArr) / arr));
    if (nextSeats !== seats) contract.seats.push({ at, value: nextSeats });
    contract.arr.push({ at, value: nextArr });
    [arr, seats] = [nextArr, nextSeats];
  };
  contract.status.push({ at: id.since, value: 'customer' });
  contract.arr.push({ at: id.since, value: arr });
  contract.seats.push({ at: id.since, value: seats });

  for (let term = 1, start = dayOf(id.since); ; term++) {
    const on = addYears(dayOf(id.since), term);
    contract.renewalOn.push({ at: contract.renewals.at(-1)?.decidedAt ?? id.since, value: isoDay(on) });
    const random = streamOf(draft, `term ${term}`);
    const openedAt = officeTime(start + random.between(30, 235) * DAY, random);
    const grownAt = officeTime(openedAt + random.between(20, 60) * DAY, random);
    const [wants, agrees, share] = [random.chance(0.3), random.chance(0.75), random.between(0.1, 0.3)];
    if (wants && openedAt >= span.from && openedAt < span.to && health(openedAt) > 0.72) {
      const amount = round(arr * share);
      contract.expansions.push({ openedAt, decidedAt: grownAt, won: agrees, amount });
      if (agrees) change(grownAt, arr + amount);
    }
    const renewal = decide(draft, on, arr, round, random);
    contract.renewals.push(renewal);
    if (!renewal.won) {
      contract.churnedAt = Math.max(on, renewal.decidedAt);
      contract.status.push({ at: contract.churnedAt, value: 'churned' });
      contract.arr.push({ at: contract.churnedAt, value: 0 });
      contract.seats.push({ at: contract.churnedAt, value: 0 });
      return contract;
    }
    change(renewal.decidedAt, renewal.after);
    if (on > span.to) return contract;
    start = on;
  }
}

function startOf({ id }: Draft): Pick<Contract, 'status' | 'arr' | 'seats' | 'renewalOn'> {
  const status = id.kind === 'test' || id.kind === 'partner' ? id.kind : 'prospect';
  const at = id.createdAt;
  return {
    status: [{ at, value: status }],
    arr: [{ at, value: 0 }],
    seats: [{ at, value: id.kind === 'test' ? 5 : 0 }],
    renewalOn: [{ at, value: null }],
  };
}

/** Customers of today have by definition won every renewal up to now; those who left lose the one that is decided for them. */
function decide(
  { id, span, health, options }: Draft,
  on: number,
  before: number,
  round: (minor: number) => number,
  random: ReturnType<typeof streamOf>,
): Renewal {
  const h = health(Math.min(on, span.to));
  const late = h < 0.6 && random.chance(0.25);
  const lead = late ? -random.between(1, 12) : random.between(1, h < 0.6 ? 6 : 10);
  const luck = random.next();
  const shrinks = random.chance(h < 0.55 ? 0.4 : h < 0.75 ? 0.1 : 0.03);
  const growth = shrinks ? -random.between(0.1, 0.3) : random.between(0, 0.07);
  const openedAt = officeTime(on - random.between(112, 128) * DAY, random);
  const leaves = id.leavesOn !== null && dayOf(on) >= id.leavesOn;
  const decidedAt = officeTime(on - (leaves ? random.between(5, 25) : lead) * DAY, random);
  const past = id.leavesOn !== null || (id.kind === 'customer' && Math.max(on, decidedAt) <= span.now);
  const won = past ? !leaves : luck >= (options.churn === 'random' ? RANDOM_LOSS : lossChance(h));
  return { on, openedAt, decidedAt, won, before, after: round(before * (1 + growth)) };
}
