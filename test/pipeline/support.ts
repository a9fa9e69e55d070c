import type { Connector, Crm, Ctx, FieldsIntent, Log, Outcome, TaskIntent } from '../../src/contract/index.ts';
import { silent } from '../../src/pipeline/progress.ts';
import type { Source } from '../../src/pipeline/pull.ts';

export const NOW = Date.UTC(2026, 10, 25);

const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** What every step needs beside the store. */
export const deps = (signal = new AbortController().signal) => ({
  log: quiet,
  /** No text can be judged. */
  textJudge: {
    judge: async (texts: readonly string[]) => texts.map(() => ({ sentiment: null, frustrated: null })),
    notes: (): string[] => [],
  },
  progress: silent,
  signal,
  now: () => NOW,
});

/** A source whose connector says only what a test is about. */
export function sourceOf(connector: Pick<Connector, 'streams' | 'pull'> & Partial<Connector>): Source {
  const { signal, log, now } = deps();
  const ctx: Ctx<unknown> = {
    config: {},
    secrets: {},
    log,
    signal,
    now,
    timezone: 'UTC',
    currency: 'GBP',
    fields: [],
    file: (path) => path,
    attempt: (_, fn) => fn(signal),
    state: { get: async () => null, set: async () => true },
    credentials: { get: async () => null, set: async () => true },
  };
  return { name: 'crm', connector: connector as Connector, ctx, staleAfterDays: 3 };
}

type Sender<I> = (intents: AsyncIterable<I>) => AsyncIterable<Outcome>;

/** The write side of a CRM that has no other side. */
export function crmOf(write: Sender<FieldsIntent>, tasks: Sender<TaskIntent>): Crm {
  const never = () => {
    throw new Error('write-back asked for something that is none of its business');
  };
  return {
    describe: never,
    quota: never,
    read: never,
    write,
    writeBatch: 200,
    tasks,
    findTasks: never,
    provision: { plan: never, apply: never },
    link: never,
  };
}
