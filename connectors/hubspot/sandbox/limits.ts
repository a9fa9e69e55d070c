import { addDays, startOfDay, todayIn } from '../../../src/kit/dates.ts';
import { type ApiError, type Policy, tooMany } from './errors.ts';
import type { Caller } from './oauth.ts';

const WINDOW_MS = 10_000;
const SECOND_MS = 1_000;

export interface LimitOptions {
  /** Calls of an app in any ten seconds: 100 (Free, Starter), 190 (Professional, Enterprise), 250 (with the increase), 110 (OAuth). */
  per10s: number;
  /** Searches a second of the whole portal. */
  searchPerSecond: number;
  /** Calls of all private apps from midnight to midnight of the portal. */
  perDay: number;
  /** How many of the day's calls others have made. */
  usedByOthers: number;
  /** IANA time zone of the portal. */
  timeZone: string;
  /** Epoch ms of the world: the day's calls. */
  now: () => number;
  /** Monotonic real time in ms: bursts protect the vendor's own machines. null = bursts are not counted. */
  clock: (() => number) | null;
}

export interface Usage {
  used: number;
  limit: number;
  resetsAt: number;
}

/** Whether one more call may come: rolling windows, and the day's quota. A call that is refused uses up nothing. */
export class Limits {
  readonly #options: LimitOptions;
  readonly #windows = { calls: [] as number[], searches: [] as number[] };
  #day = '';
  #used = 0;

  constructor(options: LimitOptions) {
    this.#options = options;
  }

  /** Headers of the answer. Searches have a limit of their own and tell nothing; OAuth apps have no daily one. @throws ApiError 429 */
  take(search: boolean, caller: Caller): Record<string, string> {
    const daily = caller.app === 'private';
    this.#turn();
    if (daily && this.#used >= this.#options.perDay) throw this.refusal('DAILY', this.#headers(search, daily));
    const { per10s, searchPerSecond } = this.#options;
    const { calls, searches } = this.#windows;
    const fits = search ? this.#fits(searches, searchPerSecond, SECOND_MS) : this.#fits(calls, per10s, WINDOW_MS);
    if (!fits) throw this.refusal(search ? 'SECONDLY' : 'TEN_SECONDLY_ROLLING', this.#headers(search, daily));
    if (daily) this.#used += 1;
    return this.#headers(search, daily);
  }

  refusal(policy: Policy, headers: Record<string, string> = {}): ApiError {
    return tooMany(policy, policy === 'DAILY' ? 'publicapi:private-apps:daily' : 'publicapi:private-apps', headers);
  }

  usage(): Usage {
    this.#turn();
    const { timeZone, perDay } = this.#options;
    return { used: this.#used, limit: perDay, resetsAt: startOfDay(addDays(this.#day, 1), timeZone) };
  }

  /** True = counted in. */
  #fits(window: number[], limit: number, length: number): boolean {
    const { clock } = this.#options;
    if (!clock) return true;
    const now = clock();
    while (window[0] !== undefined && window[0] <= now - length) window.shift();
    if (window.length >= limit) return false;
    window.push(now);
    return true;
  }

  #headers(search: boolean, daily: boolean): Record<string, string> {
    if (search) return {};
    const { per10s, perDay } = this.#options;
    return {
      'x-hubspot-ratelimit-max': String(per10s),
      'x-hubspot-ratelimit-remaining': String(per10s - this.#windows.calls.length),
      'x-hubspot-ratelimit-interval-milliseconds': String(WINDOW_MS),
      ...(daily
        ? {
            'x-hubspot-ratelimit-daily': String(perDay),
            'x-hubspot-ratelimit-daily-remaining': String(Math.max(0, perDay - this.#used)),
          }
        : {}),
    };
  }

  #turn(): void {
    const { timeZone, now, usedByOthers } = this.#options;
    const today = todayIn(timeZone, now());
    if (this.#day !== today) this.#used = usedByOthers;
    this.#day = today;
  }
}
