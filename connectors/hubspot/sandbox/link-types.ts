import { PRIMARY_LABEL } from './changes-people.ts';
import type { TypeName } from './types.ts';

export type Category = 'HUBSPOT_DEFINED' | 'USER_DEFINED';
/** One kind of association between two types, in one direction. */
export interface LinkType {
  category: Category;
  typeId: number;
  label: string | null;
}
interface Pair {
  from: TypeName;
  to: TypeName;
  /** Type ids there and back, of the plain association and of the primary one. */
  plain: [number, number];
  primary?: [number, number];
}

const pair = (from: TypeName, to: TypeName, there: number, back: number, primary?: [number, number]): Pair => ({
  from,
  to,
  plain: [there, back],
  ...(primary ? { primary } : {}),
});

/** The vendor's own association types between the portal's objects. */
const PAIRS: Pair[] = [
  pair('contacts', 'companies', 279, 280, [1, 2]),
  pair('deals', 'companies', 341, 342, [5, 6]),
  pair('tickets', 'companies', 339, 340, [26, 25]),
  pair('deals', 'contacts', 3, 4),
  pair('tickets', 'contacts', 16, 15),
  pair('deals', 'tickets', 27, 28),
  pair('deals', 'line_items', 19, 20),
  pair('notes', 'companies', 190, 189),
  pair('notes', 'contacts', 202, 201),
  pair('notes', 'deals', 214, 213),
  pair('notes', 'tickets', 228, 227),
  pair('tasks', 'companies', 192, 191),
  pair('tasks', 'contacts', 204, 203),
  pair('tasks', 'deals', 216, 215),
  pair('tasks', 'tickets', 230, 229),
  pair('meetings', 'companies', 188, 187),
  pair('meetings', 'contacts', 200, 199),
  pair('meetings', 'deals', 212, 211),
  pair('meetings', 'tickets', 226, 225),
  pair('calls', 'companies', 182, 181),
  pair('calls', 'contacts', 194, 193),
  pair('calls', 'deals', 206, 205),
  pair('calls', 'tickets', 220, 219),
  pair('emails', 'companies', 186, 185),
  pair('emails', 'contacts', 198, 197),
  pair('emails', 'deals', 210, 209),
  pair('emails', 'tickets', 224, 223),
];

/** Labels that the customer has made between deals and contacts, by the roles that people play. */
const ROLES = [
  'Decision Maker',
  'Executive Sponsor',
  'Champion',
  'Business User',
  'Evaluator',
  'Influencer',
  PRIMARY_LABEL,
];
const FIRST_OWN = 11;
const KEY = (from: TypeName, to: TypeName): string => `${from}>${to}`;

/** Association types by pair of object types, those of the customer included. */
export class LinkTypes {
  readonly #types = new Map<string, LinkType[]>();
  #next = FIRST_OWN;

  constructor() {
    for (const { from, to, plain, primary } of PAIRS) {
      this.#add(from, to, 'HUBSPOT_DEFINED', plain, null);
      if (primary) this.#add(from, to, 'HUBSPOT_DEFINED', primary, 'Primary');
    }
    for (const role of ROLES) this.define('deals', 'contacts', role);
  }

  /** Types from one object type to another, the plain one first; [] = they cannot be associated. */
  between(from: TypeName, to: TypeName): readonly LinkType[] {
    return this.#types.get(KEY(from, to)) ?? [];
  }

  find(from: TypeName, to: TypeName, category: string, typeId: number): LinkType | null {
    return this.between(from, to).find((t) => t.category === category && t.typeId === typeId) ?? null;
  }

  labelled(from: TypeName, to: TypeName, label: string): LinkType | null {
    return this.between(from, to).find((t) => t.label === label) ?? null;
  }

  /** The type that says the same in the other direction: both lists are made in step. */
  inverse(from: TypeName, to: TypeName, type: LinkType): LinkType {
    const back = this.between(to, from)[this.between(from, to).indexOf(type)];
    if (!back) throw new Error(`Association type ${type.typeId} has no inverse`);
    return back;
  }

  /** A label of the customer's own, in both directions. */
  define(from: TypeName, to: TypeName, label: string, inverse = label): [LinkType, LinkType] {
    const ids: [number, number] = [this.#next, this.#next + 1];
    this.#next += 2;
    return this.#add(from, to, 'USER_DEFINED', ids, label, inverse);
  }

  #add(
    from: TypeName,
    to: TypeName,
    category: Category,
    [there, back]: [number, number],
    label: string | null,
    inverse = label,
  ): [LinkType, LinkType] {
    const first: LinkType = { category, typeId: there, label };
    const second: LinkType = { category, typeId: back, label: inverse };
    this.#types.set(KEY(from, to), [...this.between(from, to), first]);
    this.#types.set(KEY(to, from), [...this.between(to, from), second]);
    return [first, second];
  }
}
