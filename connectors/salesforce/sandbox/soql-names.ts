import { quote } from '../../../src/sandbox/kit-tables.ts';
import { ApiError } from './errors.ts';
import type { Field } from './field.ts';
import type { ObjectSpec } from './object.ts';
import type { Org } from './org.ts';

/** Through a polymorphic relationship (Task.Owner, Who, What) only these common fields can be read. */
const POLYMORPHIC = new Set([
  'id',
  'name',
  'type',
  'email',
  'isactive',
  'username',
  'firstname',
  'lastname',
  'title',
  'profileid',
  'userroleid',
]);
const MAX_DEPTH = 5;

export interface Resolved {
  /** SQL of the value. */
  sql: string;
  field: Field;
  /** Names as the answer shows them: ["Owner", "Name"]. */
  path: string[];
  /** SQL of the parent's id, by which a missing parent is told. */
  parent: string | null;
}

/** Resolves field names of one query to SQL, adding a join for each relationship that is crossed. */
export class Names {
  readonly joins: string[] = [];
  readonly #org: Org;
  readonly #object: ObjectSpec;
  readonly #alias: string;
  readonly #root: string;
  readonly #known = new Map<string, { alias: string; object: ObjectSpec }>();

  constructor(org: Org, object: ObjectSpec, alias: string, root = 't') {
    this.#org = org;
    this.#object = object;
    this.#alias = alias.toLowerCase();
    this.#root = root;
  }

  /** "Owner.Manager.Name" → SQL. Throws INVALID_FIELD for what does not exist or is hidden. */
  resolve(name: string): Resolved {
    const parts = name.split('.');
    const first = parts[0]?.toLowerCase();
    if (parts.length > 1 && (first === this.#alias || first === this.#object.name.toLowerCase())) parts.shift();
    const last = parts.pop() ?? '';
    if (parts.length > MAX_DEPTH) throw malformed(`too many levels of relationships in ${name}`);
    let at = { alias: this.#root, object: this.#object };
    const path: string[] = [];
    let polymorphic = false;
    for (const part of parts) {
      const link = this.#org.fields(at.object).find((f) => f.relationshipName?.toLowerCase() === part.toLowerCase());
      if (!link) throw noRelationship(part);
      polymorphic = link.referenceTo.length > 1;
      path.push(link.relationshipName ?? part);
      at = this.#join(path.join('.').toLowerCase(), at, link);
    }
    const field = this.#org.field(at.object, last);
    if (!field || (polymorphic && !POLYMORPHIC.has(last.toLowerCase()))) {
      throw noColumn(last, polymorphic ? 'Name' : at.object.name);
    }
    const sql = field.derived ? field.derived(at.alias, this.#org.archiveDay()) : `${at.alias}.${quote(field.name)}`;
    const parent = parts.length > 0 ? `${at.alias}."Id"` : null;
    return { sql, field, path: [...path, field.name], parent };
  }

  /** The object type at the end of a relationship path, for `attributes` of nested rows. */
  typeOf(path: string[]): string {
    return this.#known.get(path.join('.').toLowerCase())?.object.name ?? this.#object.name;
  }

  #join(key: string, from: { alias: string; object: ObjectSpec }, link: Field): { alias: string; object: ObjectSpec } {
    const known = this.#known.get(key);
    if (known) return known;
    const object = this.#org.object(link.referenceTo[0] ?? '');
    if (!object) throw noRelationship(link.relationshipName ?? link.name);
    const made = { alias: `${this.#root}${this.#known.size + 1}`, object };
    this.joins.push(
      `LEFT JOIN ${quote(object.name)} ${made.alias} ON ${made.alias}."Id" = ${from.alias}.${quote(link.name)}`,
    );
    this.#known.set(key, made);
    return made;
  }
}

export const malformed = (message: string): ApiError => new ApiError(400, 'MALFORMED_QUERY', message);
export const noColumn = (name: string, entity: string): ApiError =>
  new ApiError(
    400,
    'INVALID_FIELD',
    `\nERROR at Row:1:Column:1\nNo such column '${name}' on entity '${entity}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
  );
const noRelationship = (name: string): ApiError =>
  new ApiError(
    400,
    'INVALID_FIELD',
    `Didn't understand relationship '${name}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`,
  );
