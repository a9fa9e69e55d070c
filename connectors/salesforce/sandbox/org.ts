import { type Cell, quote, Tables } from '../../../src/sandbox/kit-tables.ts';
import type { World } from '../../../src/sandbox/world.types.ts';
import { Access } from './access.ts';
import { cellType, collates, type Field } from './field.ts';
import { recordId } from './ids.ts';
import { userId } from './keys.ts';
import type { ObjectSpec } from './object.ts';
import { adminObjects } from './objects-admin.ts';
import { crmObjects } from './objects-crm.ts';
import { second, toJson } from './values.ts';

/** Records that the API creates are numbered from here, far above the world's. */
const FIRST_NEW = 62 ** 7 * 20;
const YEAR = 365 * 86_400_000;
const DAY = 86_400_000;

/** One org: its schema, its rows, and what its integration user may see. */
export class Org {
  readonly tables = new Tables();
  readonly world: World;
  readonly id: string;
  /** The integration user, as whom every call runs. */
  readonly userId: string;
  readonly username: string;
  readonly access: Access;
  /** Rows whose transaction is still running: object → id → when it commits. */
  readonly uncommitted = new Map<string, Map<string, number>>();
  readonly #objects = new Map<string, ObjectSpec>();
  readonly #next = new Map<string, number>();
  readonly #inserts = new Map<string, { sql: string; stored: Field[] }>();

  constructor(world: World, number = 4_242) {
    this.world = world;
    this.id = recordId('00D', number);
    for (const spec of [...crmObjects(), ...adminObjects()]) {
      this.#objects.set(spec.name.toLowerCase(), spec);
      const columns = spec.fields.filter((f) => !f.derived).map(column);
      this.tables.create(spec.name, columns, 'Id');
    }
    const known = world.users.findIndex((user) => user.role === 'integration');
    const position = known < 0 ? world.users.length : known;
    this.userId = userId(position);
    this.username = `${known < 0 ? 'integration@example.com' : world.users[known]?.email}.sandbox`;
    this.access = new Access(this.tables, this.userId);
  }

  /** Stamp of a write: now, whole seconds. */
  now(): number {
    return second(this.world.now());
  }

  object(name: string): ObjectSpec | null {
    return this.#objects.get(name.toLowerCase()) ?? null;
  }

  objects(): ObjectSpec[] {
    return [...this.#objects.values()];
  }

  /** The object that an id belongs to. */
  ownerOf(id: string): ObjectSpec | null {
    return this.objects().find((o) => o.prefix === id.slice(0, 3)) ?? null;
  }

  /** A field that the integration user can see; names have no case. */
  field(object: ObjectSpec, name: string): Field | null {
    const found = anyField(object, name);
    return found && this.access.readable(object.name, found) ? found : null;
  }

  fields(object: ObjectSpec): Field[] {
    return object.fields.filter((f) => this.access.readable(object.name, f));
  }

  addField(object: ObjectSpec, f: Field): void {
    const fill = f.type === 'boolean' ? Number(f.defaultValue === true) : null;
    this.tables.addColumn(object.name, column(f), fill);
    if (f.externalId || f.unique) this.tables.index(object.name, [f.name]);
    object.fields.push(f);
    this.#inserts.delete(object.name);
  }

  newId(object: ObjectSpec): string {
    const n = this.#next.get(object.name) ?? FIRST_NEW;
    this.#next.set(object.name, n + 1);
    return recordId(object.prefix, n);
  }

  row(object: string, id: string): Record<string, Cell> | null {
    return this.tables.get(`SELECT * FROM ${quote(object)} WHERE "Id" = ?`, [id]);
  }

  insert(object: ObjectSpec, row: Record<string, Cell>): void {
    let ready = this.#inserts.get(object.name);
    if (!ready) {
      const stored = object.fields.filter((f) => !f.derived);
      ready = { sql: insertSql(object.name, stored), stored };
      this.#inserts.set(object.name, ready);
    }
    const values = ready.stored.map((f) => row[f.name] ?? (f.type === 'boolean' ? 0 : null));
    this.tables.run(ready.sql, values);
  }

  update(object: string, id: string, set: Record<string, Cell>): void {
    const names = Object.keys(set);
    if (names.length === 0) return;
    const assign = names.map((n) => `${quote(n)} = ?`).join(', ');
    this.tables.run(`UPDATE ${quote(object)} SET ${assign} WHERE "Id" = ?`, [...Object.values(set), id]);
  }

  /** Activities dated before this day are archived. */
  archiveDay(): string {
    return new Date(Math.floor(this.world.now() / DAY) * DAY - YEAR).toISOString().slice(0, 10);
  }

  /** Without View All Data, records of owners up to this id are shared with the integration user. */
  sharedUpTo(): string {
    return userId(Math.floor(this.world.users.length / 2));
  }

  /** Every stored row of an object with every field, hidden ones too, in REST's value forms. */
  plainRows(name: string): Record<string, unknown>[] {
    const object = this.object(name);
    if (!object) throw new Error(`No such object: ${name}`);
    const stored = object.fields.filter((f) => !f.derived);
    return this.tables
      .all(`SELECT * FROM ${quote(object.name)} ORDER BY "Id"`)
      .map((row) => Object.fromEntries(stored.map((f) => [f.name, toJson(f, row[f.name] ?? null)])));
  }
}

export function anyField(object: ObjectSpec, name: string): Field | null {
  const wanted = name.toLowerCase();
  return object.fields.find((f) => f.name.toLowerCase() === wanted) ?? null;
}

const column = (f: Field) => ({
  name: f.name,
  type: cellType(f),
  ...(collates(f) ? { collate: 'NOCASE' as const } : {}),
});
const insertSql = (table: string, stored: Field[]): string =>
  `INSERT INTO ${quote(table)} (${stored.map((f) => quote(f.name)).join(', ')}) VALUES (${stored.map(() => '?').join(', ')})`;
