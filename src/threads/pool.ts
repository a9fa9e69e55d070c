import { Worker } from 'node:worker_threads';
import { letHeapsGrow } from '../kit/heaps.ts';
import type { ScoredChunk, Scorers, ScoringOrder, Threads } from '../pipeline/scorers.ts';
import type { StorePlace } from '../store/open.ts';

/** What a thread is told when it starts. */
export interface ThreadData {
  place: StorePlace;
  workspace: string;
  order: ScoringOrder;
}
/** One for each list of accounts, in their order. */
export type ThreadAnswer = { chunk: ScoredChunk } | { failed: unknown };

/** Smaller books take some seconds anyway, and threads need memory of their own. */
const LEAST_ACCOUNTS = 20_000;
/** More would wait for the one that stores what they score. */
const MOST_THREADS = 4;
/** Lists that wait at each thread, so that none is idle while the last ones are stored. */
const AHEAD = 2;
/** Scoring leaves much behind that is garbage at once: with room for it, little of it is ever copied. */
const YOUNG_MB = 24;

const SCRIPT = new URL(import.meta.url.endsWith('.ts') ? './scorer.ts' : './scorer.js', import.meta.url);

export interface ThreadsSetup {
  place: StorePlace;
  workspace: string;
  /** How many may run; the machine's processors. */
  processors: number;
  /** Default LEAST_ACCOUNTS. */
  least?: number;
}

/** Threads that score accounts from a store that lies on disk or on a server; undefined = there is nothing to be won by any. */
export function scoringThreads({ place, workspace, processors, least = LEAST_ACCOUNTS }: ThreadsSetup) {
  const size = Math.min(processors, MOST_THREADS);
  if (size < 2 || ('path' in place && place.path === ':memory:')) return undefined;
  const threads: Threads = {
    size,
    least,
    start: async (order) => new Pool(Array.from({ length: size }, () => new Thread({ place, workspace, order }))),
  };
  return threads;
}

class Pool implements Scorers {
  readonly atOnce: number;
  readonly #threads: Thread[];
  readonly #keepSmall = letHeapsGrow();

  constructor(threads: Thread[]) {
    this.#threads = threads;
    this.atOnce = threads.length * AHEAD;
  }

  /** Whoever has least to do. */
  score(accounts: string[]): Promise<ScoredChunk> {
    const [free] = [...this.#threads].sort((a, b) => a.waiting - b.waiting);
    if (!free) throw new Error('there is no thread');
    return free.score(accounts);
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
    this.#keepSmall();
  }
}

interface Waiting {
  resolve: (chunk: ScoredChunk) => void;
  reject: (error: unknown) => void;
}

class Thread {
  readonly #worker: Worker;
  readonly #queue: Waiting[] = [];
  #ended: unknown = null;

  constructor(workerData: ThreadData) {
    this.#worker = new Worker(SCRIPT, {
      workerData,
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.#worker.on('message', (answer: ThreadAnswer) => {
      const next = this.#queue.shift();
      if ('failed' in answer) next?.reject(answer.failed);
      else next?.resolve(answer.chunk);
    });
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', (code) => this.#end(new Error(`a thread that scored accounts ended with ${code}`)));
  }

  get waiting(): number {
    return this.#queue.length;
  }

  score(accounts: string[]): Promise<ScoredChunk> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#queue.push({ resolve, reject });
      this.#worker.postMessage(accounts);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #end(error: unknown): void {
    this.#ended ??= error;
    for (const { reject } of this.#queue.splice(0)) reject(this.#ended);
  }
}
