import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toYaml } from '../../kit/yaml.ts';
import { exportMapping } from '../../sandbox/exports/mapping.ts';
import { writeExports } from '../../sandbox/exports.ts';
import { makeWorld } from '../../sandbox/world.ts';

export interface BookOptions {
  dir: string;
  customers: number;
  seed: number;
  now: number;
}

/** Enough of a past for every signal that exports carry to have a figure now and thirty days ago. */
const HISTORY_DAYS = 120;
const USAGE_DAYS = 7;
const OFF = 'off';

/** The book knows its accounts. What the other systems know of accounts in yen, it does not: those stay unmatched, with suggestions. */
const BOOK = `version: 1
defaults: { timezone: UTC }
files:
  accounts:
    kind: account
    file: accounts.csv
    account: external_key
    observedAt: since
    where: { field: currency, not: JPY }
    fields: { name: name, domains: domain, createdOn: since }
`;

/**
 * A folder of exports with at least so many accounts, read as two sources so that there is something to match, and the configuration
 * of a service that does nothing by itself.
 * @returns path of the configuration
 */
export async function writeBook({ dir, customers, seed, now }: BookOptions): Promise<string> {
  const world = makeWorld({ seed, customers, now, historyDays: HISTORY_DAYS, futureDays: 1 });
  const exports = join(dir, 'exports');
  await writeExports(world, exports, { usageDays: USAGE_DAYS });
  const book = join(dir, 'book.yaml');
  writeFileSync(book, BOOK);
  const product = join(dir, 'product.yaml');
  const kinds = ['accounts', 'usage', 'tickets', 'invoices', 'surveys'] as const;
  writeFileSync(product, exportMapping(kinds));
  const source = (mapping: string) => ({ connector: 'files', config: { path: exports, mapping } });
  const streams = ['book.accounts', ...kinds.map((kind) => `product.${kind}`)];
  const config = join(dir, 'pulseback.yaml');
  writeFileSync(
    config,
    toYaml({
      workspace: 'bench',
      timezone: 'Europe/London',
      currency: 'GBP',
      rates: { USD: 1.27, EUR: 1.17, JPY: 190 },
      store: join(dir, 'pulseback.db'),
      sources: { book: source(book), product: source(product) },
      schedule: { sync: OFF, streams: Object.fromEntries(streams.map((name) => [name, OFF])) },
      api: { port: 0 },
    }),
  );
  return config;
}
