import type { ProjectedKind } from '../../core/projection.ts';

/**
 * `groups` = one row for each account, stretch of time and class of rows; `states` = the same of states, without time; `distinct` =
 * one row for each account; `people` = the same over whom events name.
 */
export type Shape = 'groups' | 'states' | 'distinct' | 'people';

/** Classes are told apart by the bits of one integer, above which the stretch of time is written. */
const BITS = 20;
const BITS_ALONE = 30;

/** One statement: which classes of rows it tells apart, and what it says of each. */
export class Statement {
  readonly kind: ProjectedKind;
  readonly shape: Shape;
  /** Where its stretches of time begin, and last where the latest one ends; of states none. */
  readonly instants: readonly number[];
  readonly #conditions: string[] = [];
  readonly #columns: string[] = [];
  readonly #within: string[] = [];

  constructor(kind: ProjectedKind, shape: Shape, instants: readonly number[]) {
    this.kind = kind;
    this.shape = shape;
    this.instants = instants;
  }

  /** The bits that rows have which meet every condition; null = this statement has no bits left. */
  need(conditions: readonly string[]): number | null {
    const wanted = [...new Set(conditions.filter((c) => c !== 'true'))];
    const fresh = wanted.filter((c) => !this.#conditions.includes(c));
    if (this.#conditions.length + fresh.length > (this.instants.length > 0 ? BITS : BITS_ALONE)) return null;
    this.#conditions.push(...fresh);
    return wanted.reduce((bits, c) => bits | (1 << this.#conditions.indexOf(c)), 0);
  }

  /** The place of an aggregate among the columns. */
  column(expression: string): number {
    const known = this.#columns.indexOf(expression);
    return known >= 0 ? known : this.#columns.push(expression) - 1;
  }

  /** Only rows that meet the condition of some ask matter. */
  within(condition: string): void {
    if (!this.#within.includes(condition)) this.#within.push(condition);
  }

  get met(): string {
    return this.#within.length === 0 || this.#within.includes('true') ? 'true' : `(${this.#within.join(' or ')})`;
  }

  /** How many bits tell the class of a row. */
  get bits(): number {
    return this.#conditions.length;
  }

  /** The class of a row. */
  get mask(): string {
    const parts: string[] = [];
    for (let from = 0; from < this.bits; from += AT_ONCE)
      parts.push(maskSql(this.#conditions.slice(from, from + AT_ONCE), from, 0));
    return parts.join(' + ') || '0';
  }

  /** `, … as c0, … as c1` */
  get columns(): string {
    return this.#columns.map((expression, i) => `, ${expression} as c${i}`).join('');
  }
}

/** Conditions that are told apart by cases within cases, which is quicker than to add up a number for each. */
const AT_ONCE = 4;
function maskSql([condition, ...rest]: readonly string[], bit: number, mask: number): string {
  if (condition === undefined) return `${mask}`;
  const [met, unmet] = [mask | (1 << bit), mask].map((mask) => maskSql(rest, bit + 1, mask));
  return `case when ${bare(condition)} then ${met} else ${unmet} end`;
}

/** A case takes what is unknown as not met by itself. */
const bare = (condition: string): string => /^coalesce\((.*), false\)$/.exec(condition)?.[1] ?? condition;
