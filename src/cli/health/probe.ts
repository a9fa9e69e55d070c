import { Agent, get } from 'node:http';

/** How long answers took, in ms from the moment at which the request was due to its last byte. */
export interface Latency {
  requests: number;
  /** No answer, or another status than 200. */
  failed: number;
  p50: number;
  p99: number;
  max: number;
  over100: number;
}

const LIMIT_MS = 100;

/**
 * Asks one address at a fixed pace. A late answer delays no later question: a service that stands still for a second meets every
 * question of that second, and is charged for each.
 */
export class Probe {
  readonly #url: string;
  readonly #headers: Record<string, string>;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #took: number[] = [];
  readonly #open = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #failed = 0;
  /** Body of the newest good answer; null = there was none yet. */
  last: string | null = null;

  constructor(url: string, everyMs: number, headers: Record<string, string> = {}) {
    this.#url = url;
    this.#headers = headers;
    this.#timer = setInterval(() => this.#ask(), everyMs);
    this.#ask();
  }

  #ask(): void {
    const began = performance.now();
    const answered = this.#get().then(
      (body) => {
        this.last = body;
        this.#took.push(performance.now() - began);
      },
      () => {
        this.#failed += 1;
      },
    );
    this.#open.add(answered);
    void answered.then(() => this.#open.delete(answered));
  }

  #get(): Promise<string> {
    return new Promise((resolve, reject) => {
      const request = get(this.#url, { agent: this.#agent, headers: this.#headers }, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('error', reject);
        response.on('end', () =>
          response.statusCode === 200 ? resolve(body) : reject(new Error(`status ${response.statusCode}`)),
        );
      });
      // A kept connection may be closed from over there in the very moment in which it is used again: that is nobody's failure.
      request.on('error', (error: NodeJS.ErrnoException) =>
        request.reusedSocket && error.code === 'ECONNRESET' ? resolve(this.#get()) : reject(error),
      );
    });
  }

  /** Asks no more, and waits for what is still to be answered. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
    this.#agent.destroy();
  }

  latency(): Latency {
    return latencyOf(this.#took, this.#failed);
  }
}

/** Nearest-rank percentiles; 0 where nothing was answered. */
export function latencyOf(took: readonly number[], failed: number): Latency {
  const sorted = took.toSorted((a, b) => a - b);
  const rank = (share: number): number =>
    Math.round(10 * (sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0)) / 10;
  return {
    requests: sorted.length + failed,
    failed,
    p50: rank(0.5),
    p99: rank(0.99),
    max: rank(1),
    over100: sorted.filter((ms) => ms > LIMIT_MS).length,
  };
}
