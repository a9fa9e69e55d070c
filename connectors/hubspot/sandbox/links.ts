import { quote } from '../../../src/sandbox/kit-tables.ts';
import { type LinkType, LinkTypes } from './link-types.ts';
import { homeOf, type Portal } from './store.ts';
import { HOME_TYPES, homesOf, type TypeName } from './types.ts';

/** One associated record, and as what. */
export interface Linked {
  id: number;
  types: LinkType[];
}

/**
 * Who belongs to whom. What the world says stands on the records as their homes; what comes beside that (roles, associations made
 * through the API) are links, kept in both directions. No association moves anybody's stamp.
 */
export class Links {
  readonly types = new LinkTypes();
  readonly #portal: Portal;

  constructor(portal: Portal) {
    this.#portal = portal;
    const text = (name: string) => ({ name, type: 'TEXT' as const });
    const number = (name: string) => ({ name, type: 'INTEGER' as const });
    const columns = [text('key'), text('from_type'), number('from_id'), text('to_type'), number('to_id')];
    portal.tables.create('links', [...columns, text('category'), number('type_id')], 'key');
    portal.tables.index('links', ['from_id', 'from_type', 'to_type']);
  }

  /** Records of type `to` that are associated with one, by id; archived ones are not. */
  of(from: TypeName, id: number, to: TypeName): Linked[] {
    const found = new Map<number, Set<LinkType>>();
    const all = this.types.between(from, to);
    const note = (target: number, types: (LinkType | undefined)[]): void => {
      const known = found.get(target) ?? new Set<LinkType>();
      for (const type of types) if (type) known.add(type);
      found.set(target, known);
    };
    const homely = all.filter((t) => t.category === 'HUBSPOT_DEFINED');
    for (const target of this.#homes(from, id, to)) note(target, homely);
    const rows = this.#portal.tables.all(
      'SELECT to_id, category, type_id FROM links WHERE from_id = ? AND from_type = ? AND to_type = ?',
      [id, from, to],
    );
    for (const row of rows) {
      const type = all.find((t) => t.category === row.category && t.typeId === row.type_id);
      // The vendor shows the plain type with every labelled one.
      note(Number(row.to_id), [all[0], type]);
    }
    return [...found]
      .filter(([target]) => this.#live(to, target))
      .sort(([a], [b]) => a - b)
      .map(([target, types]) => ({ id: target, types: all.filter((t) => types.has(t)) }));
  }

  /** Associates two records, in both directions; again = no change. */
  add(from: TypeName, id: number, to: TypeName, target: number, type: LinkType): void {
    this.#insert(from, id, to, target, type);
    this.#insert(to, target, from, id, this.types.inverse(from, to, type));
  }

  /** A role of the world: a label between a deal and a contact. */
  label(deal: number, contact: number, label: string): void {
    const type = this.types.labelled('deals', 'contacts', label) ?? this.types.define('deals', 'contacts', label)[0];
    this.add('deals', deal, 'contacts', contact, type);
  }

  /** Takes every association of two records away, or those of some types only. */
  remove(from: TypeName, id: number, to: TypeName, target: number, types: LinkType[] | null = null): void {
    const { tables } = this.#portal;
    if (types === null) {
      const sql = 'DELETE FROM links WHERE from_type = ? AND from_id = ? AND to_type = ? AND to_id = ?';
      tables.run(sql, [from, id, to, target]);
      tables.run(sql, [to, target, from, id]);
      this.#leave(from, id, to, target);
      this.#leave(to, target, from, id);
      return;
    }
    for (const type of types) {
      tables.run('DELETE FROM links WHERE key = ?', [keyOf(from, id, to, target, type)]);
      const back = this.types.inverse(from, to, type);
      tables.run('DELETE FROM links WHERE key = ?', [keyOf(to, target, from, id, back)]);
    }
  }

  /** Every record of a type with its properties and, by home, whom it belongs to: for proofs. */
  rows(type: TypeName): Record<string, unknown>[] {
    return this.#portal.all(type).map(({ id, archivedAt, props, created, updated }) => {
      const homes = homesOf(type).map((home) => [
        home,
        this.of(type, id, HOME_TYPES[home]).map((one) => String(one.id)),
      ]);
      const own = { id: String(id), archived: archivedAt !== null, createdAt: created, updatedAt: updated };
      return { ...own, ...Object.fromEntries(homes), ...props };
    });
  }

  #homes(from: TypeName, id: number, to: TypeName): number[] {
    const { tables } = this.#portal;
    const own = homeOf(to);
    if (own && homesOf(from).includes(own)) {
      const row = tables.get(`SELECT ${own} AS target FROM ${quote(from)} WHERE id = ?`, [id]);
      return row?.target == null ? [] : [Number(row.target)];
    }
    const theirs = homeOf(from);
    if (!theirs || !homesOf(to).includes(theirs)) return [];
    return tables.all(`SELECT id FROM ${quote(to)} WHERE ${theirs} = ?`, [id]).map((row) => Number(row.id));
  }

  #leave(from: TypeName, id: number, to: TypeName, target: number): void {
    const own = homeOf(to);
    if (own && homesOf(from).includes(own))
      this.#portal.tables.run(`UPDATE ${quote(from)} SET ${own} = NULL WHERE id = ? AND ${own} = ?`, [id, target]);
  }

  #insert(from: TypeName, id: number, to: TypeName, target: number, type: LinkType): void {
    this.#portal.tables.run(
      `INSERT OR IGNORE INTO links (key, from_type, from_id, to_type, to_id, category, type_id) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      [keyOf(from, id, to, target, type), from, id, to, target, type.category, type.typeId],
    );
  }

  #live(type: TypeName, id: number): boolean {
    const sql = `SELECT 1 AS live FROM ${quote(type)} WHERE id = ? AND archived_at IS NULL`;
    return this.#portal.tables.get(sql, [id]) !== null;
  }
}

const keyOf = (from: TypeName, id: number, to: TypeName, target: number, type: LinkType): string =>
  `${from}/${id}/${to}/${target}/${type.category}/${type.typeId}`;
