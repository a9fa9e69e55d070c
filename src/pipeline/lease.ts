import { type Attempt, HeldError, type Log } from '../contract/index.ts';
import type { WorkspaceStore } from '../store/types.ts';
import { holderName, isDead } from './holder.ts';
import { underAll, unless } from './signals.ts';

const NAME = 'run';
const LEASE_MS = 60_000;

export interface LeaseDeps {
  store: WorkspaceStore;
  log: Log;
  /** How long it lasts without a renewal; default one minute. */
  leaseMs?: number;
}

/** Another process is at this workspace. */
export class BusyError extends HeldError {}

/** This process stood still until its lease ran out. What it knows is of another time: it makes no further call and stores nothing. */
export class LeaseLostError extends BusyError {}

/**
 * The right to work on a workspace, renewed while it is in use. It runs on the machine's clock: two processes may be told different
 * business times, and this one goes on while a machine sleeps.
 */
export class Lease {
  /** Aborted with a LeaseLostError. */
  readonly lost: AbortSignal;
  /** The workspace, where a transaction fails once the lease is another's. */
  readonly store: WorkspaceStore;
  readonly #deps: LeaseDeps;
  readonly #ms: number;
  readonly #holder: string;
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  /** Before this instant nobody else can have it. */
  #until: number;
  #renewing: Promise<void> | null = null;

  private constructor(deps: LeaseDeps, ms: number, holder: string, until: number) {
    this.#deps = deps;
    this.#ms = ms;
    this.#holder = holder;
    this.#until = until;
    this.lost = this.#lost.signal;
    this.store = deps.store.fenced(NAME, holder, () => {
      throw this.#lose();
    });
    this.#timer = setInterval(() => this.#tick(), ms / 4);
    this.#timer.unref();
  }

  /**
   * That of a process which was killed on this machine is free at once, that of one elsewhere runs out by itself.
   * @throws BusyError where another process has it.
   */
  static async take(deps: LeaseDeps): Promise<Lease> {
    const { store, leaseMs: ms = LEASE_MS } = deps;
    const holder = holderName();
    let at = Date.now();
    let mine = await store.lease(NAME, holder, at, ms);
    if (!mine) {
      const other = await store.leaseHolder(NAME);
      // Released in the dead one's name: of several that find it dead, the lease still goes to one.
      if (other !== null && isDead(other)) await store.release(NAME, other);
      at = Date.now();
      mine = await store.lease(NAME, holder, at, ms);
    }
    if (mine) return new Lease(deps, ms, holder, at + ms);
    throw new BusyError(
      'another pulseback process is running on this workspace',
      'Wait until it has ended; if it was killed on another machine, its lease runs out within a minute.',
    );
  }

  /** Settles at once while it is held for sure, and asks where it may have run out. @throws LeaseLostError */
  async assure(): Promise<void> {
    this.lost.throwIfAborted();
    if (Date.now() < this.#until) return;
    await this.#renew();
    this.lost.throwIfAborted();
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
    await this.#deps.store.release(NAME, this.#holder);
  }

  #tick(): void {
    if (this.#renewing && Date.now() >= this.#until) this.#lose(); // the store has not answered for as long as the lease lasts
    void this.#renew();
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#ask().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  /** Never rejects: a store that fails now may answer before the lease has run out. */
  async #ask(): Promise<void> {
    const at = Date.now();
    try {
      if (await this.#deps.store.renewLease(NAME, this.#holder, at, this.#ms)) this.#until = at + this.#ms;
      else this.#lose();
    } catch (error) {
      this.#deps.log.error({ err: error }, 'could not renew the lease');
    }
    if (Date.now() >= this.#until) this.#lose();
  }

  #lose(): unknown {
    clearInterval(this.#timer);
    if (!this.lost.aborted)
      this.#lost.abort(
        new LeaseLostError(
          'this process stood still for so long that another may have taken over its workspace',
          'Nothing was written since. Run the same command again: it goes on from what is stored, and does nothing twice.',
        ),
      );
    return this.lost.reason;
  }
}

/**
 * Stands before every call of a connector: while a lease is in force, calls leave only as long as it is held. What the network has
 * already been given cannot be called back; it was decided while the lease was held, and to send it twice is safe.
 */
export class Gate {
  lease: Lease | null = null;

  over(attempt: Attempt): Attempt {
    return (options, fn) => {
      const { lease } = this;
      if (!lease) return attempt(options, fn);
      const work = attempt(options, async (signal) => {
        await lease.assure(); // each try: it may come long after the first
        return underAll([signal, lease.lost], fn);
      });
      return unless(lease.lost, work);
    };
  }
}
