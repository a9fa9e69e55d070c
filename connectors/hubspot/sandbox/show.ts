import type { History, Version } from './history.ts';
import type { Links } from './links.ts';
import type { PropertyTable } from './properties.ts';
import { stampText } from './property-values.ts';
import type { Rec } from './store.ts';
import { systemProperties, TYPES, type TypeName } from './types.ts';

export interface Asked {
  properties: string[];
  history?: string[];
  /** Object types whose associated ids are asked for. */
  associations?: TypeName[];
}
/** A record as the vendor's JSON. */
export interface Shown {
  id: string;
  properties: Record<string, string | null>;
  propertiesWithHistory?: Record<string, Version[]>;
  createdAt: string;
  updatedAt: string;
  archived: boolean;
  archivedAt?: string;
  associations?: Record<string, unknown>;
}

/** Ids beyond this many are left to the associations API. */
const MAX_INLINE = 100;

export class Show {
  readonly definitions: PropertyTable;
  readonly #history: History;
  readonly #links: Links;

  constructor(definitions: PropertyTable, history: History, links: Links) {
    this.definitions = definitions;
    this.#history = history;
    this.#links = links;
  }

  /** Properties that do not exist are left out without a word; those without a value are null. */
  record(rec: Rec, { properties, history = [], associations = [] }: Asked): Shown {
    const known = (name: string): boolean => this.definitions.find(rec.type, name) !== null;
    const names = new Set([...properties.filter(known), ...systemProperties(rec.type)]);
    const past = [...new Set(history.filter(known))];
    const linked = Object.fromEntries(
      associations.flatMap((to) => {
        const shown = this.#inline(rec, to);
        return shown ? [[to, shown]] : [];
      }),
    );
    return {
      id: String(rec.id),
      properties: Object.fromEntries([...names, ...past].map((name) => [name, valueIn(rec, name)])),
      ...(past.length > 0 ? { propertiesWithHistory: this.#history.of(rec, past) } : {}),
      createdAt: new Date(rec.created).toISOString(),
      updatedAt: new Date(rec.updated).toISOString(),
      archived: rec.archivedAt !== null,
      ...(rec.archivedAt === null ? {} : { archivedAt: new Date(rec.archivedAt).toISOString() }),
      ...(Object.keys(linked).length > 0 ? { associations: linked } : {}),
    };
  }

  /** Each association type of a record is an entry of its own, labelled ones included. */
  #inline(rec: Rec, to: TypeName): unknown {
    const all = this.#links.of(rec.type, rec.id, to);
    if (all.length === 0) return null;
    const page = all.slice(0, MAX_INLINE);
    const results = page.flatMap(({ id, types }) =>
      types.map((type) => ({ id: String(id), type: nameOf(rec.type, to, type.label) })),
    );
    if (all.length <= MAX_INLINE) return { results };
    const after = String(page.at(-1)?.id);
    const link = `https://api.hubapi.com/crm/v3/objects/${rec.type}/${rec.id}/associations/${to}?after=${after}&limit=500`;
    return { results, paging: { next: { after, link } } };
  }
}

/** "company_to_deal", "contact_to_company_unlabeled"; a label of the customer's own by its words. */
function nameOf(from: TypeName, to: TypeName, label: string | null): string {
  const base = `${TYPES[from].singular}_to_${TYPES[to].singular}`;
  if (label === null) return `${base}_unlabeled`;
  return label === 'Primary' ? base : label.toLowerCase().replaceAll(' ', '_');
}

/** A property's value as text, also of those that the system keeps. */
export function valueIn(rec: Rec, name: string): string | null {
  const { stamp, created } = TYPES[rec.type];
  if (name === 'hs_object_id') return String(rec.id);
  if (name === stamp) return stampText(rec.updated);
  if (name === created || name === 'hs_createdate') return stampText(rec.created);
  return rec.props[name] ?? null;
}
