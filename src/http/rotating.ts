import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { ConnectorError, InputError, type Log, type StateStore } from '../contract/index.ts';

/** What a token endpoint gave for a refresh token. */
export interface Issued {
  accessToken: string;
  /** null = the one that was sent stays good. */
  refreshToken: string | null;
  /** null = not told: good until it is refused. */
  expiresInSeconds: number | null;
  /** What else belongs to the access token (an instance address). */
  extra: Record<string, string>;
}
export type Access = Pick<Issued, 'accessToken' | 'extra'>;

export interface RotationSetup {
  credentials: StateStore;
  /** The refresh token that the authorisation gave, as the operator set it; a changed one starts anew. */
  first: { value: string | undefined; env: string };
  /** One exchange under the retry policy. @throws ConnectorError with REFUSED_GRANT as code where the token is dead */
  refresh(refreshToken: string): Promise<Issued>;
  /** Epoch ms. */
  now: () => number;
  log: Log;
  signal: AbortSignal;
  /** How long another process may take before it counts as dead; longer than `refresh` can last. Default 2 min. */
  patienceMs?: number;
  /** How often to look whether it is done. Default 250 ms. */
  pollMs?: number;
}

/** The vendor will not take this refresh token any more. */
export const REFUSED_GRANT = 'REFUSED_GRANT';

const NAME = 'tokens';
const Stored = z.object({
  /** Which first token it all comes from. */
  from: z.string(),
  refreshToken: z.string(),
  accessToken: z.string().nullable(),
  extra: z.record(z.string(), z.string()),
  /** Epoch ms; null = until it is refused. */
  freshUntil: z.number().nullable(),
  /** Set while one process exchanges the refresh token. */
  busy: z.string().nullable(),
});
type Stored = z.infer<typeof Stored>;

/** An access token serves for this share of its life: a call that starts with it should also end with it. */
const SHARE_OF_LIFE = 0.8;

/**
 * One grant's tokens. A vendor may kill a refresh token with its use, and the whole grant when it is used twice: so one process
 * exchanges it at a time, whatever the number of calls and processes, and what it turned into is stored before it is used.
 */
export class RotatingTokens {
  readonly #setup: RotationSetup;
  #held: Stored | null = null;
  #inFlight: Promise<Stored> | null = null;
  readonly #refused = new Set<string>();

  constructor(setup: RotationSetup) {
    this.#setup = setup;
  }

  /** An access token that is good for now. @throws InputError without a first token or a key to encrypt with; ConnectorError */
  async current(): Promise<Access> {
    if (this.#held && this.#usable(this.#held)) return accessOf(this.#held);
    this.#inFlight ??= this.#obtain().finally(() => {
      this.#inFlight = null;
    });
    this.#held = await this.#inFlight;
    return accessOf(this.#held);
  }

  /** The vendor refused it: never used again. */
  drop(accessToken: string): void {
    this.#refused.add(accessToken);
  }

  async #obtain(): Promise<Stored> {
    const { credentials, patienceMs = 120_000, pollMs = 250, signal } = this.#setup;
    let seen: string | null = null;
    let waited = 0;
    for (;;) {
      signal.throwIfAborted();
      const text = await credentials.get(NAME);
      const stored = this.#read(text);
      if (this.#usable(stored)) return stored;
      // Time is counted here, not compared between clocks: who is slow is waited for, who died is not for ever.
      if (stored.busy !== null) {
        waited = text === seen ? waited + pollMs : 0;
        seen = text;
        if (waited < patienceMs) {
          await delay(pollMs, undefined, { signal });
          continue;
        }
      }
      const mine = JSON.stringify({ ...stored, busy: randomUUID() } satisfies Stored);
      if (!(await credentials.set(NAME, text, mine))) continue;
      const done = await this.#exchange(stored, mine);
      if (done) return done;
    }
  }

  /** null = somebody else has exchanged it meanwhile. */
  async #exchange(stored: Stored, mine: string): Promise<Stored | null> {
    const { credentials, refresh, now, log } = this.#setup;
    let issued: Issued;
    try {
      issued = await refresh(stored.refreshToken);
    } catch (error) {
      const free = JSON.stringify({ ...stored, busy: null } satisfies Stored);
      const released = await credentials.set(NAME, mine, free);
      if (!released && error instanceof ConnectorError && error.code === REFUSED_GRANT) return null;
      throw error;
    }
    const next: Stored = {
      from: stored.from,
      refreshToken: issued.refreshToken ?? stored.refreshToken,
      accessToken: issued.accessToken,
      extra: issued.extra,
      freshUntil: issued.expiresInSeconds === null ? null : now() + issued.expiresInSeconds * 1000 * SHARE_OF_LIFE,
      busy: null,
    };
    log.info({ rotated: next.refreshToken !== stored.refreshToken }, 'the access token was renewed');
    for (let held: string | null = mine; ; held = await credentials.get(NAME)) {
      // Whoever lost patience may hold it now; as long as the old refresh token stands there, ours is the newer one.
      if (held !== mine && this.#read(held).refreshToken !== stored.refreshToken) return null;
      if (await credentials.set(NAME, held, JSON.stringify(next))) return next;
    }
  }

  #usable(stored: Stored): boolean {
    const { accessToken, freshUntil } = stored;
    if (accessToken === null || this.#refused.has(accessToken)) return false;
    return freshUntil === null || this.#setup.now() < freshUntil;
  }

  /** What is stored; the operator's token where nothing is, or where that one was replaced by a new authorisation. */
  #read(text: string | null): Stored {
    const { value, env } = this.#setup.first;
    const from = value === undefined ? null : createHash('sha256').update(value).digest('base64url');
    const parsed = text === null ? null : Stored.parse(JSON.parse(text));
    if (parsed && (from === null || parsed.from === from)) return parsed;
    if (value === undefined || from === null)
      throw new InputError(`There is no refresh token: ${env} is not set, and none is stored`, {
        hint: `Authorise the app and set ${env} to the refresh token that it gives.`,
      });
    return { from, refreshToken: value, accessToken: null, extra: {}, freshUntil: null, busy: null };
  }
}

const accessOf = ({ accessToken, extra }: Stored): Access => {
  if (accessToken === null) throw new Error('an access token was taken for usable that is none');
  return { accessToken, extra };
};
