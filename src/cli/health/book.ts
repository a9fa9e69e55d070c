import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toYaml } from '../../kit/yaml.ts';
import { existsAt, valueAt } from '../../sandbox/asof.ts';
import { EXPORT_KINDS, writeExports } from '../../sandbox/exports.ts';
import { makeWorld } from '../../sandbox/world.ts';
import type { World, WorldAccount } from '../../sandbox/world.types.ts';

export interface BookOptions {
  dir: string;
  /** Accounts that are to be scored; about a quarter more are no customers. */
  customers: number;
  seed: number;
  now: number;
}

/** Enough of a past for every signal that exports carry to have a figure now and thirty days ago. */
const HISTORY_DAYS = 120;
const USAGE_DAYS = 7;
const OFF = 'off';
/** Of so many accounts one is known to the book by its domain only, and one by its name only, which links nothing. */
const BY_DOMAIN = 10;
const BY_NAME = 50;

const MAPPING = `version: 1
defaults: { timezone: UTC }
accounts:
  population: { field: status, is: customer }
files:
  accounts:
    kind: account
    file: accounts.jsonl
    account: id
    observedAt: since
    fields:
      name: name
      domains: domain
      keys: external_key
      ownerId: owner
      arr: { column: arr, currency: currency, unit: minor }
      renewalOn: renewal_on
      seats: seats
      createdOn: since
    attributes: [status]
  users:
    kind: user
    file: users.jsonl
    id: id
    fields: { name: name, email: email, active: active, managerId: manager }
`;

/**
 * A book of accounts as a CRM would export it, and a folder of exports of support, billing and product to be matched with it; read as
 * two sources by the configuration of a service that does nothing by itself.
 * @returns path of the configuration
 */
export async function writeBook({ dir, customers, seed, now }: BookOptions): Promise<string> {
  const world = makeWorld({ seed, customers, now, historyDays: HISTORY_DAYS, futureDays: 1 });
  const accounts: string[] = [];
  const exports = join(dir, 'exports');
  const tapped: World = {
    ...world,
    *accounts() {
      for (const account of world.accounts()) {
        if (existsAt(account, now)) accounts.push(line(rowOf(account, accounts.length, now)));
        yield account;
      }
    },
  };
  await writeExports(tapped, exports, { usageDays: USAGE_DAYS });
  writeFileSync(join(dir, 'accounts.jsonl'), accounts.join(''));
  const users = world.users.map(({ key, name, email, active, managerKey }) =>
    line({ id: key, name, email, active, manager: managerKey }),
  );
  writeFileSync(join(dir, 'users.jsonl'), users.join(''));
  writeFileSync(join(dir, 'mapping.yaml'), MAPPING);
  const config = join(dir, 'pulseback.yaml');
  writeFileSync(config, toYaml(settings(dir, exports)));
  return config;
}

const line = (row: object): string => `${JSON.stringify(row)}\n`;

function rowOf(account: WorldAccount, at: number, now: number) {
  const byName = at % BY_NAME === 1;
  return {
    id: account.key,
    name: account.name,
    domain: byName ? null : account.domain,
    external_key: byName || at % BY_DOMAIN === 0 ? null : account.externalKey,
    status: valueAt(account.status, now) ?? null,
    since: new Date(account.createdAt).toISOString().slice(0, 10),
    owner: account.ownerKey,
    arr: valueAt(account.arr, now) ?? null,
    currency: account.currency,
    renewal_on: valueAt(account.renewalOn, now) ?? null,
    seats: valueAt(account.seats, now) ?? null,
  };
}

function settings(dir: string, exports: string): Record<string, unknown> {
  const streams = ['book.accounts', 'book.users', ...EXPORT_KINDS.map((kind) => `product.${kind}`)];
  return {
    workspace: 'bench',
    timezone: 'Europe/London',
    currency: 'GBP',
    rates: { USD: 1.27, EUR: 1.17, JPY: 190 },
    store: join(dir, 'pulseback.db'),
    sources: {
      book: { connector: 'files', config: { path: dir } },
      product: { connector: 'files', config: { path: exports } },
    },
    schedule: { sync: OFF, reconcile: OFF, streams: Object.fromEntries(streams.map((name) => [name, OFF])) },
    api: { port: 0 },
  };
}
