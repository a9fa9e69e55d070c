export interface WritePhase {
  calls: number;
  /** Calls under way at once. */
  lanes: number;
  /** Seconds that the vendor takes for one full call. */
  perCall: number;
  /** The vendor's limit, where it keeps one. */
  rate: { calls: number; perMs: number } | null;
}

/** Seconds that nobody can be faster in: rounds of calls in their lanes, or intervals of the limit, of which the first costs nothing. */
export function writeFloor({ calls, lanes, perCall, rate }: WritePhase): number {
  const rounds = Math.ceil(calls / lanes) * perCall;
  const intervals = rate && calls ? ((Math.ceil(calls / rate.calls) - 1) * rate.perMs) / 1000 : 0;
  return Math.max(rounds, intervals);
}
