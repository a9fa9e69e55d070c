/** Counts every call that left for a vendor, retries included: these are the scarce thing. */
export class CallCounter {
  readonly #counts = new Map<string, { read: number; write: number; labels: Map<string, number> }>();

  add(vendor: string, call: { label: string; kind: 'read' | 'write' }): void {
    const entry = this.#counts.get(vendor) ?? { read: 0, write: 0, labels: new Map<string, number>() };
    entry[call.kind] += 1;
    entry.labels.set(call.label, (entry.labels.get(call.label) ?? 0) + 1);
    this.#counts.set(vendor, entry);
  }

  /** { vendor: { read, write } } */
  summary(): Record<string, { read: number; write: number }> {
    return Object.fromEntries([...this.#counts].map(([vendor, { read, write }]) => [vendor, { read, write }]));
  }

  total(kind: 'read' | 'write'): number {
    let sum = 0;
    for (const entry of this.#counts.values()) sum += entry[kind];
    return sum;
  }

  /** Calls by label of one vendor, for the run log. */
  labels(vendor: string): Record<string, number> {
    return Object.fromEntries(this.#counts.get(vendor)?.labels ?? []);
  }
}
