import type { Connector } from '../../src/contract/index.ts';
import { checkZendesk } from './check.ts';
import { bucketsOf, Config, EXAMPLE, SECRETS } from './config.ts';
import { pullStream, streamSpecs } from './streams.ts';

/** Zendesk Support as source: tickets with their history, and the organizations that they belong to. Reads only. */
export const zendesk: Connector<Config> = {
  name: 'zendesk',
  title: 'Zendesk Support',
  config: Config,
  secrets: SECRETS,
  limits: bucketsOf,
  example: EXAMPLE,
  streams: (ctx) => streamSpecs(ctx.config),
  check: checkZendesk,
  pull: pullStream,
};
