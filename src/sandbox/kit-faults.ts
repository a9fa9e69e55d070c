import type { FaultSpec, Faults } from './world.types.ts';

/** A fault that a server knows. `lasting` faults fire until cleared unless `times` is given; others fire once. */
export interface KnownFault {
  help: string;
  lasting?: boolean;
}

/** Faults of the transport, the same for every vendor; the kit itself carries them out. */
export const TRANSPORT_FAULTS = {
  '429': { help: 'too many requests, with Retry-After: 1; the work is not done' },
  '503-before': { help: 'service unavailable; the work is not done' },
  '503-after-commit': { help: 'the work is done, the answer is 503' },
  'reset-before': { help: 'the socket is destroyed; the work is not done' },
  'reset-after-commit': { help: 'the work is done, then the socket is destroyed' },
  hang: { help: 'the work is not done and no answer ever comes' },
  html: { help: 'a maintenance page with status 200; the work is not done' },
} satisfies Record<string, KnownFault>;

interface Armed {
  spec: FaultSpec;
  skip: number;
  left: number;
}

/** Faults switched on by name. Every name must be known, so that a misspelt fault cannot make a test pass. */
export class FaultList implements Faults {
  readonly #known: Record<string, KnownFault>;
  readonly #onAdd: (spec: FaultSpec) => void;
  readonly #fired = new Map<string, number>();
  #armed: Armed[] = [];

  constructor(vendor: Record<string, KnownFault> = {}, onAdd: (spec: FaultSpec) => void = () => undefined) {
    this.#known = { ...TRANSPORT_FAULTS, ...vendor };
    this.#onAdd = onAdd;
  }

  add(spec: FaultSpec): void {
    const known = this.#known[spec.name];
    if (!known) throw new Error(`Unknown fault "${spec.name}". Known: ${Object.keys(this.#known).join(', ')}`);
    this.#onAdd(spec);
    const left = spec.times ?? (known.lasting ? Number.POSITIVE_INFINITY : 1);
    this.#armed.push({ spec, skip: spec.skip ?? 0, left });
  }

  clear(): void {
    this.#armed = [];
    this.#fired.clear();
  }

  fired(): Record<string, number> {
    return Object.fromEntries(this.#fired);
  }

  /** Names and what they do, for people. */
  known(): Record<string, KnownFault> {
    return this.#known;
  }

  /**
   * The armed fault of this name that fires for a call of this kind, or null. Taking uses up one `skip` or one `times`.
   * `matches` narrows by the fault's own data (which record), before anything is used up.
   */
  take(name: string, kind: string, matches: (data: Record<string, unknown>) => boolean = () => true): FaultSpec | null {
    for (const fault of this.#armed) {
      if (fault.spec.name !== name || fault.left <= 0) continue;
      if (!covers(fault.spec.on, kind) || !matches(fault.spec.with ?? {})) continue;
      if (fault.skip > 0) {
        fault.skip -= 1;
        continue;
      }
      fault.left -= 1;
      this.#fired.set(name, (this.#fired.get(name) ?? 0) + 1);
      return fault.spec;
    }
    return null;
  }

  /** Whether a fault of this name is armed at all: a cheap question before a costly match. */
  armed(name: string): boolean {
    return this.#armed.some((fault) => fault.spec.name === name && fault.left > 0);
  }
}

/** "collections.*" covers "collections.update"; absent covers everything. */
function covers(on: string | undefined, kind: string): boolean {
  if (on === undefined || on === kind) return true;
  return on.endsWith('*') && kind.startsWith(on.slice(0, -1));
}
