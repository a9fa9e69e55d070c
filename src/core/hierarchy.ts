/** Who belongs to whom at a date, as the account records say. */
export interface ParentLink {
  account: string;
  parent: string;
  /** Whether the parent is an account that is known then. */
  known: boolean;
}

/**
 * The forest of accounts (P9). A cycle is cut at its smallest id, and a parent that is not known counts as none; both are counted. Memory
 * follows the number of accounts that have a parent, not the number of accounts.
 */
export class Hierarchy {
  /** Accounts that are part of a cycle, and accounts whose parent is not known. */
  readonly cyclic: number;
  readonly orphaned: number;
  readonly #parent = new Map<string, string>();
  readonly #children = new Map<string, string[]>();

  constructor(links: Iterable<ParentLink>) {
    let orphaned = 0;
    for (const { account, parent, known } of links)
      if (known) this.#parent.set(account, parent);
      else orphaned++;
    this.orphaned = orphaned;
    this.cyclic = cut(this.#parent);
    for (const account of [...this.#parent.keys()].sort()) {
      const parent = this.#parent.get(account);
      if (parent === undefined) continue;
      const siblings = this.#children.get(parent);
      if (siblings) siblings.push(account);
      else this.#children.set(parent, [account]);
    }
  }

  parentOf(account: string): string | null {
    return this.#parent.get(account) ?? null;
  }
  isParent(account: string): boolean {
    return this.#children.has(account);
  }
  /** From the account's parent up. */
  *ancestorsOf(account: string): Generator<string> {
    for (let at = this.parentOf(account); at !== null; at = this.parentOf(at)) yield at;
  }

  /** Every account below one, nearest first. */
  descendantsOf(account: string): string[] {
    const found: string[] = [...(this.#children.get(account) ?? [])];
    for (let i = 0; i < found.length; i++) found.push(...(this.#children.get(found[i] ?? '') ?? []));
    return found;
  }

  /** Every account that has a parent below the top, by the top. */
  families(): Map<string, string[]> {
    const tops = [...this.#children.keys()].filter((account) => !this.#parent.has(account));
    return new Map(tops.map((top) => [top, this.descendantsOf(top)]));
  }

  /** Parents such that each level only has accounts of earlier levels, or accounts without children, below it. */
  levels(): string[][] {
    const height = new Map<string, number>();
    const tops = [...this.families().keys()];
    for (const top of tops) {
      const order = [top, ...this.descendantsOf(top)];
      for (const account of order.reverse()) {
        const own = this.#children.get(account);
        if (own) height.set(account, 1 + Math.max(0, ...own.map((child) => height.get(child) ?? 0)));
      }
    }
    const levels: string[][] = [];
    for (const [account, at] of height) {
      const level = levels[at - 1] ?? [];
      level.push(account);
      levels[at - 1] = level;
    }
    return levels.map((level) => level.sort());
  }
}

/** Removes one link of each cycle. @returns how many accounts were part of one. */
function cut(parent: Map<string, string>): number {
  const settled = new Set<string>();
  let cyclic = 0;
  for (const start of [...parent.keys()]) {
    const path: string[] = [];
    const on = new Set<string>();
    let at: string | undefined = start;
    while (at !== undefined && !settled.has(at) && !on.has(at)) {
      path.push(at);
      on.add(at);
      at = parent.get(at);
    }
    if (at !== undefined && on.has(at)) {
      const cycle = path.slice(path.indexOf(at)).sort();
      cyclic += cycle.length;
      parent.delete(cycle[0] ?? at);
    }
    for (const account of path) settled.add(account);
  }
  return cyclic;
}
