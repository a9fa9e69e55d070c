import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { DAY_MS, dayOf } from '../../core/days.ts';
import type { Fact } from '../../core/fact.ts';
import type { BySource } from './facts.ts';

/** The same facts as typed tables, days as day numbers: what one would load into an analytical database by hand. */
export const TABLES = {
  account: 'a int, since int, seats int, training int, community int, advocacy int',
  contact: 'a int, contact varchar, since int, executive boolean',
  opportunity: 'a int, id varchar, since int, closeOn int, won boolean, expansion boolean',
  activity: 'a int, day int, type varchar, cancelled boolean, contact varchar',
  usage:
    'a int, day int, activeUsers int, logins int, uses int, advancedUses int, featuresUsed int, featuresAvailable int',
  ticket:
    'a int, id varchar, since int, openedOn int, solvedOn int, severe boolean, escalated boolean, satisfaction int',
  survey: 'a int, day int, type varchar, score int',
  subscription: 'a int, id varchar, since int, arr bigint, seats int, startOn int',
  invoice: 'a int, id varchar, since int, dueOn int, paidOn int',
} as const;
type Table = keyof typeof TABLES;

/** Writes the tables as CSV files, a customer at a time. */
export class TableFiles {
  readonly #streams: Record<Table, WriteStream>;

  constructor(dir: string) {
    const open = (table: string): WriteStream => createWriteStream(join(dir, `${table}.csv`));
    this.#streams = Object.fromEntries(Object.keys(TABLES).map((t) => [t, open(t)])) as Record<Table, WriteStream>;
  }

  async add(n: number, facts: BySource): Promise<void> {
    for (const fact of Object.values(facts).flat()) {
      const row = rowOf(fact);
      if (row && !this.#streams[row[0]].write(`${[n, ...row[1]].map((cell) => cell ?? '').join()}\n`))
        await new Promise<void>((resolve) => this.#streams[row[0]].once('drain', () => resolve()));
    }
  }

  async close(): Promise<void> {
    for (const stream of Object.values(this.#streams)) await new Promise((resolve) => stream.end(() => resolve(null)));
  }
}

type Cell = string | number | boolean | null | undefined;
const dayAt = (at: number): number => Math.floor(at / DAY_MS);
const day = (date: string | null | undefined): number | null => (date ? dayOf(date) : null);

function rowOf(fact: Fact): [Table, Cell[]] | null {
  const since = dayAt(fact.at);
  switch (fact.kind) {
    case 'account': {
      const told = fact.data.attributes ?? {};
      const raw = [told.trainingCompletion, told.communityPosts, told.advocacyCount];
      return ['account', [since, fact.data.seats, ...raw]];
    }
    case 'contact':
      return ['contact', [fact.id, since, fact.data.title === 'CFO']];
    case 'opportunity': {
      const { closeOn, won, type } = fact.data;
      return ['opportunity', [fact.id, since, day(closeOn), won, type === 'Expansion']];
    }
    case 'activity':
      return ['activity', [since, fact.data.type, fact.data.cancelled, fact.data.contactIds?.[0]]];
    case 'usage': {
      const m = fact.data.metrics;
      const figures = [m.activeUsers, m.logins, m.uses, m.advancedUses, m.featuresUsed, m.featuresAvailable];
      return ['usage', [since, ...figures]];
    }
    case 'ticket': {
      const { openedAt, solvedAt, priority, escalated, satisfaction } = fact.data;
      const severe = escalated === true || priority === 'high' || priority === 'urgent';
      const [opened, solved] = [openedAt, solvedAt].map((at) => (at ? dayAt(at) : null));
      return ['ticket', [fact.id, since, opened, solved, severe, escalated, satisfaction]];
    }
    case 'survey':
      return ['survey', [since, fact.data.type, fact.data.score]];
    case 'subscription': {
      const { arr, seats, startOn } = fact.data;
      return ['subscription', [fact.id, since, arr?.minor, seats, day(startOn)]];
    }
    case 'invoice':
      return ['invoice', [fact.id, since, day(fact.data.dueOn), day(fact.data.paidOn)]];
    default:
      return null;
  }
}
