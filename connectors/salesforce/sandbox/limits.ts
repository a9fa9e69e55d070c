import type { FaultList } from '../../../src/sandbox/kit-faults.ts';

/** The org's API calls of the day. World time decides when the day is over. */
export class Limits {
  readonly daily: number;
  readonly #now: () => number;
  #day = '';
  #used: number;
  readonly #initial: number;

  constructor(now: () => number, daily: number, usedByOthers: number) {
    this.#now = now;
    this.daily = daily;
    this.#initial = usedByOthers;
    this.#used = usedByOthers;
  }

  /** Counts one call; false = the day's calls are used up. */
  take(faults: FaultList, kind: string): boolean {
    this.#turn();
    if (this.#used >= this.daily || faults.take('limit-exhausted', kind)) return false;
    this.#used += 1;
    return true;
  }

  header(): Record<string, string> {
    return { 'sforce-limit-info': `api-usage=${this.#used}/${this.daily}` };
  }

  body(): Record<string, { Max: number; Remaining: number }> {
    return {
      DailyApiRequests: { Max: this.daily, Remaining: Math.max(0, this.daily - this.#used) },
      DailyBulkApiBatches: { Max: 15_000, Remaining: 15_000 },
      DailyBulkV2QueryJobs: { Max: 10_000, Remaining: 10_000 },
      DailyBulkV2QueryFileStorageMB: { Max: 976_562, Remaining: 976_562 },
    };
  }

  #turn(): void {
    const today = new Date(this.#now()).toISOString().slice(0, 10);
    if (this.#day !== '' && this.#day !== today) this.#used = this.#initial;
    this.#day = today;
  }
}
