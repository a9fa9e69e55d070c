import { valueAt } from '../asof.ts';
import type { WorldInvoice } from '../world.types.ts';
import { type CustomerDraft, childKey, customerSpan, streamOf } from './draft.ts';
import type { Random } from './random.ts';
import { addMonths, DAY, dayOf, HOUR, officeTime } from './time.ts';

/** Monthly or yearly in advance from the day the contract began, due in 30 days (14 for monthly ones). */
export function makeInvoices(draft: CustomerDraft): WorldInvoice[] {
  const { id, contract, health } = draft;
  const living = customerSpan(draft);
  if (!living || id.since === null) return [];
  const random = streamOf(draft, 'invoices');
  const step = contract.billing === 'monthly' ? 1 : 12;
  const invoices: WorldInvoice[] = [];
  for (let n = 0; ; n += step) {
    // At noon: a renewal or expansion signed on the day of the invoice is in it; nobody is billed on the day of leaving.
    const issuedAt = Math.max(addMonths(dayOf(id.since), n) + 12 * HOUR, n === 0 ? id.since : 0);
    if (issuedAt >= living.to) return invoices;
    if (issuedAt < living.from) continue;
    const amount = Math.round(((valueAt(contract.arr, issuedAt) ?? 0) * step) / 12);
    const dueAt = dayOf(issuedAt) + (step === 1 ? 14 : 30) * DAY;
    const paid = payment(health(issuedAt), issuedAt, dueAt, random);
    invoices.push({ key: childKey(draft, 'i', invoices.length), amount, issuedAt, dueAt, ...paid });
  }
}

function payment(
  h: number,
  issuedAt: number,
  dueAt: number,
  random: Random,
): Pick<WorldInvoice, 'paidAt' | 'failedPayments'> {
  const trouble = 1 - h;
  const [luck, delay, when] = [random.next(), random.next(), random.next()];
  const failedPayments = random.poisson(0.02 + 0.5 * trouble ** 2);
  const paidOn = (at: number): number => officeTime(Math.max(at, issuedAt + DAY), random);
  if (luck < 0.05 * trouble ** 2) return { paidAt: null, failedPayments: failedPayments + 1 };
  if (luck < 0.18 * trouble ** 2) return { paidAt: paidOn(dueAt + (62 + 40 * delay) * DAY), failedPayments };
  if (luck < 0.02 + 0.7 * trouble) return { paidAt: paidOn(dueAt + (2 + 35 * delay) * DAY), failedPayments };
  return { paidAt: paidOn(dueAt - (dueAt - issuedAt - 2 * DAY) * when - 3 * DAY), failedPayments };
}
