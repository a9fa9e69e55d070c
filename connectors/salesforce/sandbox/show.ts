import { ApiError } from './errors.ts';
import type { Field } from './field.ts';
import type { ObjectSpec } from './object.ts';
import type { Org } from './org.ts';
import { toJson } from './values.ts';

export type Selected = Field[];

/** The wanted fields (all visible ones where none are named); unknown and hidden ones refuse the request. */
export function selectFields(org: Org, object: ObjectSpec, names: string[]): Selected {
  if (names.length === 0) return org.fields(object).filter((f) => !f.derived);
  return names.map((name) => {
    const f = org.field(object, name.trim());
    if (!f) throw new ApiError(400, 'INVALID_FIELD', `No such column '${name}' on sobject of type ${object.name}`);
    return f;
  });
}

/** A live record in REST form, or null. */
export function showRecord(
  org: Org,
  object: ObjectSpec,
  id: string,
  fields: Selected,
  version: string,
): Record<string, unknown> | null {
  const row = org.row(object.name, id);
  if (!row || row.IsDeleted === 1) return null;
  const url = `/services/data/v${version}/sobjects/${object.name}/${id}`;
  const shown = fields.map((f) => [f.name, f.derived ? null : toJson(f, row[f.name] ?? null)]);
  return { attributes: { type: object.name, url }, ...Object.fromEntries(shown), Id: id };
}
