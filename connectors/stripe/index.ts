import { type Connector, InputError } from '../../src/contract/index.ts';
import { checkAccount } from './check.ts';
import { Client, PAGE } from './client.ts';
import { Config, EXAMPLE, limitsOf, SECRETS } from './config.ts';
import { pullStream } from './pull.ts';
import { belongs, everyRow, idOf } from './rows.ts';
import { streamSpecs, streamsOf } from './streams.ts';

/** Stripe as a source: customers, subscriptions with their recurring revenue, invoices, credit notes and disputes. */
export const stripe: Connector<Config> = {
  name: 'stripe',
  title: 'Stripe',
  config: Config,
  secrets: SECRETS,
  limits: limitsOf,
  example: EXAMPLE,
  streams: (ctx) => streamSpecs(ctx.config),
  check: checkAccount,
  async *pull(ctx, name, from) {
    const stream = streamsOf(ctx.config)[name];
    if (!stream)
      throw new InputError(`Stripe has no stream called "${name}"`, {
        hint: `Streams are: ${Object.keys(streamsOf(ctx.config)).join(', ')}.`,
      });
    const client = new Client(ctx);
    yield* pullStream({ name, stream, reader: stream.open(client), client }, from);
  },
  /** Deleted customers drop out of the list; nothing else is ever deleted. */
  async *ids(ctx, name) {
    if (name !== 'customers') return;
    const client = new Client(ctx);
    let ids: string[] = [];
    for await (const row of everyRow(client, 'customers.list', (sdk, after) =>
      sdk.customers.list({ limit: PAGE, ...after }),
    )) {
      const id = belongs(row, ctx.config.mode) ? idOf(row) : null;
      if (id !== null) ids.push(id);
      if (ids.length < PAGE) continue;
      yield { kind: 'account', ids };
      ids = [];
    }
    yield { kind: 'account', ids };
  },
};
