import { type Cell, quote } from '../../../src/sandbox/kit-tables.ts';
import { checkPermission, derive } from './derive.ts';
import { ApiError, RowError } from './errors.ts';
import type { Field } from './field.ts';
import { parseId } from './ids.ts';
import type { ObjectSpec } from './object.ts';
import { anyField, type Org } from './org.ts';
import { cellOf } from './values-in.ts';

type Row = Record<string, Cell>;
export type Json = Record<string, unknown>;

/** Rows whose repeat is a duplicate even without a unique field. */
const NATURAL_KEYS: Record<string, string[]> = {
  ObjectPermissions: ['ParentId', 'SobjectType'],
  FieldPermissions: ['ParentId', 'Field'],
  PermissionSetAssignment: ['PermissionSetId', 'AssigneeId'],
};

/** Inserts a record and returns its id. Throws RowError, or ApiError where the whole request is unreadable. */
export function createRecord(org: Org, object: ObjectSpec, json: Json): string {
  if (!object.createable)
    throw new RowError('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', `entity type cannot be inserted: ${object.name}`);
  const given = cells(org, object, json, 'createable');
  const row: Row = { ...defaults(org, object), ...given };
  const missing = object.fields.filter(
    (f) => !f.nillable && f.createable && f.type !== 'boolean' && row[f.name] == null,
  );
  if (missing.length > 0) throw requiredMissing(missing);
  checkReferences(org, object, row, Object.keys(given));
  checkPermission(org, object, row);
  checkUnique(org, object, row, null);
  const at = org.now();
  const id = org.newId(object);
  Object.assign(row, derive(org, object, row), {
    Id: id,
    CreatedDate: at,
    LastModifiedDate: at,
    SystemModstamp: at,
    CreatedById: org.userId,
    LastModifiedById: org.userId,
  });
  org.insert(object, row);
  written(org, object, row);
  return id;
}

/** Changes the given fields of a record. */
export function updateRecord(org: Org, object: ObjectSpec, id: string, json: Json): void {
  if (!object.updateable)
    throw new RowError('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', `entity type cannot be updated: ${object.name}`);
  const given = cells(org, object, json, 'updateable');
  const before = existing(org, object, id);
  const emptied = object.fields.filter((f) => !f.nillable && f.name in given && given[f.name] === null);
  if (emptied.length > 0) throw requiredMissing(emptied);
  const after: Row = { ...before, ...given };
  checkReferences(org, object, after, Object.keys(given));
  checkPermission(org, object, after);
  checkUnique(org, object, after, String(before.Id));
  const set = { ...given, ...stamps(org, object), ...derive(org, object, after) };
  org.update(object.name, String(before.Id), set);
  written(org, object, { ...after, ...set });
}

/** Soft delete where the object has a recycle bin, else for good. */
export function deleteRecord(org: Org, object: ObjectSpec, id: string): void {
  if (!object.deletable)
    throw new RowError('INSUFFICIENT_ACCESS_OR_READONLY', `entity cannot be deleted: ${object.name}`);
  const row = existing(org, object, id);
  if (object.recycles) org.update(object.name, String(row.Id), { IsDeleted: 1, ...stamps(org, object) });
  else org.tables.run(`DELETE FROM ${quote(object.name)} WHERE "Id" = ?`, [row.Id ?? null]);
  written(org, object, row);
}

/** The live record, or the vendor's row error for an id that is malformed, unknown or deleted. */
export function existing(org: Org, object: ObjectSpec, id: string): Row {
  const full = parseId(id);
  if (full === null || !full.startsWith(object.prefix)) {
    throw new RowError('MALFORMED_ID', `${object.name} ID: id value of incorrect type: ${id}`, ['Id']);
  }
  const row = org.row(object.name, full);
  if (!row) throw new RowError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id');
  if (row.IsDeleted === 1) throw new RowError('ENTITY_IS_DELETED', 'entity is deleted');
  return row;
}

function cells(org: Org, object: ObjectSpec, json: Json, right: 'createable' | 'updateable'): Row {
  const row: Row = {};
  const refused: string[] = [];
  for (const [key, value] of Object.entries(json)) {
    if (key === 'attributes' || key.toLowerCase() === 'id') continue;
    const f = anyField(object, key);
    if (!f) throw new ApiError(400, 'INVALID_FIELD', `No such column '${key}' on sobject of type ${object.name}`);
    if (!f[right] || !org.access.editable(object.name, f)) refused.push(f.name);
    else row[f.name] = cellOf(f, value);
  }
  if (refused.length === 0) return row;
  throw new RowError(
    'INVALID_FIELD_FOR_INSERT_UPDATE',
    `Unable to create/update fields: ${refused.join(', ')}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
    refused,
  );
}

function defaults(org: Org, object: ObjectSpec): Row {
  const row: Row = {};
  for (const f of object.fields) {
    if (f.defaultValue !== null)
      row[f.name] = typeof f.defaultValue === 'boolean' ? Number(f.defaultValue) : f.defaultValue;
    if (f.name === 'OwnerId') row.OwnerId = org.userId;
    if (f.name === 'CurrencyIsoCode') row.CurrencyIsoCode = 'USD';
  }
  return row;
}

function stamps(org: Org, object: ObjectSpec): Row {
  const at = org.now();
  const all: Row = { SystemModstamp: at, LastModifiedDate: at, LastModifiedById: org.userId };
  return Object.fromEntries(Object.entries(all).filter(([name]) => anyField(object, name)));
}

function checkReferences(org: Org, object: ObjectSpec, row: Row, given: string[]): void {
  for (const name of given) {
    const f = anyField(object, name);
    const id = row[name];
    if (f?.type !== 'reference' || typeof id !== 'string') continue;
    const target = org.ownerOf(id);
    if (!target || !f.referenceTo.includes(target.name)) {
      throw new RowError('FIELD_INTEGRITY_EXCEPTION', `${f.label}: id value of incorrect type: ${id}`, [f.name]);
    }
    const found = org.row(target.name, id);
    if (!found) throw new RowError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', [f.name]);
    if (found.IsDeleted === 1) throw new RowError('ENTITY_IS_DELETED', 'entity is deleted', [f.name]);
    if (f.name === 'OwnerId' && found.IsActive === 0) {
      const kind = object.name === 'Task' || object.name === 'Event' ? 'case/task' : object.name.toLowerCase();
      throw new RowError(
        'INACTIVE_OWNER_OR_USER',
        `operation performed with inactive user [${id.slice(0, 15)}] as owner of ${kind}`,
        [f.name],
      );
    }
  }
}

/** Unique values bind also over the recycle bin, and an activity field over tasks and events together. */
function checkUnique(org: Org, object: ObjectSpec, row: Row, self: string | null): void {
  for (const f of object.fields) {
    if (!f.unique || row[f.name] == null) continue;
    for (const table of sharing(org, object, f)) {
      const sql = `SELECT "Id" FROM ${quote(table)} WHERE ${quote(f.name)} = ? AND "Id" IS NOT ? LIMIT 1`;
      const other = org.tables.get(sql, [row[f.name] ?? null, self]);
      if (other) throw duplicate(f.name, String(other.Id));
    }
  }
  const key = NATURAL_KEYS[object.name];
  if (!key) return;
  const sql = `SELECT "Id" FROM ${quote(object.name)} WHERE ${key.map((k) => `${quote(k)} = ?`).join(' AND ')} AND "Id" IS NOT ? LIMIT 1`;
  const other = org.tables.get(sql, [...key.map((k) => row[k] ?? null), self]);
  if (other) throw duplicate(key.join(','), String(other.Id));
}

function sharing(org: Org, object: ObjectSpec, f: Field): string[] {
  if (object.name !== 'Task' && object.name !== 'Event') return [object.name];
  return ['Task', 'Event'].filter((name) => org.object(name)?.fields.some((x) => x.name === f.name));
}

/** Consequences of a write elsewhere: grants are read anew, and an account's stamp moves with its activities. */
function written(org: Org, object: ObjectSpec, row: Row): void {
  if (['PermissionSet', 'FieldPermissions', 'ObjectPermissions', 'PermissionSetAssignment'].includes(object.name))
    org.access.forget();
  if ((object.name === 'Task' || object.name === 'Event') && typeof row.AccountId === 'string') {
    org.update('Account', row.AccountId, { SystemModstamp: org.now() });
  }
}

const requiredMissing = (fields: Field[]): RowError => {
  const names = fields.map((f) => f.name);
  return new RowError('REQUIRED_FIELD_MISSING', `Required fields are missing: [${names.join(', ')}]`, names);
};
const duplicate = (what: string, id: string): RowError =>
  new RowError(
    'DUPLICATE_VALUE',
    `duplicate value found: ${what} duplicates value on record with id: ${id.slice(0, 15)}`,
  );
