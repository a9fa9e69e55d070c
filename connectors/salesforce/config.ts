import { z } from 'zod';
import type { SecretSpec } from '../../src/contract/index.ts';

const Origin = z
  .url({ protocol: /^https?$/, error: 'expected an address like https://login.salesforce.com' })
  .transform((url) => new URL(url).origin);

/** Settings of the connector as they stand in pulseback.yaml. */
export const Config = z.strictObject({
  /** Login host: https://login.salesforce.com, https://test.salesforce.com, or the org's My Domain (client credentials need it). */
  loginUrl: Origin.default('https://login.salesforce.com'),
  auth: z.discriminatedUnion('flow', [
    z.strictObject({
      flow: z.literal('jwt'),
      /** Consumer key of the external client app. */
      clientId: z.string().min(1),
      /** The integration user, pre-authorised for that app. */
      username: z.string().min(1),
      /** PEM file; absent = the secret SALESFORCE_PRIVATE_KEY. */
      privateKeyFile: z.string().min(1).optional(),
      /** `aud` of the assertion; absent = loginUrl. */
      audience: z.string().min(1).optional(),
    }),
    z.strictObject({ flow: z.literal('client-credentials'), clientId: z.string().min(1) }),
    /** An app that a person authorised. Its first refresh token is a secret; later ones are kept encrypted. */
    z.strictObject({ flow: z.literal('refresh-token'), clientId: z.string().min(1) }),
  ]),
  apiVersion: z
    .string()
    .regex(/^\d{2,3}\.0$/, 'expected a version like 66.0')
    .default('66.0'),
  mapping: z.string().min(1).default('mappings/crm/salesforce.yaml'),
  /** Rows asked per query page; the org may send fewer. */
  pageSize: z.int().min(200).max(2000).optional(),
  /** Write calls in flight at once. */
  concurrency: z.int().min(1).max(20).default(5),
  /** Accounts per write call. */
  batchSize: z.int().min(1).max(200).default(200),
  /** How far each pull reaches back behind its cursor, for rows of long transactions that appear late. */
  overlapMinutes: z.number().min(0).default(15),
  /** Seconds that one call may take. */
  timeoutSeconds: z.number().min(1).max(600).default(120),
  taskObject: z
    .strictObject({
      /** Picklist values of Task.Priority; one that the org lacks is not sent. */
      high: z.string().default('High'),
      normal: z.string().default('Normal'),
    })
    .prefault({}),
});
export type Config = z.infer<typeof Config>;

export const SECRETS: Record<string, SecretSpec> = {
  privateKey: {
    env: 'SALESFORCE_PRIVATE_KEY',
    description: 'PEM private key for the JWT bearer flow, unless auth.privateKeyFile names a file',
    optional: true,
  },
  clientSecret: {
    env: 'SALESFORCE_CLIENT_SECRET',
    description: 'consumer secret for the client-credentials flow, and for refresh-token where the app demands it',
    optional: true,
  },
  refreshToken: {
    env: 'SALESFORCE_REFRESH_TOKEN',
    description:
      'the refresh token that the authorisation gave (auth.flow: refresh-token); what it turns into is kept encrypted',
    optional: true,
  },
};

export const EXAMPLE = `# The org's login host: https://test.salesforce.com for a sandbox, or the My Domain address.
loginUrl: https://login.salesforce.com
auth:
  # jwt: an external client app with a certificate, pre-authorised for the integration user.
  # The private key comes from SALESFORCE_PRIVATE_KEY, or from the file named here.
  flow: jwt
  clientId: 3MVG9...
  username: integration@example.com
  # privateKeyFile: ./salesforce.key
  # Or: flow: client-credentials, with clientId here and SALESFORCE_CLIENT_SECRET in the environment
  # (loginUrl must then be the My Domain address).
  # Or: flow: refresh-token, with clientId here, and SALESFORCE_REFRESH_TOKEN and PULSEBACK_SECRET_KEY in the environment.
# Which org fields mean what; copy and edit it.
mapping: mappings/crm/salesforce.yaml
# concurrency: 5        # write calls in flight
# overlapMinutes: 15    # re-read behind the cursor, for rows that long transactions commit late
`;
