import { type Cell, quote, Tables } from '../../../src/sandbox/kit-tables.ts';
import type { World } from '../../../src/sandbox/world.types.ts';
import type { Props } from './change.ts';
import { FIRST_NEW, ownerIds } from './keys.ts';
import { stateOf } from './pipelines.ts';
import { HOME_TYPES, type Home, homesOf, TYPE_NAMES, type TypeName } from './types.ts';

export interface Rec {
  type: TypeName;
  id: number;
  created: number;
  /** The watermark: hs_lastmodifieddate, of contacts lastmodifieddate. */
  updated: number;
  archivedAt: number | null;
  /** What the world says that it belongs to; other associations are links. */
  homes: Partial<Record<Home, number>>;
  /** Properties that have a value. */
  props: Record<string, string>;
}
/** Who changed a property, for its history. */
export type Source = 'CRM_UI' | 'INTEGRATION' | `userId:${number}`;

/** One portal: its records, who owns them, and what its search index has not seen yet. */
export class Portal {
  readonly tables = new Tables();
  readonly world: World;
  /** How long after a write the search index shows it, in ms. */
  readonly #searchLag: () => number;
  /** World user key → owner id. */
  readonly owners: Map<string, string>;
  #next = FIRST_NEW;

  constructor(world: World, searchLag: () => number) {
    this.world = world;
    this.#searchLag = searchLag;
    this.owners = ownerIds(world);
    for (const type of TYPE_NAMES) {
      const numbers = ['id', 'created', 'updated', 'archived_at', ...homesOf(type)];
      const columns = numbers.map((name) => ({ name, type: 'INTEGER' as const }));
      this.tables.create(type, [...columns, { name: 'props', type: 'TEXT' }], 'id');
    }
    const text = (name: string) => ({ name, type: 'TEXT' as const });
    const number = (name: string) => ({ name, type: 'INTEGER' as const });
    const stamps = [number('id'), number('created'), number('updated')];
    this.tables.create('unindexed', [text('key'), text('type'), ...stamps, text('props'), number('until')], 'key');
    this.tables.index('unindexed', ['until']); // every call looks for what the search index has seen meanwhile
    this.tables.create('merged', [number('loser'), number('winner')], 'loser');
    const entry = [number('seq'), text('type'), number('id'), number('at'), text('props'), text('source')];
    this.tables.create('history', entry, 'seq');
    this.tables.index('history', ['type', 'id']);
  }

  now(): number {
    return this.world.now();
  }

  /** Indexes are made after the first load, when that is cheaper. */
  index(): void {
    for (const type of TYPE_NAMES) {
      this.tables.index(type, ['updated', 'id']);
      for (const home of homesOf(type)) this.tables.index(type, [home]);
    }
  }

  newId(): number {
    this.#next += 1;
    return this.#next;
  }

  /** The record of that id, archived ones too; the id of a merged company finds the one that it went into. */
  read(type: TypeName, id: number): Rec | null {
    const row = this.tables.get(`SELECT * FROM ${quote(type)} WHERE id = ?`, [id]);
    if (row) return recordOf(type, row);
    const winner = type === 'companies' ? this.winnerOf(id) : null;
    return winner === null ? null : this.read(type, winner);
  }

  winnerOf(loser: number): number | null {
    const row = this.tables.get('SELECT winner FROM merged WHERE loser = ?', [loser]);
    return row ? Number(row.winner) : null;
  }

  insert(rec: Rec): void {
    const homes = homesOf(rec.type);
    const columns = ['id', 'created', 'updated', 'archived_at', ...homes, 'props'];
    if (rec.type === 'deals') Object.assign(rec.props, stateOf(rec.props.dealstage));
    this.tables.run(
      `INSERT INTO ${quote(rec.type)} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
      [rec.id, rec.created, rec.updated, rec.archivedAt, ...homes.map((h) => rec.homes[h] ?? null), json(rec.props)],
    );
  }

  /** As `insert`, of something that happens while the portal runs: the search index learns of it later. */
  add(rec: Rec): void {
    this.#lag(rec.type, rec.id, null, rec.created);
    this.insert(rec);
  }

  /** Changes properties at an instant; null and '' clear. Returns what the record is then. */
  change(rec: Rec, set: Props, at: number): Rec {
    const props = merged(rec.type, rec.props, set);
    const updated = Math.max(rec.updated, at);
    this.#lag(rec.type, rec.id, rec, at);
    this.tables.run(`UPDATE ${quote(rec.type)} SET updated = ?, props = ? WHERE id = ?`, [
      updated,
      json(props),
      rec.id,
    ]);
    return { ...rec, updated, props };
  }

  archive(rec: Rec, at: number): void {
    this.#lag(rec.type, rec.id, rec, at);
    this.tables.run(`UPDATE ${quote(rec.type)} SET archived_at = ?, updated = ? WHERE id = ?`, [at, at, rec.id]);
  }

  /** One company goes into another: its children and its id do, the record itself is gone. */
  merge(winner: Rec, loser: number, at: number): void {
    const gone = this.tables.get('SELECT * FROM companies WHERE id = ?', [loser]);
    if (gone) this.#lag('companies', loser, recordOf('companies', gone), at);
    const before = gone ? (recordOf('companies', gone).props.hs_merged_object_ids ?? '') : '';
    const ids = [winner.props.hs_merged_object_ids, before, String(loser)].filter((text) => text);
    const told = { hs_merged_object_ids: ids.join(';') };
    this.change(winner, told, at);
    this.remember(winner, told, at, 'CRM_UI');
    this.tables.run('DELETE FROM companies WHERE id = ?', [loser]);
    this.tables.run('UPDATE merged SET winner = ? WHERE winner = ?', [winner.id, loser]);
    this.tables.run('INSERT OR REPLACE INTO merged (loser, winner) VALUES (?, ?)', [loser, winner.id]);
    for (const type of TYPE_NAMES)
      if (homesOf(type).includes('company'))
        this.tables.run(`UPDATE ${quote(type)} SET company = ? WHERE company = ?`, [winner.id, loser]);
  }

  /** Notes what the API wrote, for the history of the properties. */
  remember(rec: Rec, set: Props, at: number, source: Source): void {
    this.tables.run('INSERT INTO history (type, id, at, props, source) VALUES (?, ?, ?, ?, ?)', [
      rec.type,
      rec.id,
      at,
      JSON.stringify(set),
      source,
    ]);
  }

  /** Hides a record's latest state from search for a while, whatever the portal's own lag. */
  hide(rec: Rec, before: Rec | null, until: number): void {
    this.tables.run(
      `INSERT INTO unindexed (key, type, id, created, updated, props, until) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET until = MAX(until, excluded.until)`,
      [
        `${rec.type}/${rec.id}`,
        rec.type,
        rec.id,
        before?.created ?? null,
        before?.updated ?? null,
        before && before.archivedAt === null ? json(before.props) : null,
        until,
      ],
    );
  }

  /** Every record of a type, archived ones too. */
  all(type: TypeName): Rec[] {
    return this.tables.all(`SELECT * FROM ${quote(type)} ORDER BY id`).map((row) => recordOf(type, row));
  }

  #lag(type: TypeName, id: number, before: Rec | null, at: number): void {
    const until = at + this.#searchLag();
    if (until > this.now()) this.hide({ ...EMPTY, type, id }, before, until);
  }
}

const EMPTY: Rec = { type: 'companies', id: 0, created: 0, updated: 0, archivedAt: null, homes: {}, props: {} };

export function recordOf(type: TypeName, row: Record<string, Cell>): Rec {
  const homes: Rec['homes'] = {};
  for (const home of homesOf(type)) if (typeof row[home] === 'number') homes[home] = row[home];
  return {
    type,
    id: Number(row.id),
    created: Number(row.created),
    updated: Number(row.updated),
    archivedAt: row.archived_at == null ? null : Number(row.archived_at),
    homes,
    props: JSON.parse(String(row.props)) as Record<string, string>,
  };
}

/** Properties after a change. */
export function merged(type: TypeName, before: Record<string, string>, set: Props): Record<string, string> {
  const after = { ...before };
  for (const [name, value] of Object.entries(set)) {
    if (value === null || value === '') delete after[name];
    else after[name] = value;
  }
  return type === 'deals' && set.dealstage !== undefined ? { ...after, ...stateOf(after.dealstage) } : after;
}

/** A home's type by its name; the other way round of `HOME_TYPES`. */
export const homeOf = (type: TypeName): Home | null =>
  (Object.keys(HOME_TYPES) as Home[]).find((home) => HOME_TYPES[home] === type) ?? null;

const json = (props: Record<string, string>): string => JSON.stringify(props);
