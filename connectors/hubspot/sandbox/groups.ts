import { z } from 'zod';
import type { Answer } from '../../../src/sandbox/kit-types.ts';
import { read } from './definition.ts';
import { alreadyExists, invalid, notFound } from './errors.ts';
import { HOME_GROUPS } from './standard.ts';
import { TYPE_NAMES, type TypeName } from './types.ts';

interface Group {
  name: string;
  label: string;
  displayOrder: number;
}
const Create = z.object({ name: z.string().min(1), label: z.string().min(1), displayOrder: z.int().default(-1) });
const Update = z.object({ label: z.string().min(1), displayOrder: z.int() }).partial();

/** Property groups: what the record page shows together. */
export class GroupTable {
  readonly #groups = new Map<TypeName, Map<string, Group>>();

  constructor() {
    for (const type of TYPE_NAMES) {
      const [name, label] = HOME_GROUPS[type];
      this.#groups.set(type, new Map([[name, { name, label, displayOrder: 0 }]]));
    }
  }

  has(type: TypeName, name: string): boolean {
    return this.#of(type).has(name);
  }

  all(type: TypeName): Answer {
    return { status: 200, body: { results: [...this.#of(type).values()].map(show) } };
  }

  one(type: TypeName, name: string): Answer {
    return { status: 200, body: show(this.#get(type, name)) };
  }

  create(type: TypeName, body: unknown): Answer {
    const group = read(Create, body);
    if (!/^[a-z0-9_]+$/.test(group.name)) throw invalid(`Property group name "${group.name}" is invalid`);
    if (this.has(type, group.name)) throw alreadyExists(`A property group named "${group.name}" already exists.`);
    this.#of(type).set(group.name, group);
    return { status: 201, body: show(group) };
  }

  update(type: TypeName, name: string, body: unknown): Answer {
    const group = Object.assign(this.#get(type, name), read(Update, body));
    return { status: 200, body: show(group) };
  }

  /** @param used whether a live property stands in it */
  archive(type: TypeName, name: string, used: boolean): Answer {
    const { name: found } = this.#get(type, name);
    if (used) throw invalid(`Property group "${found}" has properties and cannot be deleted`);
    this.#of(type).delete(found);
    return { status: 204 };
  }

  #get(type: TypeName, name: string): Group {
    const found = this.#of(type).get(name);
    if (!found) throw notFound(`Property group "${name}" does not exist`);
    return found;
  }

  #of(type: TypeName): Map<string, Group> {
    const groups = this.#groups.get(type);
    if (!groups) throw new Error(`no groups of ${type}`);
    return groups;
  }
}

const show = (group: Group): Record<string, unknown> => ({ ...group, archived: false });
