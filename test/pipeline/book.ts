import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { Crm, FieldsIntent, Held, Outcome, Page, StreamSpec, TaskIntent } from '../../src/contract/index.ts';
import type { Fact, FactData } from '../../src/core/fact.ts';
import type { FieldValue } from '../../src/core/fields.ts';
import { playbookSchema } from '../../src/core/playbook.ts';
import { AccountRules } from '../../src/core/rules.ts';
import { Triggers } from '../../src/core/tasks.ts';
import { fieldSpecs } from '../../src/core/writeback-fields.ts';
import { loadYaml } from '../../src/kit/yaml.ts';
import { CallCounter } from '../../src/pipeline/calls.ts';
import type { Source } from '../../src/pipeline/pull.ts';
import type { SyncDeps } from '../../src/pipeline/sync.ts';
import { openStore } from '../../src/store/open.ts';
import type { WorkspaceStore } from '../../src/store/types.ts';
import { modelOf, reads, signal } from '../core/helpers.ts';
import { crmOf, deps, NOW, sourceOf } from './support.ts';

export const DAY = 86_400_000;
/** Long before NOW, so that a trend exists. */
const LONG_AGO = NOW - 400 * DAY;

/** The score of an account is its attribute `a`, so that a test says outright what comes out. */
export const MODEL = modelOf({ dimensions: [{ key: 'usage', weight: 1, signals: [reads('a', 1)] }] });
const PLAYBOOK = loadYaml(new URL('../../mappings/playbook.yaml', import.meta.url).pathname, playbookSchema({}));
export const FIELDS = fieldSpecs(
  MODEL.dimensions,
  PLAYBOOK.actions,
  MODEL.bands.map((b) => b.key),
);

type AccountOver = FactData<'account'> & { a?: number | null };
/** A customer owned by Ann, whose manager is Mo, with a renewal near. */
export const customer = (id: string, { a = 50, attributes, ...over }: AccountOver = {}, at = LONG_AGO): Fact => ({
  kind: 'account',
  id,
  account: id,
  at,
  knownAt: at,
  data: {
    name: `Account ${id}`,
    ownerId: 'ANN',
    arr: { minor: 100_000, currency: 'GBP' },
    renewalOn: '2026-12-20',
    createdOn: '2024-01-10',
    attributes: { a, Type: 'Customer', ...attributes },
    ...over,
  },
});
export const user = (id: string, data: FactData<'user'> = {}, at = LONG_AGO): Fact => ({
  kind: 'user',
  id,
  account: null,
  at,
  knownAt: at,
  data: { name: id, active: true, ...data },
});
export const PEOPLE: Fact[] = [user('ANN', { managerId: 'MO' }), user('MO')];

export async function memoryStore(): Promise<WorkspaceStore> {
  const store = await openStore({ path: ':memory:' });
  onTestFinished(() => store.close());
  return store.workspace('test');
}

export const pageOf = (facts: Fact[], more: Partial<Page> = {}): Page => ({
  facts,
  rejects: [],
  cursor: { n: 1 },
  ...more,
});

/** A CRM that holds what it was told, and every call that it got. */
export class FakeCrm {
  org = { id: '00D000000000001AAA', kind: 'production' as 'production' | 'sandbox', name: 'Org' };
  quota: { used: number | null; limit: number | null } = { used: 0, limit: 1_000 };
  readonly held = new Map<string, Record<string, FieldValue>>();
  readonly tasks = new Map<string, TaskIntent>();
  /** Field writes, one list per apply. */
  readonly writes: FieldsIntent[][] = [];

  crm(): Crm {
    const write = (intents: AsyncIterable<FieldsIntent>) => this.#write(intents);
    const tasks = (intents: AsyncIterable<TaskIntent>) => this.#tasks(intents);
    return {
      ...crmOf(write, tasks),
      describe: async () => this.org,
      quota: async () => this.quota,
      read: (accounts) => this.#read(accounts),
      findTasks: async (tasks) =>
        new Map(tasks.filter(({ key }) => this.tasks.has(key)).map(({ key }) => [key, `T-${key}`])),
    };
  }

  async *#read(accounts: string[]): AsyncIterable<Held> {
    for (const account of accounts) {
      const values = this.held.get(account);
      if (values) yield { account, values };
    }
  }

  async *#write(intents: AsyncIterable<FieldsIntent>): AsyncIterable<Outcome> {
    const sent: FieldsIntent[] = [];
    this.writes.push(sent);
    for await (const intent of intents) {
      sent.push(intent);
      this.held.set(intent.account, { ...this.held.get(intent.account), ...intent.values });
      yield { intent: intent.id, result: 'written' };
    }
  }

  async *#tasks(intents: AsyncIterable<TaskIntent>): AsyncIterable<Outcome> {
    for await (const intent of intents) {
      const created = !this.tasks.has(intent.key);
      this.tasks.set(intent.key, intent);
      yield { intent: intent.id, result: created ? 'written' : 'unchanged', recordId: `T-${intent.key}`, created };
    }
  }
}

export interface Book extends SyncDeps {
  fake: FakeCrm;
  /** Facts that the CRM's one stream brings with the next pull. */
  next: Fact[];
  /** Moves the clock. */
  at(now: number): void;
}

type Settings = Partial<SyncDeps['config']>;

/** All that the five steps need, over a store in memory and a CRM that is a map. */
export async function book(facts: Fact[] = [], settings: Settings = {}, others: Source[] = []): Promise<Book> {
  const store = await memoryStore();
  const fake = new FakeCrm();
  let now = NOW;
  const clock = () => now;
  const made: Book = {
    ...deps(),
    now: clock,
    store,
    fake,
    next: [...PEOPLE, ...facts],
    at: (instant) => {
      now = instant;
    },
    calls: new CallCounter(),
    sources: [],
    primary: sourceOf({
      streams: () => ({ all: stream }),
      pull: async function* () {
        yield pageOf(made.next);
      },
      crm: () => fake.crm(),
    }),
    rules: AccountRules.parse({ population: { field: 'Type', is: 'Customer' } }),
    model: MODEL,
    playbook: PLAYBOOK,
    triggers: Triggers.parse({ managerTask: {} }),
    matchRules: { publicMailDomains: ['gmail.com'], sharedDomains: [], suggestions: 3 },
    config: {
      timezone: 'UTC',
      currency: 'GBP',
      rates: { USD: 2 },
      tasks: { start: '2026-01-01' },
      breaker: { bandChangeShare: 0.2, atLeast: 2 },
      quota: { orgShare: 0.8, ownShare: 0.2 },
      ...settings,
    },
    crm: () => fake.crm(),
  };
  made.primary.ctx.fields = FIELDS;
  made.primary.ctx.now = clock;
  made.sources = [made.primary, ...others];
  return made;
}

export const stream: StreamSpec = {
  title: 'all',
  kinds: ['account', 'user', 'invoice'],
  cursor: z.record(z.string(), z.unknown()),
  mode: 'full',
  overlapMs: 0,
  schedule: '0 5 * * *',
  deletions: 'none',
};

const LARGE = {
  linear: [
    [0, 0],
    [10_000_000, 100],
  ],
};
/** Amounts in the texts of its signals. */
const MONEY_MODEL = modelOf({
  dimensions: [
    {
      key: 'money',
      weight: 1,
      signals: [
        signal('arr', {
          from: { kind: 'account', metric: 'arr' },
          aggregation: 'latest',
          unit: 'money',
          curve: LARGE,
          text: 'ARR {value}',
          changeText: 'ARR {then.value}→{value} since {since}',
        }),
        signal('invoiced', {
          from: { kind: 'invoice', metric: 'amount' },
          aggregation: 'sum',
          windowDays: 90,
          empty: 0,
          unit: 'money',
          curve: LARGE,
          text: 'Invoiced {value} in {window} days',
        }),
      ],
    },
  ],
});

const invoice = (account: string, minor: number, currency: string): Fact => ({
  kind: 'invoice',
  id: `I-${account}`,
  account,
  at: NOW - 20 * DAY,
  knownAt: NOW - 20 * DAY,
  data: { issuedOn: '2026-11-05', amount: { minor, currency } },
});

/** 120 accounts of four currencies, one of them without a rate, and a model that tells amounts. The reporting currency is the pound. */
export async function moneyBook(): Promise<Book> {
  const ids = Array.from({ length: 116 }, (_, i) => `A${i + 4}`);
  const arr = (minor: number, currency: string) => ({ arr: { minor, currency } });
  const facts = [
    customer('A0', arr(4_000_000, 'GBP')),
    customer('A1', arr(6_000_000, 'USD')),
    customer('A1', arr(4_000_000, 'USD'), NOW - 10 * DAY),
    invoice('A1', 2_500_000, 'USD'),
    customer('A2', arr(240_000_000, 'JPY')),
    invoice('A2', 100, 'JPY'),
    customer('A3', arr(240_000_000, 'SEK')),
    ...ids.map((id, i) => customer(id, arr((i + 1) * 123_457, 'USD'))),
  ];
  const made = await book(facts, { rates: { USD: 2, JPY: 200 } });
  return Object.assign(made, { model: MONEY_MODEL });
}
