import type { Json } from './book.ts';
import { StripeError } from './errors.ts';

/** Finds the object of an id ("cus_…"); null where there is none. */
export type Resolve = (field: string, id: string) => Json | null;
/** Fields that are left out unless asked for. */
export type Include = (object: Json, field: string) => unknown;

/** Which fields of which object hold ids that can be asked for as whole objects. */
const EXPANDABLE: Record<string, string[]> = {
  charge: ['customer'],
  'customer.source': [],
  discount: ['customer'],
  dispute: ['charge'],
  invoice: ['customer', 'discounts'],
  invoice_payment: ['invoice'],
  line_item: ['subscription'],
  plan: ['product'],
  price: ['product'],
  subscription: ['customer', 'discounts', 'latest_invoice'],
  subscription_item: ['discounts'],
};
/** Expandable ids inside hashes that are no objects themselves. */
const NESTED = new Set(['source.coupon', 'subscription_details.subscription', 'payment.charge']);
/** Fields that show only when asked for, and then only where there is something to show. */
const HIDDEN: Record<string, string[]> = {
  coupon: ['applies_to', 'currency_options'],
  price: ['tiers', 'currency_options'],
};
const MAX_LEVELS = 4;

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Expands each path ("data.latest_invoice.payments") in place. */
export function expand(root: Json, paths: readonly string[], resolve: Resolve, include: Include): void {
  for (const path of paths) {
    const steps = path.split('.');
    if (steps.filter((s) => s !== 'data').length > MAX_LEVELS)
      throw new StripeError(400, `You cannot expand more than ${MAX_LEVELS} levels of a property.`, {
        param: 'expand',
      });
    walk(root, steps, path, '', resolve, include);
  }
}

function walk(
  target: unknown,
  steps: string[],
  path: string,
  parent: string,
  resolve: Resolve,
  include: Include,
): void {
  if (Array.isArray(target)) {
    for (const element of target) walk(element, steps, path, parent, resolve, include);
    return;
  }
  const [step, ...rest] = steps;
  if (!isJson(target) || step === undefined) return;
  const value = target[step];
  if (value === undefined) {
    if (typeof target.object === 'string' && HIDDEN[target.object]?.includes(step)) return;
    const included = include(target, step);
    if (included === undefined) throw cannot(path);
    target[step] = included;
  } else if (expandable(target, step, parent)) {
    if (Array.isArray(value)) target[step] = value.map((v) => (typeof v === 'string' ? (resolve(step, v) ?? v) : v));
    else if (typeof value === 'string') target[step] = resolve(step, value) ?? value;
  } else if (rest.length === 0 || (!isJson(value) && !Array.isArray(value) && value !== null)) {
    throw cannot(path);
  }
  walk(target[step], rest, path, step, resolve, include);
}

function expandable(target: Json, step: string, parent: string): boolean {
  const object = typeof target.object === 'string' ? target.object : null;
  return object === null ? NESTED.has(`${parent}.${step}`) : (EXPANDABLE[object]?.includes(step) ?? false);
}

const cannot = (path: string): StripeError =>
  new StripeError(400, `This property cannot be expanded (${path}).`, { param: 'expand' });
