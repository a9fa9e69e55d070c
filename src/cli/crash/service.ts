import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Product } from './product.ts';

const LOOK_MS = 100;
const Runs = z.object({ runs: z.array(z.object({ id: z.number(), command: z.string(), status: z.string() })) });

/** A sync by way of the service: the same work as a job on Redis. */
export class Service {
  readonly env: Record<string, string>;
  readonly #headers: Record<string, string>;

  constructor(redis: string) {
    const token = randomBytes(16).toString('hex');
    this.env = { REDIS_URL: redis, PULSEBACK_API_TOKEN: token };
    this.#headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  }

  /**
   * Lets the service run one sync to its end and then asks it to stop; returns early where it dies. `ask` = nobody would start one by
   * itself: no schedule is due, the workspace is not new, and no dead process has left a job undone.
   */
  async syncOnce(product: Product, after: number, ask: boolean): Promise<void> {
    try {
      const origin = await this.#origin(product);
      while (!(await fetch(`${origin}/readyz`)).ok) await sleep(LOOK_MS);
      if (ask) await this.#call(`${origin}/runs`, { method: 'POST', body: JSON.stringify({ kind: 'sync' }) });
      while (!product.over && !(await this.#done(origin, after))) await sleep(LOOK_MS);
      product.stop();
    } catch (error) {
      // Whoever is killed answers no more; that it was, the caller sees.
      await sleep(LOOK_MS);
      if (product.over) return;
      await product.kill();
      throw error;
    }
  }

  async #origin(product: Product): Promise<string> {
    for (;;) {
      const origin = /Serving at (\S+);/.exec(product.said)?.[1];
      if (origin) return origin;
      if (product.over) throw new Error('the service ended before it served');
      await sleep(LOOK_MS);
    }
  }

  async #done(origin: string, after: number): Promise<boolean> {
    const { runs } = Runs.parse(await this.#call(`${origin}/runs?limit=20`, {}));
    return runs.some((run) => run.id > after && run.command === 'sync' && run.status !== 'running');
  }

  async #call(url: string, init: RequestInit): Promise<unknown> {
    const answer = await fetch(url, { ...init, headers: this.#headers });
    if (!answer.ok) throw new Error(`${url} answers ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }
}
