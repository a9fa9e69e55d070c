import { afterAll } from 'vitest';
import { zendesk } from '../../../connectors/zendesk/index.ts';
import { serveZendesk } from '../../../connectors/zendesk/sandbox.ts';
import { makeWorld } from '../../../src/sandbox/world.ts';
import { describeConnector } from '../../contract/suite.ts';
import { makeCtx, NOW } from './support.ts';

/** The clock of the world stands still, so that each pull sees the same data. Metrics come along in one account, not in the other. */
for (const [name, options, over] of [
  ['ratings, metrics along', { satisfaction: 'legacy', metricSets: true }, { csat: 'legacy', text: 'all' }],
  ['surveys, metrics apart', { satisfaction: 'surveys', metricSets: false }, { csat: 'surveys' }],
] as const) {
  const world = makeWorld({ seed: 7, customers: 8, now: NOW });
  const sandbox = await serveZendesk({ world, limits: false, pageRows: 20, ...options });
  afterAll(() => sandbox.close());
  await describeConnector({
    name: `zendesk (${name})`,
    connector: zendesk,
    makeCtx: async ({ log, signal }) => {
      const secrets = { apiToken: sandbox.env.ZENDESK_API_TOKEN ?? '' };
      const { ctx } = makeCtx({ ...sandbox.config, ...over }, { signal, secrets, now: world.now });
      return { ctx: { ...ctx, log } };
    },
  });
}
