import type { Tables } from '../../../src/sandbox/kit-tables.ts';
import type { Field } from './field.ts';

interface Grant {
  read: boolean;
  edit: boolean;
}

/**
 * What the integration user may see, from the permission rows themselves. A field made through the metadata API is
 * visible to nobody until a permission set that is assigned to the user grants it.
 */
export class Access {
  readonly #tables: Tables;
  readonly #user: string;
  #grants: Map<string, Grant> | null = null;
  #rights: Map<string, boolean> = new Map();

  constructor(tables: Tables, user: string) {
    this.#tables = tables;
    this.#user = user;
  }

  /** Permission rows changed. */
  forget(): void {
    this.#grants = null;
    this.#rights = new Map();
  }

  readable(object: string, f: Field): boolean {
    return !f.secured || (this.#grant(object, f.name)?.read ?? false);
  }

  editable(object: string, f: Field): boolean {
    return !f.secured || (this.#grant(object, f.name)?.edit ?? false);
  }

  /** A right of the user ("ViewAllData") through any assigned permission set. */
  has(right: 'ViewAllData' | 'ModifyMetadata' | 'ModifyAllData' | 'ApiEnabled'): boolean {
    const known = this.#rights.get(right);
    if (known !== undefined) return known;
    const row = this.#tables.get(
      `SELECT COUNT(*) AS n FROM "PermissionSet" p JOIN "PermissionSetAssignment" a ON a."PermissionSetId" = p."Id"
       WHERE a."AssigneeId" = ? AND p."Permissions${right}" = 1`,
      [this.#user],
    );
    const answer = Number(row?.n ?? 0) > 0;
    this.#rights.set(right, answer);
    return answer;
  }

  #grant(object: string, name: string): Grant | undefined {
    this.#grants ??= this.#load();
    return this.#grants.get(`${object}.${name}`.toLowerCase());
  }

  #load(): Map<string, Grant> {
    const grants = new Map<string, Grant>();
    const rows = this.#tables.all(
      `SELECT f."Field" AS field, MAX(f."PermissionsRead") AS read, MAX(f."PermissionsEdit") AS edit
       FROM "FieldPermissions" f JOIN "PermissionSetAssignment" a ON a."PermissionSetId" = f."ParentId"
       WHERE a."AssigneeId" = ? GROUP BY lower(f."Field")`,
      [this.#user],
    );
    for (const row of rows) grants.set(String(row.field).toLowerCase(), { read: row.read === 1, edit: row.edit === 1 });
    return grants;
  }
}
