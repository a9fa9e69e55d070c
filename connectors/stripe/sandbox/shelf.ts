import { type Cell, type Column, Tables } from '../../../src/sandbox/kit-tables.ts';

/** Objects that can be listed. */
export type Listed =
  | 'charge'
  | 'coupon'
  | 'customer'
  | 'dispute'
  | 'event'
  | 'invoice'
  | 'invoice_payment'
  | 'price'
  | 'product'
  | 'subscription';

/**
 * Where to find an object, and what lists can be narrowed by. What it says is rendered from the world when it is asked for:
 * account and position name it. Times are seconds.
 */
export interface Row {
  id: string;
  /** A discount is known by whoever holds it, and never listed. */
  object: Listed | 'discount';
  created: number;
  account: number;
  pos: number;
  customer?: string | null;
  /** What it belongs to: subscription of an invoice, invoice of a payment, payment of a charge, charge of a dispute, product of a price, source of an event. */
  owner?: string | null;
  /** Status, or type of an event. */
  state?: string | null;
  /** Collection method, or object of an event's source. */
  sort?: string | null;
  due?: number | null;
  email?: string | null;
  external?: string | null;
  /** Since when it is no longer listed. */
  gone?: number | null;
  /** When `state` changes next. */
  next?: number | null;
}
const TEXTS = ['id', 'object', 'customer', 'owner', 'state', 'sort', 'email', 'external'] as const;
const NUMBERS = ['created', 'account', 'pos', 'due', 'gone', 'next', 'seq'] as const;
const SHARED = new Set<Row['object']>(['coupon', 'discount', 'price', 'product']);
const COLUMNS = [...TEXTS, ...NUMBERS];

/** The server's index of everything, also of what is still to come. Rows of the same second are listed by `seq`, latest first. */
export class Shelf {
  readonly tables = new Tables();
  #seq = 0;
  /** What several accounts have in common is put there once. */
  readonly #shared = new Set<string>();

  constructor() {
    const columns: Column[] = [
      ...TEXTS.map((name) => ({ name, type: 'TEXT' as const })),
      ...NUMBERS.map((name) => ({ name, type: 'INTEGER' as const })),
    ];
    this.tables.create('shelf', columns, 'seq');
  }

  put(row: Row): void {
    if (SHARED.has(row.object)) {
      if (this.#shared.has(row.id)) return;
      this.#shared.add(row.id);
    }
    const full: Record<string, Cell | undefined> = { ...row, seq: this.#seq++ };
    this.tables.run(
      PUT,
      COLUMNS.map((name) => full[name] ?? null),
    );
  }

  /** After the first load: the indexes that lists need. */
  ready(): void {
    this.#shared.clear();
    this.tables.index('shelf', ['id']);
    this.tables.index('shelf', ['object', 'created', 'seq']);
    this.tables.index('shelf', ['customer', 'object']);
    this.tables.index('shelf', ['owner', 'object']);
    this.tables.index('shelf', ['external', 'object']);
    this.tables.index('shelf', ['next']);
  }

  find(object: Row['object'], id: string): Row | null {
    return this.tables.get('SELECT * FROM shelf WHERE id = ? AND object = ?', [id, object]) as Row | null;
  }
}
const PUT = `INSERT INTO shelf (${COLUMNS.map((c) => `"${c}"`).join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})`;
