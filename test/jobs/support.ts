import { onTestFinished } from 'vitest';
import { inlineQueue } from '../../src/jobs/inline.ts';
import { Ledger, SCHEDULE_STATE } from '../../src/jobs/ledger.ts';
import type { Job, JobKind, Queue, Schedule } from '../../src/jobs/queue.ts';
import type { Outcome, WorkDeps } from '../../src/jobs/work.ts';
import { startWorker } from '../../src/jobs/worker.ts';
import { type Book, book, customer } from '../pipeline/book.ts';
import { until } from './suite.ts';

export interface Served extends Book, WorkDeps {
  config: WorkDeps['config'];
}

/** A book whose workspace can be served; writing is on. */
export async function served(customers = ['A', 'B'], write = true): Promise<Served> {
  const made = await book(customers.map((id) => customer(id)));
  return Object.assign(made, { config: { ...made.config, workspace: 'w', write: { enabled: write } } });
}

export const job = (kind: JobKind, stream?: string): Job => ({
  workspace: 'w',
  kind,
  ...(stream === undefined ? {} : { stream }),
});

/** A worker over a queue in this process, with what came of its jobs. */
export class Workshop {
  readonly outcomes: Outcome[] = [];
  readonly queue: Queue;
  readonly deps: Served;
  readonly ledger: Ledger;
  readonly #stop = new AbortController();
  #worker: { stop(): Promise<void> } | null = null;

  constructor(deps: Served, queue: Queue = inlineQueue({ log: deps.log })) {
    this.queue = queue;
    this.deps = { ...deps, signal: this.#stop.signal };
    this.ledger = new Ledger(deps.store.state(SCHEDULE_STATE));
    onTestFinished(() => this.stop());
  }

  async open(schedules: Schedule[] = [], clock?: () => number): Promise<this> {
    this.#worker = await startWorker({
      deps: this.deps,
      queue: this.queue,
      schedules,
      onOutcome: (outcome) => void this.outcomes.push(outcome),
      ...(clock ? { clock } : {}),
    });
    return this;
  }

  async run(kind: JobKind, options: { due?: number; stream?: string } = {}): Promise<Outcome> {
    const before = this.outcomes.length;
    await this.queue.enqueue(job(kind, options.stream), options.due === undefined ? {} : { due: options.due });
    await until(() => this.outcomes.length > before);
    return this.outcomes[before] as Outcome;
  }

  abort(): void {
    this.#stop.abort(new Error('stopped by SIGTERM'));
  }

  async stop(): Promise<void> {
    this.abort();
    const worker = this.#worker;
    this.#worker = null;
    await worker?.stop();
  }
}
