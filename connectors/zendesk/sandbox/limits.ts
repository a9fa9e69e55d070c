import type { Answer } from '../../../src/sandbox/kit-types.ts';
import { TOO_MANY } from './errors.ts';

export type Plan = 'team' | 'growth' | 'professional' | 'enterprise' | 'enterprise-plus';
const PER_MINUTE: Record<Plan, number> = {
  team: 200,
  growth: 400,
  professional: 400,
  enterprise: 700,
  'enterprise-plus': 2500,
};
const HIGH_VOLUME = 2500;
const MINUTE = 60_000;

export interface LimitOptions {
  plan: Plan;
  highVolume: boolean;
  /** Real time, epoch ms: the vendor's minute does not follow the world's clock. */
  clock: () => number;
}

/** Budgets a minute: one of the whole account, and smaller ones of single endpoints. A minute begins with its first call. */
export class Limits {
  readonly #options: LimitOptions;
  readonly #windows = new Map<string, { from: number; used: number }>();

  constructor(options: LimitOptions) {
    this.#options = options;
  }

  /** Headers of an answer, or the refusal of a call that is one too many. */
  take(kind: string, page: number): { headers: Record<string, string>; refused: Answer | null } {
    const { plan, highVolume } = this.#options;
    const account = this.#use('account', highVolume ? HIGH_VOLUME : PER_MINUTE[plan]);
    const own = this.#own(kind, page);
    const endpoint = own && this.#use(own.name, own.limit);
    const headers: Record<string, string> = {
      'x-rate-limit': String(account.limit),
      'x-rate-limit-remaining': String(account.left),
      'ratelimit-limit': String(account.limit),
      'ratelimit-remaining': String(account.left),
      'ratelimit-reset': String(account.resets),
    };
    if (own && endpoint) {
      headers[`zendesk-ratelimit-${own.name}`] =
        `total=${endpoint.limit}; remaining=${endpoint.left}; resets=${endpoint.resets}`;
    }
    const over = endpoint?.over ? endpoint : account.over ? account : null;
    if (!over) return { headers, refused: null };
    return {
      headers,
      refused: { status: 429, headers: { ...headers, 'retry-after': String(over.resets) }, body: TOO_MANY },
    };
  }

  #own(kind: string, page: number): { name: string; limit: number } | null {
    if (kind.startsWith('incremental/'))
      return { name: 'incremental-exports', limit: this.#options.highVolume ? 30 : 10 };
    if (kind === 'deleted_tickets') return { name: 'deleted-tickets', limit: page > 100 ? 5 : 10 };
    if (kind === 'tickets' && page > 500) return { name: 'tickets-index', limit: 50 };
    return null;
  }

  #use(name: string, limit: number): { limit: number; left: number; resets: number; over: boolean } {
    const now = this.#options.clock();
    let window = this.#windows.get(name);
    if (!window || now >= window.from + MINUTE) {
      window = { from: now, used: 0 };
      this.#windows.set(name, window);
    }
    window.used += 1;
    const resets = Math.max(1, Math.ceil((window.from + MINUTE - now) / 1000));
    return { limit, left: Math.max(0, limit - window.used), resets, over: window.used > limit };
  }
}
