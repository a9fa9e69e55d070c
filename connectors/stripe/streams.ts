import type { StreamSpec } from '../../src/contract/index.ts';
import { type Client, PAGE } from './client.ts';
import type { Config } from './config.ts';
import { customerFact, goneCustomer } from './customer.ts';
import { creditFacts } from './invoice.ts';
import { openInvoices } from './invoices.ts';
import { idOf, mapRow } from './rows.ts';
import { objectId, type Reader, type Stream, StreamCursor } from './stream.ts';
import { openSubscriptions } from './subscriptions.ts';
import { CreditNote, Customer, Envelope } from './wire.ts';

function openCustomers(client: Client): Reader {
  const { metadataKeys } = client.ctx.config;
  const { timezone } = client.ctx;
  return {
    list: ({ starting_after }) =>
      client.list('customers.list', (sdk) =>
        sdk.customers.list({ limit: PAGE, ...(starting_after ? { starting_after } : {}) }),
      ),
    read: (id) => client.retrieve('customers.retrieve', (sdk) => sdk.customers.retrieve(id)),
    named: async (events) => events.map(objectId),
    keys: (event) => [objectId(event)],
    rows: async (objects, events, timing) =>
      objects.map((object) => {
        const id = idOf(object) ?? '';
        const { first, now } = timing(id);
        const told = events.get(id)?.at(-1)?.created;
        return mapRow('customer', object, () => {
          if (Envelope.parse(object).deleted) return [goneCustomer(id, told ?? now)];
          const customer = Customer.parse(object);
          return [customerFact(customer, { at: first ? customer.created : (told ?? now), timezone, metadataKeys })];
        });
      }),
  };
}

function openCreditNotes(client: Client): Reader {
  return {
    // Credit notes cannot be listed by date; they are few.
    list: ({ starting_after }) =>
      client.list('creditNotes.list', (sdk) =>
        sdk.creditNotes.list({ limit: PAGE, ...(starting_after ? { starting_after } : {}) }),
      ),
    read: (id) => client.retrieve('creditNotes.retrieve', (sdk) => sdk.creditNotes.retrieve(id)),
    named: async (events) => events.map(objectId),
    keys: (event) => [objectId(event)],
    rows: async (objects) =>
      objects.map((object) =>
        mapRow('credit note', object, () => creditFacts(CreditNote.parse(object), client.ctx.timezone)),
      ),
  };
}

const DAILY = '0 3 * * *';

const STREAMS: Record<string, Stream & { open(client: Client): Reader }> = {
  customers: {
    title: 'customers',
    kinds: ['account'],
    schedule: DAILY,
    deletions: 'ids',
    types: ['customer.created', 'customer.updated', 'customer.deleted'],
    history: false,
    window: null,
    open: openCustomers,
  },
  subscriptions: {
    title: 'subscriptions',
    kinds: ['subscription'],
    schedule: DAILY,
    deletions: 'none',
    types: [
      'customer.subscription.created',
      'customer.subscription.updated',
      'customer.subscription.deleted',
      'customer.subscription.paused',
      'customer.subscription.resumed',
      'customer.subscription.pending_update_applied',
      'customer.discount.created',
      'customer.discount.updated',
      'customer.discount.deleted',
    ],
    history: true,
    window: null,
    open: openSubscriptions,
  },
  invoices: {
    title: 'invoices',
    kinds: ['invoice'],
    schedule: DAILY,
    deletions: 'none',
    types: [
      'invoice.finalized',
      'invoice.updated',
      'invoice.paid',
      'invoice.payment_failed',
      'invoice.voided',
      'invoice.marked_uncollectible',
      'charge.dispute.created',
      'charge.dispute.updated',
      'charge.dispute.closed',
    ],
    history: true,
    window: 'invoiceDays',
    open: openInvoices,
  },
  creditNotes: {
    title: 'credit notes',
    kinds: ['invoice'],
    schedule: DAILY,
    deletions: 'none',
    types: ['credit_note.created', 'credit_note.updated', 'credit_note.voided'],
    history: false,
    window: null,
    open: openCreditNotes,
  },
};

export function streamsOf(config: Config): typeof STREAMS {
  return Object.fromEntries(
    Object.entries(STREAMS)
      .filter(([name]) => name !== 'creditNotes' || config.creditNotes)
      .map(([name, stream]) => [
        name,
        config.disputes ? stream : { ...stream, types: stream.types.filter((t) => !t.startsWith('charge.dispute')) },
      ]),
  );
}

export const streamSpecs = (config: Config): Record<string, StreamSpec> =>
  Object.fromEntries(
    Object.entries(streamsOf(config)).map(([name, { title, kinds, schedule, deletions }]): [string, StreamSpec] => [
      name,
      {
        title,
        kinds,
        schedule,
        deletions,
        cursor: StreamCursor,
        mode: 'incremental',
        overlapMs: config.overlapMinutes * 60_000,
      },
    ]),
  );
