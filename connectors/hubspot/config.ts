import { z } from 'zod';
import type { SecretSpec } from '../../src/contract/index.ts';

const Origin = z
  .url({ protocol: /^https?$/, error: 'expected an address like https://api.hubapi.com' })
  .transform((url) => new URL(url).origin);
const Id = z.string().regex(/^\d+$/, 'expected a numeric HubSpot id');

/** Calls that the portal grants each app in any ten seconds. */
export const RATES = [100, 110, 190, 250] as const;

/** Settings of the connector as they stand in pulseback.yaml. */
export const Config = z.strictObject({
  baseUrl: Origin.default('https://api.hubapi.com'),
  auth: z
    .discriminatedUnion('flow', [
      /** A service key or a private app's token, in HUBSPOT_TOKEN. */
      z.strictObject({ flow: z.literal('token') }),
      /** The tokens of an installed app: the first refresh token comes from HUBSPOT_REFRESH_TOKEN, later ones are kept encrypted. */
      z.strictObject({ flow: z.literal('refresh-token'), clientId: z.string().min(1) }),
    ])
    .default({ flow: 'token' }),
  /** `v3`: numbered paths, withdrawn in 2027. A date: the set of that month. */
  apiVersion: z
    .string()
    .regex(/^(v3|20\d\d-(03|09))$/, 'expected v3, or a date like 2026-03')
    .default('2026-03'),
  mapping: z.string().min(1).default('mappings/crm/hubspot.yaml'),
  /** Calls per ten seconds: 100 (Free, Starter), 190 (Professional, Enterprise), 250 (with the increase), 110 (public OAuth app). */
  ratePer10s: z.int().min(1).max(1000).default(100),
  /** Searches a second, all apps of the portal together: HubSpot grants 5. */
  searchPerSecond: z.int().min(1).max(1000).default(4),
  /** Write calls in flight at once: at half a second each, ten use up 190 calls in ten seconds. */
  concurrency: z.int().min(1).max(20).default(10),
  /** Records per write call. */
  batchSize: z.int().min(1).max(100).default(100),
  /** How far each pull reaches back behind its cursor, for rows that the search index shows late. */
  overlapMinutes: z.number().min(0).default(60),
  /** How close to now a pull trusts the search index. */
  lagSeconds: z.number().min(0).default(60),
  /** Seconds that one call may take. */
  timeoutSeconds: z.number().min(1).max(600).default(60),
  /** Owner id → owner id of that person's manager: HubSpot itself knows no reporting line. */
  managers: z.record(Id, Id).default({}),
  /** Team id → owner id of its lead, for people that `managers` does not name. */
  teamLeads: z.record(Id, Id).default({}),
  /** Also read tickets of this portal's Service Hub as support data. */
  tickets: z.boolean().default(false),
  /** Convert amounts by the portal's own exchange rates; needs the scope settings.currencies.read. */
  currencies: z.boolean().default(false),
});
export type Config = z.infer<typeof Config>;

export const SECRETS: Record<string, SecretSpec> = {
  token: { env: 'HUBSPOT_TOKEN', description: 'service key or private-app token (auth.flow: token)', optional: true },
  clientSecret: {
    env: 'HUBSPOT_CLIENT_SECRET',
    description: "the app's client secret (auth.flow: refresh-token)",
    optional: true,
  },
  refreshToken: {
    env: 'HUBSPOT_REFRESH_TOKEN',
    description: 'the refresh token that the installation gave, used once; what it turns into is kept encrypted',
    optional: true,
  },
};

export const EXAMPLE = `auth:
  # token: a service key or private-app token in HUBSPOT_TOKEN.
  # refresh-token: an installed app, with clientId here, HUBSPOT_CLIENT_SECRET and HUBSPOT_REFRESH_TOKEN in the environment.
  flow: token
# Calls per ten seconds that your subscription grants: 100 Free and Starter, 190 Professional and Enterprise, 250 with the
# API limit increase, 110 for a public OAuth app.
ratePer10s: 100
# Which properties mean what; copy and edit it.
mapping: mappings/crm/hubspot.yaml
# HubSpot knows no reporting line. Who gets the manager task: owner id → manager's owner id, or team id → lead's owner id.
# managers: { '101': '102' }
# teamLeads: { '7': '102' }
# tickets: true         # Service Hub tickets of this portal as support data
# currencies: true      # amounts by the portal's own exchange rates; needs the scope settings.currencies.read
`;
