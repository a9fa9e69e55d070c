import type { Ctx } from '../../src/contract/connector.ts';
import type { Dialect } from './cells.ts';
import type { Defaults, Entry, Mapping } from './mapping.ts';

/** One stream, ready to be read. */
export interface Job {
  ctx: Ctx<unknown>;
  folder: string;
  name: string;
  entry: Entry;
  mapping: Mapping;
}

/** How the files of a mapping write their values. */
export function dialectOf(ctx: Pick<Ctx<unknown>, 'timezone' | 'currency'>, defaults: Defaults): Dialect {
  return {
    timezone: defaults.timezone ?? ctx.timezone,
    currency: defaults.currency ?? ctx.currency,
    nulls: new Set(defaults.nulls),
    decimal: defaults.decimal,
    thousands: defaults.thousands,
  };
}
