import type { FaultList } from '../../../src/sandbox/kit-faults.ts';
import type { Answer, KitRequest, Route } from '../../../src/sandbox/kit-types.ts';
import type { ServeOptions, World } from '../../../src/sandbox/world.types.ts';
import { Access } from './access.ts';
import type { AccountOptions } from './account.ts';
import { accountRoute, limitRoute, listRoute, oauthRoute } from './admin-routes.ts';
import { CURRENCY_SCOPES, Currencies, currencyRoute } from './currencies.ts';
import { Limits } from './limits.ts';
import { ListTable } from './lists.ts';
import { portalIdOf, type Rotation, Tokens } from './oauth.ts';
import type { PropertyTable } from './properties.ts';
import type { Asked } from './rest.ts';
import { ALL_SCOPES } from './scopes.ts';

/** What a portal is apart from its records. */
export interface AdminOptions {
  /** How `config` and `env` of the running portal sign in. Default token. */
  flow?: 'token' | 'refresh-token';
  /** What becomes of used refresh tokens. Default strict. */
  rotation?: Rotation;
  /** What the app was granted. Default all that a health-score integration needs. */
  scopes?: readonly string[];
  /** Who the portal says it is. Default a SANDBOX in US/Eastern, numbered by the world's seed. */
  account?: Partial<AccountOptions>;
  /** Calls a day of all private apps. Default 625,000, as Professional has them. */
  perDay?: number;
  /** How many of them others make every day. Default 0. */
  usedByOthers?: number;
  /** Searches a second. Default 5. */
  searchPerSecond?: number;
  /** Monotonic ms by which bursts are measured. Default the machine's own. */
  clock?: () => number;
}

/** Calls in ten seconds: 190 of Professional and Enterprise, 110 of a public OAuth app. */
const RATES = { token: 190, 'refresh-token': 110 } as const;
export const RATE_MS = 10_000;

/** Tokens, limits, lists, exchange rates and the account itself. */
export class Admin {
  readonly tokens: Tokens;
  readonly access: Access;
  readonly #limits: Limits;
  readonly #lists: ListTable;
  readonly #account: AccountOptions;
  readonly #currencies: Currencies;
  readonly #properties: PropertyTable;
  readonly #world: World;
  readonly #flow: 'token' | 'refresh-token';
  readonly #rate: number;
  readonly #kept: boolean;

  constructor(properties: PropertyTable, faults: FaultList, options: ServeOptions & AdminOptions) {
    const { world, scopes = ALL_SCOPES, clock = () => performance.now() } = options;
    const now = () => world.now();
    this.#account = {
      portalId: portalIdOf(world.options.seed),
      accountType: 'SANDBOX',
      timeZone: 'US/Eastern',
      companyCurrency: 'GBP',
      additionalCurrencies: ['EUR', 'JPY', 'USD'],
      ...options.account,
    };
    const { portalId, timeZone } = this.#account;
    this.#currencies = new Currencies(this.#account, options.minPages ?? 1);
    this.#world = world;
    this.#properties = properties;
    this.#flow = options.flow ?? 'token';
    this.#rate = options.rate ?? RATES[this.#flow];
    this.#kept = options.limits !== false;
    this.tokens = new Tokens({ now, portalId, scopes, rotation: options.rotation ?? 'strict' }, faults);
    this.#limits = new Limits({
      per10s: this.#rate,
      searchPerSecond: options.searchPerSecond ?? 5,
      perDay: options.perDay ?? 625_000,
      usedByOthers: options.usedByOthers ?? 0,
      timeZone,
      now,
      clock: this.#kept ? clock : null,
    });
    this.#lists = new ListTable(properties, now);
    this.access = new Access({ tokens: this.tokens, limits: this.#limits, faults, granted: scopes });
  }

  /** Paths outside the CRM; `scopes` null = no bearer token is asked for. */
  outer(
    request: KitRequest,
    root: string,
    version: string,
    segments: string[],
  ): { route: Route; scopes: string[] | null } | null {
    const of = (route: Route | null, scopes: string[] | null) => route && { route, scopes };
    switch (root) {
      case 'oauth':
        return of(oauthRoute(this.tokens, request, version, segments), null);
      case 'account-info':
        return of(
          accountRoute(this.#account, this.#limits, () => this.#world.now(), request, segments),
          [],
        );
      case 'settings/currencies':
        return of(currencyRoute(this.#currencies, request.method, request.url, segments), CURRENCY_SCOPES);
      default:
        return null;
    }
  }

  lists(asked: Asked): Route | null {
    return listRoute(this.#lists, asked);
  }

  propertyLimits(asked: Asked): Route | null {
    return limitRoute(this.#properties, asked);
  }

  tooMany(): Answer {
    return this.#limits.refusal('TEN_SECONDLY_ROLLING').answer();
  }

  /** What the connector is told: how to sign in, and how fast it may ask. */
  config(): Record<string, unknown> {
    const signIn = this.#flow === 'token' ? {} : { auth: { flow: 'refresh-token', clientId: this.tokens.clientId } };
    const currencies = this.#currencies.several ? { currencies: true } : {};
    return {
      ...signIn,
      ...currencies,
      ratePer10s: this.#kept ? this.#rate : 1000,
      searchPerSecond: this.#kept ? 4 : 1000,
    };
  }

  env(): Record<string, string> {
    const { privateToken, clientSecret, refreshToken } = this.tokens;
    if (this.#flow === 'token') return { HUBSPOT_TOKEN: privateToken };
    return { HUBSPOT_CLIENT_SECRET: clientSecret, HUBSPOT_REFRESH_TOKEN: refreshToken };
  }

  /** The short limit that is kept; absent = none is. */
  rate(): { rate?: { calls: number; perMs: number } } {
    return this.#kept ? { rate: { calls: this.#rate, perMs: RATE_MS } } : {};
  }
}
