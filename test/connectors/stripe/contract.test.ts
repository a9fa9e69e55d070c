import { afterAll, expect, it } from 'vitest';
import { Config } from '../../../connectors/stripe/config.ts';
import { stripe } from '../../../connectors/stripe/index.ts';
import { serveStripe } from '../../../connectors/stripe/sandbox.ts';
import { makeAttempt } from '../../../src/http/attempt.ts';
import { makeWorld } from '../../../src/sandbox/world.ts';
import { hasStripeContract, judgeStripe } from '../../contract/stripe.ts';
import { describeConnector } from '../../contract/suite.ts';
import { makeCtx, NOW } from './support.ts';

/** The clock of the world stands still, so that each pull sees the same data. */
const world = makeWorld({ seed: 7, customers: 12, now: NOW });
const judge = hasStripeContract ? judgeStripe() : null;
const sandbox = await serveStripe({ world, minPages: 4, ...(judge ? { onExchange: judge.onExchange } : {}) });
afterAll(() => sandbox.close());
// Nobody is credited in this world, so there is no fact of a credit note to look at.
const config = Config.parse({ ...sandbox.config, creditNotes: false });
const secrets = { apiKey: sandbox.env.STRIPE_API_KEY ?? '' };
const quick = { default: { concurrency: 20 } };

await describeConnector({
  name: 'stripe',
  connector: stripe,
  makeCtx: async ({ log, signal }) => ({
    ctx: {
      ...makeCtx({}, { now: world.now }).ctx,
      config,
      secrets,
      log,
      signal,
      attempt: makeAttempt({ log, signal, buckets: quick, now: world.now, sleep: async () => {} }),
    },
  }),
});

// Skipped only where ../shared/contracts is not at hand.
it.skipIf(!judge)('sends nothing that the vendor’s contract does not have, and reads what it has', async () => {
  const { ctx } = makeCtx({}, { now: world.now });
  const report = await stripe.check({ ...ctx, config: Config.parse(sandbox.config), secrets });
  expect(report.items.filter((item) => !item.ok)).toEqual([]);
  const verdict = judge?.verdict();
  console.info(
    `stripe connector against its contract: ${JSON.stringify({ ...verdict, problems: verdict?.problems.length, paths: verdict?.paths })}`,
  );
  expect(verdict?.problems).toEqual([]);
  expect(verdict?.valid).toBe(verdict?.answers);
  expect(verdict?.requests).toBeGreaterThan(300);
});
