import { z } from 'zod';
import type { SecretSpec } from '../../src/contract/index.ts';

const LOOPBACK = /^(127(\.\d+){3}|localhost|\[::1\])$/;

const Origin = z
  .url({ protocol: /^https?$/, error: 'expected an address like https://acme.zendesk.com' })
  .refine((url) => URL.canParse(url) && (new URL(url).protocol === 'https:' || LOOPBACK.test(new URL(url).hostname)), {
    message: 'expected https: credentials must not travel in the clear',
  })
  .transform((url) => new URL(url).origin);

/** Calls a minute that a plan allows the whole account. */
export const PLANS = { team: 200, growth: 400, professional: 400, enterprise: 700, 'enterprise-plus': 2500 } as const;
const HIGH_VOLUME = 2500;
/** Exports a minute, without and with the High Volume add-on; they count among the calls too. */
const EXPORTS = { usual: 10, highVolume: 30 };

const name = z.string().trim().min(1);

/** Settings of the connector as they stand in pulseback.yaml. */
export const Config = z
  .strictObject({
    /** "acme" of https://acme.zendesk.com. */
    subdomain: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]*$/, 'expected the first part of https://acme.zendesk.com, like acme')
      .optional(),
    /** In place of `subdomain`: another host. */
    baseUrl: Origin.optional(),
    /** The admin whose API token is used; not needed with an OAuth token. */
    email: z.email().optional(),
    plan: z.enum(['team', 'growth', 'professional', 'enterprise', 'enterprise-plus']).default('team'),
    /** The High Volume API add-on. */
    highVolume: z.boolean().default(false),
    /** Where the account’s limits differ from these. */
    limits: z
      .strictObject({
        perMinute: z.int().min(20).max(100_000).optional(),
        exportsPerMinute: z.int().min(1).max(10_000).optional(),
      })
      .prefault({}),
    /** First day of which tickets are read; absent = all there are. */
    since: z.iso.date().optional(),
    /** Where an organization names its CRM account: `external_id`, or a key of its organization fields. First that is filled first. */
    accountKeys: z.array(name).default(['external_id']),
    /** A ticket is escalated where any of these holds. */
    escalation: z
      .strictObject({
        tags: z.array(name).default(['escalated', 'escalation']),
        priorities: z.array(z.enum(['low', 'normal', 'high', 'urgent'])).default([]),
        groups: z.array(z.int()).default([]),
        fields: z.array(z.strictObject({ id: z.int(), values: z.array(name).min(1) })).default([]),
      })
      .prefault({}),
    /** An account has either the legacy rating (good, bad) or surveys (1 to 5); auto = whichever answers. */
    csat: z.enum(['legacy', 'surveys', 'auto', 'none']).default('auto'),
    /** Reply and resolution times by the calendar, or by the account's business schedule. */
    hours: z.enum(['calendar', 'business']).default('calendar'),
    /** audits = the exact times of re-opening and escalation, one call for each such ticket; metrics = none, dated as late as they can be. */
    history: z.enum(['audits', 'metrics']).default('audits'),
    /** The requester's words: first = the opening message, all = every public comment (one call a changed ticket), none. */
    text: z.enum(['none', 'first', 'all']).default('first'),
    /** Days that raw text may be kept. */
    textDays: z.int().min(1).max(365).default(90),
    /** Calls in flight at once. */
    concurrency: z.int().min(1).max(20).default(8),
    /** Seconds that one call may take. */
    timeoutSeconds: z.number().min(1).max(600).default(120),
  })
  .refine((c) => (c.subdomain === undefined) !== (c.baseUrl === undefined), {
    path: ['subdomain'],
    message: 'expected either subdomain (acme) or baseUrl (https://acme.zendesk.com)',
  });
export type Config = z.infer<typeof Config>;

export const SECRETS: Record<string, SecretSpec> = {
  apiToken: { env: 'ZENDESK_API_TOKEN', description: 'API token of the user named in config.email', optional: true },
  oauthToken: { env: 'ZENDESK_OAUTH_TOKEN', description: 'OAuth access token with scope read', optional: true },
};

export const originOf = (config: Config): string => config.baseUrl ?? `https://${config.subdomain}.zendesk.com`;

/** The limits that hold: the plan’s, unless set apart. */
export function limitsOf({ plan, highVolume, limits }: Config): { perMinute: number; exportsPerMinute: number } {
  const perMinute = limits.perMinute ?? (highVolume ? HIGH_VOLUME : PLANS[plan]);
  const exports = limits.exportsPerMinute ?? (highVolume ? EXPORTS.highVolume : EXPORTS.usual);
  return { perMinute, exportsPerMinute: Math.min(exports, perMinute - 1) };
}

/** Exports count towards the account's limit too, so the rest may use what they leave. */
export function bucketsOf(
  config: Config,
): Record<'default' | 'export', { concurrency: number; limit: number; intervalMs: number }> {
  const { perMinute, exportsPerMinute } = limitsOf(config);
  return {
    default: { concurrency: config.concurrency, limit: perMinute - exportsPerMinute, intervalMs: 60_000 },
    export: { concurrency: 1, limit: exportsPerMinute, intervalMs: 60_000 },
  };
}

export const EXAMPLE = `# The first part of https://acme.zendesk.com. Or baseUrl: a whole address.
subdomain: acme
# An admin, whose API token is in ZENDESK_API_TOKEN. Not needed with ZENDESK_OAUTH_TOKEN.
email: integration@example.com
# team (200 calls a minute) | growth | professional (400) | enterprise (700) | enterprise-plus (2500)
plan: professional
# highVolume: true        # with the High Volume API add-on (2500, and 30 exports)
# limits:                 # where yours differ
#   perMinute: 400
#   exportsPerMinute: 10
# since: 2025-01-01       # oldest tickets; default: all
# Where an organization names its CRM account, by external_id or an organization field; then its domains decide.
accountKeys: [external_id]
# A ticket is escalated where any of these holds.
escalation:
  tags: [escalated, escalation]
  # priorities: [urgent]
  # groups: [360001234]
  # fields: [{ id: 360005678, values: ['yes'] }]
# csat: auto              # legacy (good, bad) | surveys (1 to 5) | auto | none
# hours: calendar         # or business: by the account's schedule
# history: audits         # metrics = no extra call for re-opened and escalated tickets, but less exact dates
# text: first             # the requester's words: none | first | all (one call for each changed ticket)
# textDays: 90
`;
