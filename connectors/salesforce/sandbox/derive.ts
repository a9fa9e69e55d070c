import type { Cell } from '../../../src/sandbox/kit-tables.ts';
import { RowError } from './errors.ts';
import type { ObjectSpec } from './object.ts';
import { STAGES } from './objects-crm.ts';
import type { Org } from './org.ts';
import { day } from './values.ts';

type Row = Record<string, Cell>;

/** What the system itself fills in when a record is written; `row` is the record as it will be. */
export function derive(org: Org, object: ObjectSpec, row: Row): Row {
  switch (object.name) {
    case 'Task':
      return task(org, row);
    case 'Event':
      return {
        AccountId: accountOf(org, row),
        ActivityDateTime: row.StartDateTime ?? null,
        ActivityDate: dayOf(row.StartDateTime),
      };
    case 'Contact':
      return { Name: [row.FirstName, row.LastName].filter((n) => n !== null && n !== undefined).join(' ') };
    case 'Opportunity':
      return opportunity(row);
    default:
      return {};
  }
}

function task(org: Org, row: Row): Row {
  const closed = row.Status === 'Completed' ? 1 : 0;
  return {
    AccountId: accountOf(org, row),
    IsClosed: closed,
    IsHighPriority: row.Priority === 'High' ? 1 : 0,
    TaskSubtype: row.TaskSubtype ?? 'Task',
    CompletedDateTime: closed ? (row.CompletedDateTime ?? org.now()) : null,
  };
}

/** AccountId of an activity comes from WhatId (an account or an opportunity), else from its contact. */
function accountOf(org: Org, row: Row): Cell {
  const what = typeof row.WhatId === 'string' ? row.WhatId : null;
  if (what?.startsWith('001')) return what;
  if (what?.startsWith('006')) return org.row('Opportunity', what)?.AccountId ?? null;
  if (typeof row.WhoId === 'string') return org.row('Contact', row.WhoId)?.AccountId ?? null;
  return null;
}

function opportunity(row: Row): Row {
  const stage = STAGES.find((s) => s.name === row.StageName);
  const closed = stage?.name.startsWith('Closed') ?? false;
  const probability = row.Probability ?? stage?.probability ?? null;
  return {
    IsClosed: closed ? 1 : 0,
    IsWon: stage?.name === 'Closed Won' ? 1 : 0,
    ForecastCategory: stage?.category ?? 'Pipeline',
    Probability: probability,
    ExpectedRevenue: row.Amount == null ? null : (Number(row.Amount) * Number(probability ?? 0)) / 100,
  };
}

const dayOf = (ms: Cell | undefined): Cell => (typeof ms === 'number' ? day(ms) : null);

/** Rules of the permission objects, without which a grant would be accepted here and refused by a real org. */
export function checkPermission(org: Org, object: ObjectSpec, row: Row): void {
  if (object.name === 'ObjectPermissions') {
    if (!org.object(String(row.SobjectType))) throw badSobject(row);
    const above = ['Create', 'Edit', 'Delete', 'ViewAllRecords', 'ModifyAllRecords'].filter(
      (p) => row[`Permissions${p}`] === 1,
    );
    if (above.length > 0 && row.PermissionsRead !== 1) throw depends(above[0] ?? '', 'Read', row.SobjectType);
    if (row.PermissionsDelete === 1 && row.PermissionsEdit !== 1) throw depends('Delete', 'Edit', row.SobjectType);
  }
  if (object.name === 'FieldPermissions') fieldPermission(org, row);
}

/** Activities have no object permission of their own on a real org: field grants on them need none. */
const WITHOUT_OBJECT_PERMISSION = new Set(['Task', 'Event']);

function fieldPermission(org: Org, row: Row): void {
  const target = org.object(String(row.SobjectType));
  if (!target) throw badSobject(row);
  const [prefix, name] = String(row.Field).split('.');
  const f = target.fields.find((x) => x.name === name);
  if (prefix !== target.name || !f) {
    throw new RowError(
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      `Field Name: bad value for restricted picklist field: ${row.Field}`,
      ['Field'],
    );
  }
  if (!f.nillable && !f.secured) {
    throw new RowError('FIELD_INTEGRITY_EXCEPTION', `You cannot deploy to a required field: ${row.Field}`, ['Field']);
  }
  if (row.PermissionsEdit === 1 && row.PermissionsRead !== 1) throw depends('Edit', 'Read', row.Field);
  if (WITHOUT_OBJECT_PERMISSION.has(target.name)) return;
  const held = org.tables.get(
    'SELECT "PermissionsRead" AS r FROM "ObjectPermissions" WHERE "ParentId" = ? AND "SobjectType" = ?',
    [row.ParentId ?? null, target.name],
  );
  if (held?.r !== 1) throw depends(`Field ${row.Field}`, 'Read', target.name);
}

const badSobject = (row: Row): RowError =>
  new RowError(
    'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
    `Sobject Type Name: bad value for restricted picklist field: ${row.SobjectType}`,
    ['SobjectType'],
  );
const depends = (what: string, on: string, of: Cell | undefined): RowError =>
  new RowError('FIELD_INTEGRITY_EXCEPTION', `Permission ${what} ${of} depends on permission(s): ${on} ${of}`);
