import { z } from 'zod';

/**
 * What is read of the vendor's objects, in the version that the client asks for. Objects inside events are rendered in the version
 * of their day, so what moved since then is optional here.
 */

const Seconds = z.int();
const Currency = z
  .string()
  .regex(/^[A-Za-z]{3}$/)
  .transform((code) => code.toUpperCase());
/** A reference, expanded or not. */
const Ref = z.union([z.string(), z.object({ id: z.string() }).transform((o) => o.id)]);
/** A decimal, as text on the wire; the SDK makes objects of some. */
const Decimal = z.preprocess(
  (v) => (typeof v === 'object' && v !== null ? String(v) : v),
  z.string().regex(/^-?\d+(\.\d+)?$/),
);

export const Tier = z.object({
  up_to: z.int().nullable(),
  unit_amount: z.number().nullish(),
  unit_amount_decimal: Decimal.nullish(),
  flat_amount: z.number().nullish(),
  flat_amount_decimal: Decimal.nullish(),
});
export type Tier = z.infer<typeof Tier>;

export const Price = z.object({
  id: z.string(),
  nickname: z.string().nullish(),
  lookup_key: z.string().nullish(),
  product: Ref,
  currency: Currency,
  billing_scheme: z.enum(['per_unit', 'tiered']),
  tiers_mode: z.enum(['graduated', 'volume']).nullish(),
  tiers: z.array(Tier).optional(),
  unit_amount: z.number().nullish(),
  unit_amount_decimal: Decimal.nullish(),
  transform_quantity: z.object({ divide_by: z.int().min(1), round: z.enum(['up', 'down']) }).nullish(),
  recurring: z
    .object({
      interval: z.enum(['day', 'week', 'month', 'year']),
      interval_count: z.int().min(1),
      usage_type: z.enum(['licensed', 'metered']),
    })
    .nullable(),
});
export type Price = z.infer<typeof Price>;

export const Coupon = z.object({
  id: z.string(),
  percent_off: z.number().nullish(),
  amount_off: z.int().nullish(),
  currency: Currency.nullish(),
  currency_options: z.record(z.string(), z.object({ amount_off: z.int() })).optional(),
  duration: z.enum(['forever', 'once', 'repeating']),
  applies_to: z.object({ products: z.array(z.string()) }).nullish(),
});
export type Coupon = z.infer<typeof Coupon>;

export const Discount = z.object({
  id: z.string(),
  start: Seconds,
  end: Seconds.nullish(),
  customer: Ref.nullish(),
  subscription: Ref.nullish(),
  subscription_item: Ref.nullish(),
  source: z.object({ coupon: z.union([z.string(), Coupon]).nullish() }).optional(),
  /** Before version 2025-09-30. */
  coupon: z.union([z.string(), Coupon]).nullish(),
});
export type Discount = z.infer<typeof Discount>;
/** An id where it was not expanded. */
const Discounts = z.array(z.union([z.string(), Discount])).nullish();

const Item = z.object({
  id: z.string(),
  quantity: z.number().nullish(),
  price: Price,
  discounts: Discounts,
  current_period_start: Seconds.optional(),
  current_period_end: Seconds.optional(),
});

export const Subscription = z.object({
  id: z.string(),
  customer: z.union([
    z.string().transform((id) => ({ id, discount: null })),
    z.object({ id: z.string(), discount: Discount.nullish() }),
  ]),
  status: z.enum([
    'incomplete',
    'incomplete_expired',
    'trialing',
    'active',
    'past_due',
    'canceled',
    'unpaid',
    'paused',
  ]),
  currency: Currency,
  created: Seconds,
  start_date: Seconds,
  trial_start: Seconds.nullish(),
  trial_end: Seconds.nullish(),
  cancel_at: Seconds.nullish(),
  canceled_at: Seconds.nullish(),
  cancel_at_period_end: z.boolean(),
  ended_at: Seconds.nullish(),
  pause_collection: z.object({ behavior: z.string() }).nullish(),
  status_details: z.object({ paused: z.object({ transitioned_at: Seconds.nullish() }).nullish() }).nullish(),
  discounts: Discounts,
  items: z.object({ data: z.array(Item), has_more: z.boolean().default(false) }),
});
export type Subscription = z.infer<typeof Subscription>;
export type Item = Subscription['items']['data'][number];

export const Customer = z.object({
  id: z.string(),
  created: Seconds,
  name: z.string().nullish(),
  business_name: z.string().nullish(),
  email: z.string().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
});
export type Customer = z.infer<typeof Customer>;

export const Invoice = z.object({
  id: z.string(),
  customer: Ref.nullish(),
  customer_account: z.string().nullish(),
  currency: Currency,
  total: z.int(),
  status: z.enum(['draft', 'open', 'paid', 'uncollectible', 'void']).nullable(),
  collection_method: z.string(),
  attempt_count: z.int(),
  due_date: Seconds.nullable(),
  status_transitions: z.object({
    finalized_at: Seconds.nullable(),
    paid_at: Seconds.nullable(),
    voided_at: Seconds.nullable(),
  }),
  payments: z
    .object({
      data: z.array(z.object({ payment: z.object({ charge: Ref.nullish(), payment_intent: Ref.nullish() }) })),
    })
    .optional(),
});
export type Invoice = z.infer<typeof Invoice>;

export const CreditNote = z.object({
  id: z.string(),
  customer: Ref.nullish(),
  customer_account: z.string().nullish(),
  currency: Currency,
  total: z.int(),
  created: Seconds,
  status: z.string(),
  voided_at: Seconds.nullish(),
});
export type CreditNote = z.infer<typeof CreditNote>;

export const Dispute = z.object({
  id: z.string(),
  created: Seconds,
  status: z.string(),
  payment_intent: Ref.nullish(),
  charge: z.union([
    z.string().transform((id) => ({ id, customer: null })),
    z.object({ id: z.string(), customer: Ref.nullish() }),
  ]),
});
export type Dispute = z.infer<typeof Dispute>;

export const Event = z.object({
  id: z.string(),
  type: z.string(),
  created: Seconds,
  livemode: z.boolean(),
  data: z.object({
    object: z.record(z.string(), z.unknown()),
    previous_attributes: z.record(z.string(), z.unknown()).nullish(),
  }),
});
export type Event = z.infer<typeof Event>;

/** What every top-level object says about itself. */
export const Envelope = z.object({
  id: z.string(),
  deleted: z.boolean().optional(),
  livemode: z.boolean().optional(),
  test_clock: z.unknown().optional(),
});
