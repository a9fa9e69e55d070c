/** How many calls a vendor takes in any interval, and from when on it counts one. */
export interface Rate {
  limit: number;
  intervalMs: number;
  /**
   * `start` (default): a call counts from the moment it leaves. `answer`: from its answer on, which is the latest moment at which
   * the vendor can have counted it. A call that leaves fast after one that arrived late meets it in the vendor's window, unless
   * its place stays taken until then.
   */
  counts?: 'start' | 'answer';
}

/** Timers may fire a moment early, and clocks drift against each other. */
const MARGIN_MS = 5;

/** A rolling window: places are taken in the order in which they are asked for. */
export class RollingWindow {
  readonly #rate: Rate;
  /** Places of calls that are not counted down yet. */
  #open = 0;
  /** Instants (monotonic ms) from which places count down, oldest first. */
  readonly #counted: number[] = [];
  readonly #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Waits for a place. @throws the signal's reason, with no place taken */
  async take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const go = (): void => {
        signal.removeEventListener('abort', stop);
        resolve();
      };
      const stop = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1);
        this.#serve();
        reject(signal.reason);
      };
      signal.addEventListener('abort', stop, { once: true });
      this.#waiting.push(go);
      this.#serve();
    });
    if (this.#rate.counts !== 'answer') this.#count();
  }

  /** The call that took a place is over. */
  done(): void {
    if (this.#rate.counts === 'answer') this.#count();
    this.#serve();
  }

  /** The call that took a place was never made. */
  giveBack(): void {
    if (this.#rate.counts === 'answer') this.#open -= 1;
    else this.#counted.pop();
    this.#serve();
  }

  #count(): void {
    this.#open -= 1;
    this.#counted.push(performance.now());
  }

  #serve(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const { limit, intervalMs } = this.#rate;
    const over = performance.now() - intervalMs - MARGIN_MS;
    const still = this.#counted.findIndex((at) => at > over);
    this.#counted.splice(0, still === -1 ? this.#counted.length : still);
    while (this.#waiting.length > 0 && this.#open + this.#counted.length < limit) {
      this.#open += 1;
      this.#waiting.shift()?.();
    }
    const [oldest] = this.#counted;
    if (this.#waiting.length === 0 || oldest === undefined) return;
    this.#timer = setTimeout(() => this.#serve(), Math.max(1, Math.ceil(oldest - over)));
  }
}
