import { z } from 'zod';
import { badValues, conflict, invalid, notFound } from './errors.ts';
import type { Links } from './links.ts';
import { hasStage } from './pipelines.ts';
import type { PropertyTable } from './properties.ts';
import { type Referenced, readValues } from './property-values.ts';
import type { RowFaults } from './row-faults.ts';
import type { Portal, Rec } from './store.ts';
import { TYPE_NAMES, TYPES, type TypeName } from './types.ts';

export const Id = z.union([z.string().min(1), z.int()]).transform(String);
export const Sent = z.record(z.string(), z.unknown());
export type Sent = z.infer<typeof Sent>;
export const Associations = z.array(
  z.object({
    to: z.object({ id: Id }),
    types: z.array(z.object({ associationCategory: z.string(), associationTypeId: z.int() })).min(1),
  }),
);
export type Associations = z.infer<typeof Associations>;

/** What a write of this type must bring along. */
const REQUIRED: Partial<Record<TypeName, string[]>> = {
  tasks: ['hs_timestamp'],
  calls: ['hs_timestamp'],
  emails: ['hs_timestamp', 'hs_email_direction'],
  meetings: ['hs_timestamp'],
  notes: ['hs_timestamp'],
  deals: ['dealname', 'dealstage'],
  tickets: ['subject', 'hs_pipeline_stage'],
};
const STAGES: Partial<Record<TypeName, [pipeline: string, stage: string, standard: string]>> = {
  deals: ['pipeline', 'dealstage', 'default'],
  tickets: ['hs_pipeline', 'hs_pipeline_stage', '0'],
};

interface Parts {
  portal: Portal;
  links: Links;
  properties: PropertyTable;
  /** Owners, stages and pipelines that values may name. */
  known: Referenced;
  faults: RowFaults;
}

/** Single writes, each whole or not at all. All throw ApiError. */
export class Writes {
  readonly #portal: Portal;
  readonly #links: Links;
  readonly #properties: PropertyTable;
  readonly #known: Referenced;
  readonly #faults: RowFaults;

  constructor({ portal, links, properties, known, faults }: Parts) {
    this.#portal = portal;
    this.#links = links;
    this.#properties = properties;
    this.#known = known;
    this.#faults = faults;
    portal.tables.create(
      'uniques',
      [
        { name: 'key', type: 'TEXT' },
        { name: 'id', type: 'INTEGER' },
      ],
      'key',
    );
  }

  /** The live record of that id. */
  existing(type: TypeName, id: string): Rec {
    const rec = this.find(type, id);
    if (rec) return rec;
    throw notFound('resource not found', { id: [id] });
  }

  find(type: TypeName, id: string): Rec | null {
    const rec = /^\d{1,15}$/.test(id) ? this.#portal.read(type, Number(id)) : null;
    return rec && rec.archivedAt === null ? rec : null;
  }

  /** The live record that holds a unique value. @throws ApiError 400 where the property is no key */
  holder(type: TypeName, idProperty: string, value: string): Rec | null {
    const email = type === 'contacts' && idProperty === 'email';
    if (!email && !this.#properties.find(type, idProperty)?.hasUniqueValue)
      throw invalid(`Invalid idProperty "${idProperty}": it is not a unique property of ${type}`);
    if (!email) {
      const row = this.#portal.tables.get('SELECT id FROM uniques WHERE key = ?', [keyOf(type, idProperty, value)]);
      return row ? this.find(type, String(row.id)) : null;
    }
    const row = this.#portal.tables.get(
      `SELECT id FROM contacts WHERE LOWER(json_extract(props, '$.email')) = ? AND archived_at IS NULL LIMIT 1`,
      [value.toLowerCase()],
    );
    return row ? this.find(type, String(row.id)) : null;
  }

  create(type: TypeName, sent: Sent, associations: Associations): Rec {
    const values = this.#values(type, sent);
    const missing = (REQUIRED[type] ?? []).filter((name) => !values[name]);
    if (missing.length > 0)
      throw badValues(
        missing.map((name) => ({ name, error: 'REQUIRED_FIELD', message: `Required property "${name}" is missing` })),
      );
    const [pipeline, , standard] = STAGES[type] ?? [];
    const props = pipeline && standard ? { [pipeline]: standard, ...values } : values;
    this.#checkStage(type, props);
    const targets = associations.map((one) => this.#target(type, one));
    this.#faults.write(
      targets.map((t) => String(t.target)),
      props,
    );
    this.#checkUnique(type, values, null);
    const at = this.#portal.now();
    const id = this.#portal.newId();
    const rec: Rec = { type, id, created: at, updated: at, archivedAt: null, homes: {}, props: withoutEmpty(props) };
    this.#portal.add(rec);
    this.#portal.remember(rec, props, at, 'INTEGRATION');
    this.#hold(rec, values);
    for (const { to, target, types } of targets) for (const link of types) this.#links.add(type, id, to, target, link);
    return this.#portal.read(type, id) ?? rec;
  }

  update(rec: Rec, sent: Sent): Rec {
    const values = this.#values(rec.type, sent);
    const after = { ...rec.props, ...values };
    this.#checkStage(rec.type, after);
    this.#faults.write([String(rec.id)], after);
    this.#checkUnique(rec.type, values, rec.id);
    const at = this.#portal.now();
    const changed = Object.fromEntries(Object.entries(values).filter(([name, v]) => v !== (rec.props[name] ?? '')));
    this.#release(rec, Object.keys(changed));
    const updated = this.#portal.change(rec, changed, at);
    this.#portal.remember(rec, changed, at, 'INTEGRATION');
    this.#hold(updated, changed);
    return updated;
  }

  /** Into the recycle bin; associations and unique values are free with it. */
  archive(rec: Rec): void {
    this.#portal.archive(rec, this.#portal.now());
  }

  #values(type: TypeName, sent: Sent): Record<string, string> {
    const { values, problems } = readValues((name) => this.#properties.find(type, name), sent, this.#known);
    if (problems.length > 0) throw badValues(problems);
    return values;
  }

  #checkStage(type: TypeName, props: Record<string, string>): void {
    const [pipeline = '', stage = ''] = STAGES[type] ?? [];
    const [at, in_] = [props[stage], props[pipeline]];
    if (!at || !in_ || hasStage(type, in_, at)) return;
    throw badValues([{ name: stage, error: 'INVALID_OPTION', message: `${at} is not a stage of pipeline ${in_}` }]);
  }

  #target(type: TypeName, { to, types }: Associations[number]) {
    const [first] = types;
    const toType = TYPE_NAMES.find((name) =>
      types.every((t) => this.#links.types.find(type, name, t.associationCategory, t.associationTypeId)),
    );
    if (!first || !toType)
      throw invalid(
        `One or more association types are not valid from ${TYPES[type].singular}: ${types.map((t) => t.associationTypeId)}`,
      );
    const target = this.find(toType, to.id);
    if (!target) throw invalid(`One or more associations are not valid: ${TYPES[toType].singular} ${to.id} not found`);
    const found = types.flatMap(
      (t) => this.#links.types.find(type, toType, t.associationCategory, t.associationTypeId) ?? [],
    );
    return { to: toType, target: target.id, types: found };
  }

  #checkUnique(type: TypeName, values: Record<string, string>, self: number | null): void {
    for (const [name, value] of Object.entries(values)) {
      if (value === '') continue;
      const email = type === 'contacts' && name === 'email';
      if (!email && !this.#properties.find(type, name)?.hasUniqueValue) continue;
      const other = this.holder(type, name, value);
      if (!other || other.id === self) continue;
      if (email) throw conflict(`Contact already exists. Existing ID: ${other.id}`);
      throw conflict(`Property values were not valid: ${name} ${value} is already held by record ${other.id}`, {
        propertyName: [name],
        id: [String(other.id)],
      });
    }
  }

  #hold(rec: Rec, values: Record<string, string>): void {
    for (const [name, value] of Object.entries(values))
      if (value !== '' && this.#properties.find(rec.type, name)?.hasUniqueValue)
        this.#portal.tables.run('INSERT OR REPLACE INTO uniques (key, id) VALUES (?, ?)', [
          keyOf(rec.type, name, value),
          rec.id,
        ]);
  }

  #release(rec: Rec, names: string[]): void {
    for (const name of names) {
      const value = rec.props[name];
      if (value !== undefined && this.#properties.find(rec.type, name)?.hasUniqueValue)
        this.#portal.tables.run('DELETE FROM uniques WHERE key = ?', [keyOf(rec.type, name, value)]);
    }
  }
}

const keyOf = (type: TypeName, name: string, value: string): string => JSON.stringify([type, name, value]);
const withoutEmpty = (props: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(props).filter(([, value]) => value !== ''));
