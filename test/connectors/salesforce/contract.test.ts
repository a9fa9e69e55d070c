import { resolve } from 'node:path';
import { afterAll } from 'vitest';
import { Config } from '../../../connectors/salesforce/config.ts';
import { salesforce } from '../../../connectors/salesforce/index.ts';
import { serveSalesforce } from '../../../connectors/salesforce/sandbox.ts';
import { makeAttempt } from '../../../src/http/attempt.ts';
import { makeWorld } from '../../../src/sandbox/world.ts';
import { describeConnector } from '../../contract/suite.ts';
import { FIELDS, NOW } from './support.ts';

/** The clock of the world stands still, so that each pull sees the same data. */
const world = makeWorld({ seed: 7, customers: 12, now: NOW });
const sandbox = await serveSalesforce({ world, pageRows: 6 });
afterAll(() => sandbox.close());

await describeConnector({
  name: 'salesforce',
  connector: salesforce,
  makeCtx: async ({ log, signal }) => ({
    ctx: {
      config: Config.parse(sandbox.config),
      secrets: {
        privateKey: sandbox.env.SALESFORCE_PRIVATE_KEY ?? '',
        clientSecret: sandbox.env.SALESFORCE_CLIENT_SECRET ?? '',
      },
      log,
      signal,
      now: world.now,
      timezone: 'Europe/London',
      currency: 'GBP',
      fields: FIELDS,
      file: (path) => resolve(import.meta.dirname, '../../..', path),
      attempt: makeAttempt({ log, signal, buckets: salesforce.buckets ?? {}, now: world.now, sleep: async () => {} }),
      state: { get: async () => null, set: async () => true },
      credentials: { get: async () => null, set: async () => true },
    },
  }),
});
