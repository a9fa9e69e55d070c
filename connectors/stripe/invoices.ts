import { type Client, PAGE } from './client.ts';
import { invoiceFacts } from './invoice.ts';
import { belongs, everyRow, idOf, mapRow } from './rows.ts';
import { objectId, type Reader } from './stream.ts';
import { Dispute, Invoice } from './wire.ts';

const EXPAND = ['payments'];

/** Invoices with the disputes of their payments. */
export function openInvoices(client: Client): Reader {
  const { timezone, config } = client.ctx;
  let known: Promise<Map<string, Dispute[]>> | null = null;
  /** All disputes by what they dispute, once a pull: no list of them can be asked for by invoice. */
  const disputes = (): Promise<Map<string, Dispute[]>> => {
    known ??= config.disputes ? readDisputes(client) : Promise.resolve(new Map());
    return known;
  };
  const of = (invoice: Invoice, all: Map<string, Dispute[]>): Dispute[] => {
    const paid = (invoice.payments?.data ?? []).flatMap(({ payment }) => [payment.payment_intent, payment.charge]);
    const found = paid.flatMap((id) => (id ? (all.get(id) ?? []) : []));
    return [...new Map(found.map((d) => [d.id, d])).values()];
  };
  return {
    list: ({ starting_after, since }) =>
      client.list('invoices.list', (sdk) =>
        sdk.invoices.list({
          limit: PAGE,
          expand: EXPAND.map((path) => `data.${path}`),
          ...(since === null ? {} : { created: { gte: since } }),
          ...(starting_after ? { starting_after } : {}),
        }),
      ),
    read: (id) => client.retrieve('invoices.retrieve', (sdk) => sdk.invoices.retrieve(id, { expand: EXPAND })),
    keys: (event) => [objectId(event)],
    named: async (events) => {
      const ids = events.filter((e) => e.type.startsWith('invoice.')).map(objectId);
      const disputed = new Set(events.filter((e) => e.type.startsWith('charge.dispute.')).map(objectId));
      if (!disputed.size) return ids;
      const all = await disputes();
      const payers = [...new Set([...all.values()].flat())].flatMap((d) =>
        disputed.has(d.id) && d.charge.customer ? [d.charge.customer] : [],
      );
      for (const customer of new Set(payers))
        for await (const row of everyRow(client, 'invoices.list', (sdk, after) =>
          sdk.invoices.list({ customer, limit: PAGE, expand: EXPAND.map((path) => `data.${path}`), ...after }),
        )) {
          const invoice = Invoice.safeParse(row).data;
          if (invoice && of(invoice, all).some((d) => disputed.has(d.id))) ids.push(invoice.id);
        }
      return ids;
    },
    rows: async (objects, events, timing) => {
      if (!objects.length) return [];
      const all = await disputes();
      return objects.map((object) =>
        mapRow('invoice', object, () => {
          const invoice = Invoice.parse(object);
          const own = of(invoice, all);
          return invoiceFacts(invoice, {
            timezone,
            disputes: own,
            events: [invoice.id, ...own.map((d) => d.id)].flatMap((id) => events.get(id) ?? []),
            now: timing(idOf(object) ?? '').now,
          });
        }),
      );
    },
  };
}

async function readDisputes(client: Client): Promise<Map<string, Dispute[]>> {
  const byPayment = new Map<string, Dispute[]>();
  for await (const row of everyRow(client, 'disputes.list', (sdk, after) =>
    sdk.disputes.list({ limit: PAGE, expand: ['data.charge'], ...after }),
  )) {
    if (!belongs(row, client.ctx.config.mode)) continue;
    const dispute = Dispute.parse(row);
    for (const id of [dispute.payment_intent, dispute.charge.id])
      if (id) byPayment.set(id, [...(byPayment.get(id) ?? []), dispute]);
  }
  return byPayment;
}
