import type Stripe from 'stripe';
import type { CheckItem, CheckReport, Ctx } from '../../src/contract/index.ts';
import { bad, good, probing } from '../../src/kit/check.ts';
import { API_VERSION, Client, PAGE } from './client.ts';
import type { Config } from './config.ts';
import { keysOf } from './customer.ts';
import { belongs } from './rows.ts';
import { Customer } from './wire.ts';

/** The cheapest call of each resource that a pull reads. */
const RESOURCES: Record<string, { read: (sdk: Stripe) => Promise<unknown>; needed?: 'disputes' | 'creditNotes' }> = {
  subscriptions: { read: (sdk) => sdk.subscriptions.list({ status: 'all', limit: 1 }) },
  invoices: { read: (sdk) => sdk.invoices.list({ limit: 1 }) },
  events: { read: (sdk) => sdk.events.list({ types: ['customer.updated'], limit: 1 }) },
  products: { read: (sdk) => sdk.products.list({ limit: 1 }) },
  coupons: { read: (sdk) => sdk.coupons.list({ limit: 1 }) },
  prices: { read: (sdk) => sdk.prices.list({ limit: 1 }) },
  creditNotes: { read: (sdk) => sdk.creditNotes.list({ limit: 1 }), needed: 'creditNotes' },
  disputes: { read: (sdk) => sdk.disputes.list({ limit: 1 }), needed: 'disputes' },
  charges: { read: (sdk) => sdk.charges.list({ limit: 1 }), needed: 'disputes' },
};

/** Every thing that a run needs, each with what to do where it is missing. Never throws for what it is there to find. */
export async function checkAccount(ctx: Ctx<Config>): Promise<CheckReport> {
  const items: CheckItem[] = [];
  const probe = probing(items, ctx.signal);
  items.push(...keyItems(ctx));
  if (items.some((item) => !item.ok && item.level === 'error')) return { items };
  const client = new Client(ctx);
  const reached = await probe('customers', async () => {
    const { rows } = await client.list('customers.list', (sdk) => sdk.customers.list({ limit: PAGE }));
    const own = rows.filter((row) => belongs(row, ctx.config.mode));
    return [good(`the key is accepted by ${new URL(ctx.config.baseUrl).host}`), ...matchItems(own, ctx.config)];
  });
  if (!reached) return { items };
  items.push(versionItem(client.apiVersion));
  const readable: string[] = ['customers'];
  for (const [name, { read, needed }] of Object.entries(RESOURCES)) {
    if (needed && !ctx.config[needed]) continue;
    const ok = await probe(name, async () => {
      for (const row of (await client.list(`${name}.list`, read)).rows) belongs(row, ctx.config.mode);
      return [];
    });
    if (ok) readable.push(name);
  }
  items.push(good(`readable: ${readable.join(', ')}`));
  return { items };
}

/** The key says of which mode it is: rk_live_…, sk_test_…. */
function keyItems({ secrets, config }: Ctx<Config>): CheckItem[] {
  const found = /^(rk|sk)_(live|test)_/.exec(secrets.apiKey ?? '');
  if (!found)
    return [
      bad(
        'STRIPE_API_KEY is no secret or restricted key',
        'Put a restricted key (rk_live_…) into it: Dashboard → Developers → API keys.',
      ),
    ];
  const [, type, mode] = found;
  if (mode !== config.mode)
    return [
      bad(
        `the key is of ${mode} mode, and ${config.mode} is configured`,
        'Set `mode` and STRIPE_API_KEY to the same mode.',
      ),
    ];
  return [
    type === 'rk'
      ? good(`restricted key of ${mode} mode`)
      : bad(
          `the key of ${mode} mode may do everything`,
          'Use a restricted key (rk_…) with read access only.',
          'warning',
        ),
  ];
}

function versionItem(told: string | null): CheckItem {
  if (told === null || told === API_VERSION) return good(`API version ${API_VERSION}`);
  return bad(`asked for API version ${API_VERSION}, answered in ${told}`, 'Update Pulseback, or check baseUrl.');
}

/** How many of the newest customers say who they are. */
function matchItems(rows: unknown[], { metadataKeys }: Config): CheckItem[] {
  const customers = rows.flatMap((row) => Customer.safeParse(row).data ?? []);
  if (!customers.length) return [bad('there is no customer', 'Check `account`, `mode` and the key.', 'warning')];
  const keyed = customers.filter((customer) => keysOf(customer, metadataKeys).length > 0).length;
  const mailed = customers.filter((customer) => customer.email).length;
  const what = `${keyed} of the ${customers.length} newest customers have one of the metadata keys ${metadataKeys.join(', ')}; ${mailed} have an e-mail address`;
  if (keyed * 2 >= customers.length) return [good(what)];
  return [
    bad(
      what,
      'Name in `metadataKeys` where the CRM account’s id stands; without it the e-mail domain decides.',
      'warning',
    ),
  ];
}
