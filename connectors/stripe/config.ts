import { z } from 'zod';
import type { SecretSpec } from '../../src/contract/index.ts';

/** Settings of the connector as they stand in pulseback.yaml. */
export const Config = z.strictObject({
  /** Whose data: the key's mode and every object must agree, so that test data never mix with a real book. */
  mode: z.enum(['live', 'test']).default('live'),
  /** Another address than https://api.stripe.com: a proxy, a simulator. */
  baseUrl: z
    .url({ protocol: /^https?$/, error: 'expected an address like https://api.stripe.com' })
    .transform((url) => new URL(url).origin)
    .default('https://api.stripe.com'),
  /** For platforms: the connected account to read. */
  account: z
    .string()
    .regex(/^acct_\w+$/, 'expected an account id like acct_123')
    .optional(),
  /** Customer metadata that may hold the account's id in the CRM or another system. */
  metadataKeys: z
    .array(z.string().min(1))
    .default(['salesforce_account_id', 'hubspot_company_id', 'crm_id', 'external_key']),
  subscriptions: z
    .strictObject({
      /** Whether a trial counts as paying. */
      countTrials: z.boolean().default(false),
      /** Billing intervals of at least so many months are contracts that renew; shorter ones run on without a date. */
      termMonths: z.number().min(0).default(12),
      /** Price ids, nicknames, lookup keys or product ids whose quantity counts as seats. Absent: every licensed item. */
      seatsFrom: z.array(z.string().min(1)).optional(),
    })
    .prefault({}),
  /** A charge that the customer's bank disputes is a failed payment of its invoice. Needs read access to disputes and charges. */
  disputes: z.boolean().default(true),
  creditNotes: z.boolean().default(true),
  /** Days between full passes; in between, events say what changed. */
  sweepDays: z.number().min(1).max(29).default(7),
  /** Passes after the first look at invoices and credit notes of so many days. */
  invoiceDays: z.int().min(31).default(400),
  /** How far each reading of events reaches back behind the newest known one. */
  overlapMinutes: z.number().min(0).max(1440).default(10),
  /** Stripe allows 25 calls a second to an endpoint, and in test mode altogether. */
  requestsPerSecond: z.int().min(1).max(100).default(25),
  concurrency: z.int().min(1).max(50).default(10),
  timeoutSeconds: z.number().min(1).max(600).default(80),
});
export type Config = z.infer<typeof Config>;

export const SECRETS: Record<string, SecretSpec> = {
  apiKey: {
    env: 'STRIPE_API_KEY',
    description: 'restricted API key (rk_live_…) with read access to customers, subscriptions, invoices and events',
    optional: false,
  },
};

export function limitsOf(config: Config): Record<string, { concurrency: number; limit: number; intervalMs: number }> {
  const limit = config.mode === 'test' ? Math.min(config.requestsPerSecond, 25) : config.requestsPerSecond;
  return { default: { concurrency: Math.min(config.concurrency, limit), limit, intervalMs: 1_000 } };
}

export const EXAMPLE = `# live or test. The restricted key comes from STRIPE_API_KEY, and must be of the same mode. It needs read access to
# Customers, Subscriptions, Invoices, Credit notes, Disputes, Charges, Products, Prices, Coupons and Events.
mode: live
# Customer metadata that may hold the account's id in the CRM; else the e-mail domain decides.
metadataKeys: [salesforce_account_id, hubspot_company_id, crm_id, external_key]
# subscriptions:
#   countTrials: false     # whether a trial counts as paying
#   termMonths: 12         # billed for at least so many months at a time = a contract that renews
#   seatsFrom: []          # prices or products whose quantity is seats; default: every licensed item
# disputes: true           # a disputed charge is a failed payment of its invoice
# creditNotes: true
# sweepDays: 7             # a full pass each week; in between, events say what changed
# invoiceDays: 400         # how far back such a pass looks at invoices
# requestsPerSecond: 25
`;
