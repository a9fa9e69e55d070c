import type { Connector } from '../../src/contract/index.ts';
import { checkOrg } from './check.ts';
import { Config, EXAMPLE, SECRETS } from './config.ts';
import { crmOf } from './crm.ts';
import { orgOf } from './org.ts';
import { listIds, pullStream } from './pull.ts';
import { ratesOf } from './rates.ts';
import { requireSight } from './sight.ts';
import { streamSpecs } from './streams.ts';

/** Salesforce as CRM: pull, write-back, manager tasks and set-up, with jsforce as a thin transport. */
export const salesforce: Connector<Config> = {
  name: 'salesforce',
  title: 'Salesforce',
  config: Config,
  secrets: SECRETS,
  // Short calls are unlimited; at most 25 that last 20 s or more may be under way in an org.
  buckets: { default: { concurrency: 20 }, auth: { concurrency: 1 } },
  example: EXAMPLE,
  streams: (ctx) => streamSpecs(ctx.config),
  check: checkOrg,
  pull: (ctx, stream, from) => pullStream(orgOf(ctx), stream, from),
  async *ids(ctx, stream) {
    await requireSight(orgOf(ctx));
    yield* listIds(orgOf(ctx), stream);
  },
  rules: (ctx) => orgOf(ctx).mapping.rules,
  rates: (ctx) => ratesOf(orgOf(ctx)),
  crm: (ctx) => crmOf(orgOf(ctx)),
};
