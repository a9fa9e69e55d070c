/**
 * Counts how often a hash has come, in 8 to 16 bytes per distinct one: files without ids have millions of rows, and hardly any twice.
 * Compares 52 bits of the hash.
 */
export class Occurrences {
  #slots = new Float64Array(1024); // 0 = free
  #used = 0;
  readonly #repeated = new Map<number, number>();

  /** 1 for the first time, 2 for the second, … `hash`: at least 13 hex digits. */
  count(hash: string): number {
    const key = Number.parseInt(hash.slice(0, 13), 16) + 1;
    if (this.#add(key)) return 1;
    const times = (this.#repeated.get(key) ?? 1) + 1;
    this.#repeated.set(key, times);
    return times;
  }

  #add(key: number): boolean {
    if (this.#used * 4 > this.#slots.length * 3) this.#grow();
    const at = this.#slotOf(key);
    if (this.#slots[at] === key) return false;
    this.#slots[at] = key;
    this.#used += 1;
    return true;
  }

  #slotOf(key: number): number {
    let at = key % this.#slots.length;
    while (this.#slots[at] !== 0 && this.#slots[at] !== key) at = (at + 1) % this.#slots.length;
    return at;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Float64Array(old.length * 2);
    for (const key of old) if (key !== 0) this.#slots[this.#slotOf(key)] = key;
  }
}
