import { resolve } from 'node:path';
import { afterAll } from 'vitest';
import { Config } from '../../../connectors/hubspot/config.ts';
import { hubspot } from '../../../connectors/hubspot/index.ts';
import { serveHubspot } from '../../../connectors/hubspot/sandbox.ts';
import { makeAttempt } from '../../../src/http/attempt.ts';
import { makeWorld } from '../../../src/sandbox/world.ts';
import { describeConnector } from '../../contract/suite.ts';
import { FIELDS, memoryState, NOW } from './support.ts';

/** The clock of the world stands still, so that each pull sees the same data. */
const world = makeWorld({ seed: 7, customers: 12, now: NOW });
const sandbox = await serveHubspot({ world, minPages: 4, limits: false });
afterAll(() => sandbox.close());

const config = Config.parse({ ...sandbox.config, tickets: true });
await describeConnector({
  name: 'hubspot',
  connector: hubspot,
  // Nobody of this world writes notes; without a fact nothing is proved. pull.test.ts has one.
  streams: ['users', 'accounts', 'contacts', 'opportunities', 'tasks', 'meetings', 'calls', 'emails', 'tickets'],
  makeCtx: async ({ log, signal }) => ({
    ctx: {
      config,
      secrets: { token: sandbox.env.HUBSPOT_TOKEN ?? '' },
      log,
      signal,
      now: world.now,
      timezone: 'Europe/London',
      currency: 'GBP',
      fields: FIELDS,
      file: (path) => resolve(import.meta.dirname, '../../..', path),
      attempt: makeAttempt({
        log,
        signal,
        buckets: hubspot.limits?.(config) ?? {},
        now: world.now,
        sleep: async () => {},
      }),
      state: memoryState(),
      credentials: memoryState(),
    },
  }),
});
