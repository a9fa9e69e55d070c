import type { Connector } from '../../src/contract/index.ts';
import { checkPortal } from './check.ts';
import { Config, EXAMPLE, SECRETS } from './config.ts';
import { crmOf } from './crm.ts';
import { listIds } from './ids.ts';
import { limitsOf } from './limits.ts';
import { portalOf } from './portal.ts';
import { pullStream } from './pull.ts';
import { ratesOf } from './rates.ts';
import { streamSpecs } from './streams.ts';

/** HubSpot as CRM: pull, write-back, manager tasks and set-up, with the vendor's client as a thin transport. */
export const hubspot: Connector<Config> = {
  name: 'hubspot',
  title: 'HubSpot',
  config: Config,
  secrets: SECRETS,
  limits: limitsOf,
  example: EXAMPLE,
  streams: (ctx) => streamSpecs(ctx.config),
  check: checkPortal,
  pull: (ctx, stream, from) => pullStream(portalOf(ctx), stream, from),
  ids: (ctx, stream) => listIds(portalOf(ctx), stream),
  rules: (ctx) => portalOf(ctx).mapping.rules,
  rates: (ctx) => ratesOf(portalOf(ctx)),
  crm: (ctx) => crmOf(portalOf(ctx)),
};
