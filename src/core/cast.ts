import type { FactData, FactOf } from './fact.ts';
import type { People } from './model.ts';
import { satisfies } from './rules.ts';
import type { AccountView } from './view.ts';

/** Who is who among an account's people, by the model's marks. Ids are `source\nid`. */
export interface Cast {
  executives: Set<string>;
  champions: Set<string>;
  renewals: Set<string>;
}

export const idOf = (source: string, id: string): string => `${source}\n${id}`;

export type Person = { source: string; id: string };

/** Who is who in a view, by source and id. */
export function castOfView(view: AccountView, people: People): Record<keyof Cast, Person[]> {
  const cast = makeCast({ view, people });
  const persons = (ids: Set<string>): Person[] =>
    [...ids].map((key) => {
      const [source = '', ...id] = key.split('\n');
      return { source, id: id.join('\n') };
    });
  return { executives: persons(cast.executives), champions: persons(cast.champions), renewals: persons(cast.renewals) };
}

export function makeCast({ view, people }: { view: AccountView; people: People }): Cast {
  const cast: Cast = { executives: new Set(), champions: new Set(), renewals: new Set() };
  for (const { source, id, data } of view.states('contact')) {
    if (isMarked(data, people.executive)) cast.executives.add(idOf(source, id));
    if (isMarked(data, people.champion)) cast.champions.add(idOf(source, id));
  }
  for (const { source, data } of view.states('opportunityRole')) {
    if (!data.contactId || !data.role) continue;
    const id = idOf(source, data.contactId);
    if (names(data.role, people.executive.roles)) cast.executives.add(id);
    if (names(data.role, people.champion.roles)) cast.champions.add(id);
  }
  for (const deal of view.states('opportunity')) if (deal.data.renewal) cast.renewals.add(idOf(deal.source, deal.id));
  return cast;
}

/** By title, or by a raw field that tells a role. */
export const isMarked = (contact: FactData<'contact'>, marks: People['executive']): boolean =>
  names(contact.title ?? '', marks.titles) || inRole(contact, marks.roles);

export function inRole({ attributes }: FactData<'contact'>, roles: readonly string[]): boolean {
  if (!attributes || roles.length === 0) return false;
  return Object.entries(attributes).some(
    ([key, role]) => /role|persona/i.test(key) && names(String(role ?? ''), roles),
  );
}

/** Whether a contact is gone by what its record says: the model's rule, or mail that bounces. */
export function hasLeft(row: FactOf<'contact'>, people: People): boolean {
  return row.data.bounced === true || leftByRule(row, people);
}

export function leftByRule(row: FactOf<'contact'>, { left }: People): boolean {
  if (!left) return false;
  const data = row.data as Record<string, unknown>;
  return satisfies(left, (field) => data[field] ?? row.data.attributes?.[field]);
}

/** Titles and roles repeat over accounts: by the list of names, which texts hold one of them. */
const told = new WeakMap<readonly string[], Map<string, boolean>>();
const MOST_TOLD = 10_000;

/** Whether a text holds one of the names as whole words: "cto" is in "CTO, EMEA", not in "Director". */
export function names(text: string, wanted: readonly string[]): boolean {
  if (text === '' || wanted.length === 0) return false;
  let texts = told.get(wanted);
  if (!texts) {
    texts = new Map();
    told.set(wanted, texts);
  }
  const known = texts.get(text);
  if (known !== undefined) return known;
  const words = ` ${text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ')} `;
  const found = wanted.some((name) => words.includes(` ${name.toLowerCase()} `));
  if (texts.size >= MOST_TOLD) texts.clear();
  texts.set(text, found);
  return found;
}
