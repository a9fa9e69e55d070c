import type { CallCounter } from './world.types.ts';

export type CallType = 'read' | 'write' | 'auth' | 'setup';

/** Counts every request that reached the server, also those that a fault then answers. */
export class CallCount implements CallCounter {
  readonly #kinds = new Map<string, number>();
  readonly #types = new Map<CallType, number>();
  readonly #statuses = new Map<number, number>();

  record(kind: string, type: CallType): void {
    this.#types.set(type, (this.#types.get(type) ?? 0) + 1);
    if (type !== 'auth') this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1);
  }

  /** What a call was answered with; calls that are cut off have no answer. */
  answer(status: number): void {
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
  }

  byKind(): Record<string, number> {
    return Object.fromEntries([...this.#kinds].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  total(type: CallType): number {
    return this.#types.get(type) ?? 0;
  }

  answered(status: number): number {
    return this.#statuses.get(status) ?? 0;
  }

  byStatus(): Record<string, number> {
    return Object.fromEntries(this.#statuses);
  }

  reset(): void {
    this.#statuses.clear();
    this.#kinds.clear();
    this.#types.clear();
  }
}
