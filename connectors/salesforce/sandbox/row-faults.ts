import { z } from 'zod';
import type { FaultList, KnownFault } from '../../../src/sandbox/kit-faults.ts';
import { quote } from '../../../src/sandbox/kit-tables.ts';
import type { FaultSpec } from '../../../src/sandbox/world.types.ts';
import { RowError } from './errors.ts';
import { parseId } from './ids.ts';
import type { ObjectSpec } from './object.ts';
import type { Org } from './org.ts';
import type { Json } from './records.ts';

/** Faults of this vendor beside those of the transport. `with` in brackets. */
export const VENDOR_FAULTS: Record<string, KnownFault> = {
  'expired-token': { help: 'the session ends: 401 INVALID_SESSION_ID until a new token is fetched' },
  'persistent-401': { help: '401 INVALID_SESSION_ID whatever the token', lasting: true },
  'token-refused': { help: 'the token endpoint answers invalid_grant' },
  'token-without-id': { help: 'the token reply lacks `id`' },
  'limit-exhausted': { help: '403 REQUEST_LIMIT_EXCEEDED', lasting: true },
  'invalid-locator': { help: 'a further page is refused: INVALID_QUERY_LOCATOR' },
  'query-timeout': { help: '400 QUERY_TIMEOUT' },
  'shrink-page': { help: 'a further page holds fewer rows [rows: 200]', lasting: true },
  'late-row': { help: 'a row takes its stamp now and becomes visible later [object, id, forMs]' },
  edited: { help: 'a person changes a record in the org itself, now [object, id, by: user id, set: field → value]' },
  purge: { help: 'a record and its children are gone for good, without a trace [object, id]' },
  'lock-row': { help: 'UNABLE_TO_LOCK_ROW on records of chosen accounts [ids]' },
  'trigger-cpu': { help: 'every record of a batch above [max] fails by Apex CPU time', lasting: true },
  validation: {
    help: 'FIELD_CUSTOM_VALIDATION_EXCEPTION on chosen records or accounts [ids, message?]',
    lasting: true,
  },
  'no-view-all': { help: 'View All Data is withdrawn: a share of the rows disappears', lasting: true },
};

const EDIT = z.object({
  object: z.string(),
  id: z.string(),
  by: z.string(),
  set: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
});

/** Faults that hit single records of a write. */
export class RowFaults {
  readonly #org: Org;
  readonly #faults: FaultList;
  #overloaded = false;

  constructor(org: Org, faults: FaultList) {
    this.#org = org;
    this.#faults = faults;
  }

  /** Once per batch: too many records make the trigger run out of time, for all of them. */
  batch(records: number, kind: string): void {
    this.#overloaded = this.#faults.take('trigger-cpu', kind, (data) => records > Number(data.max)) !== null;
  }

  /** Throws for a record that a fault has chosen by its own id or by that of its account. */
  check(object: ObjectSpec, id: string | null, json: Json, kind: string): void {
    if (this.#overloaded) {
      throw new RowError(
        'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
        `${object.name}HealthTrigger: System.LimitException: Apex CPU time limit exceeded`,
      );
    }
    if (!this.#faults.armed('lock-row') && !this.#faults.armed('validation')) return;
    const touched = this.#touched(id, json);
    const chosen = (data: Record<string, unknown>): boolean => idsIn(data).some((one) => touched.includes(one));
    if (this.#faults.take('lock-row', kind, chosen)) {
      throw new RowError(
        'UNABLE_TO_LOCK_ROW',
        `unable to obtain exclusive access to this record or 1 records: ${id ?? touched[0] ?? ''}`,
      );
    }
    const validation = this.#faults.take('validation', kind, chosen);
    if (validation) {
      throw new RowError(
        'FIELD_CUSTOM_VALIDATION_EXCEPTION',
        String(validation.with?.message ?? 'This account is frozen by Finance.'),
      );
    }
  }

  /** Carries out a fault that changes the org at once; called when it is added. */
  static onAdd(org: Org, spec: FaultSpec): void {
    if (spec.name === 'no-view-all') {
      org.tables.run('UPDATE "PermissionSet" SET "PermissionsViewAllData" = 0');
      org.tables.run('UPDATE "ObjectPermissions" SET "PermissionsViewAllRecords" = 0');
      org.access.forget();
    }
    if (spec.name === 'edited') {
      const { object, id, by, set } = EDIT.parse(spec.with);
      if (!org.row(object, id)) throw new Error('edited needs with.object and with.id of an existing row');
      const at = org.now();
      org.update(object, id, { ...set, SystemModstamp: at, LastModifiedDate: at, LastModifiedById: by });
    }
    if (spec.name === 'purge') {
      const object = org.object(String(spec.with?.object));
      const id = parseId(String(spec.with?.id));
      if (!object || !id || !org.row(object.name, id))
        throw new Error('purge needs with.object and with.id of an existing row');
      if (object.name === 'Account')
        for (const child of ['Contact', 'Opportunity', 'Task', 'Event'])
          org.tables.run(`DELETE FROM ${quote(child)} WHERE "AccountId" = ?`, [id]);
      org.tables.run(`DELETE FROM ${quote(object.name)} WHERE "Id" = ?`, [id]);
    }
    if (spec.name === 'late-row') {
      const object = org.object(String(spec.with?.object));
      const id = parseId(String(spec.with?.id));
      if (!object || !id || !org.row(object.name, id))
        throw new Error('late-row needs with.object and with.id of an existing row');
      org.update(object.name, id, { SystemModstamp: org.now() });
      const running = org.uncommitted.get(object.name) ?? new Map<string, number>();
      running.set(id, org.world.now() + Number(spec.with?.forMs ?? 60_000));
      org.uncommitted.set(object.name, running);
    }
  }

  #touched(id: string | null, json: Json): string[] {
    const own = id === null ? null : this.#org.ownerOf(id);
    const row = own && id ? this.#org.row(own.name, id) : null;
    const candidates = [id, json.WhatId, json.AccountId, row?.AccountId];
    return candidates.filter((c): c is string => typeof c === 'string').map((c) => parseId(c) ?? c);
  }
}

function idsIn(data: Record<string, unknown>): string[] {
  const ids = Array.isArray(data.ids) ? data.ids : [];
  return ids.map((one) => parseId(String(one)) ?? String(one));
}
