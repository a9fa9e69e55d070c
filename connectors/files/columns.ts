import { AccountRules, fieldsNamed } from '../../src/core/rules.ts';
import { columnsOf, type Entry, type FieldRef, refOf } from './mapping.ts';

/** Every column that an entry names, with where in the mapping. */
export function columnsNamed(entry: Entry): Map<string, string> {
  const named = new Map<string, string>();
  const add = (where: string, columns: string | string[] | undefined): void => {
    for (const column of [columns ?? []].flat()) named.set(column, where);
  };
  const addRef = (where: string, ref: string | FieldRef | undefined): void => {
    if (ref === undefined) return;
    add(where, columnsOf(refOf(ref)));
    add(`${where}.currency`, refOf(ref).currency);
  };
  addRef('account', entry.account);
  add('link.column', entry.link?.column);
  add('id', entry.id);
  if (typeof entry.observedAt === 'string') add('observedAt', entry.observedAt);
  else if (entry.observedAt && 'column' in entry.observedAt) add('observedAt', entry.observedAt.column);
  addRef('deleted', entry.deleted);
  for (const [name, ref] of Object.entries(entry.fields)) addRef(`fields.${name}`, ref);
  for (const [name, ref] of Object.entries(entry.metrics ?? {})) addRef(`metrics.${name}`, ref);
  if (Array.isArray(entry.attributes)) add('attributes', entry.attributes);
  if (entry.where) add('where', fieldsNamed(AccountRules.parse({ population: entry.where })));
  return named;
}
