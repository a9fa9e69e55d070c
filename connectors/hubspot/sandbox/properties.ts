import { z } from 'zod';
import type { Answer } from '../../../src/sandbox/kit-types.ts';
import {
  checkDefinition,
  type Definition,
  PropertyCreate,
  PropertyUpdate,
  read,
  showDefinition,
} from './definition.ts';
import { ApiError, alreadyExists, type Detail, invalid, notFound, type RowProblem } from './errors.ts';
import { GroupTable } from './groups.ts';
import { CUSTOM, HOME_GROUPS, STANDARD } from './standard.ts';
import { TYPE_NAMES, type TypeName } from './types.ts';

const MAX_UNIQUE = 10;
const MAX_BATCH = 100;

export interface PropertyOptions {
  /** Epoch ms of the world. */
  now: () => number;
  /**
   * Tasks are not on the vendor's list of objects with unique properties: `ignored` makes a plain property of a unique one. Default
   * accepted.
   */
  uniqueTasks?: 'accepted' | 'refused' | 'ignored';
  /** Custom properties that an object type may have. Default 1,000. */
  limit?: number;
}

const Names = z.object({ inputs: z.array(z.object({ name: z.string() })), archived: z.boolean().default(false) });
const Creates = z.object({ inputs: z.array(PropertyCreate) });

/** Property definitions by object type, with the rules by which they are made, changed and put away. */
export class PropertyTable {
  readonly groups = new GroupTable();
  readonly #options: PropertyOptions;
  readonly #types = new Map<TypeName, Map<string, Definition>>();

  constructor(options: PropertyOptions) {
    this.#options = options;
    const at = options.now();
    for (const type of TYPE_NAMES) {
      const [groupName] = HOME_GROUPS[type];
      const made = (drafts: (typeof STANDARD)[TypeName], hubspotDefined: boolean): [string, Definition][] =>
        drafts.map((d) => [
          d.name,
          { ...d, groupName, hubspotDefined, createdAt: at, updatedAt: at, archivedAt: null },
        ]);
      this.#types.set(type, new Map([...made(STANDARD[type], true), ...made(CUSTOM[type] ?? [], false)]));
    }
  }

  /** A property that records of the type can have now. */
  find(type: TypeName, name: string): Definition | null {
    const found = this.#of(type).get(name);
    return found && found.archivedAt === null ? found : null;
  }

  live(type: TypeName): Definition[] {
    return [...this.#of(type).values()].filter((p) => p.archivedAt === null);
  }

  /** Custom properties of the type that count against its limit. */
  usage(type: TypeName): { usage: number; limit: number } {
    const usage = this.live(type).filter((p) => !p.hubspotDefined).length;
    return { usage, limit: this.#options.limit ?? 1000 };
  }

  all(type: TypeName, archived: boolean): Answer {
    const results = [...this.#of(type).values()].filter((p) => (p.archivedAt !== null) === archived);
    return { status: 200, body: { results: results.map(showDefinition) } };
  }

  one(type: TypeName, name: string, archived: boolean): Answer {
    return { status: 200, body: showDefinition(this.#held(type, name, archived)) };
  }

  create(type: TypeName, body: unknown): Answer {
    const input = read(PropertyCreate, body);
    checkDefinition(input);
    return { status: 201, body: showDefinition(this.#add(type, input)) };
  }

  /** 201, or 207 where a name is there already or a limit is reached; a definition that is no definition refuses all. */
  createBatch(type: TypeName, body: unknown): Answer {
    const { inputs } = read(Creates, body);
    checkBatch(inputs.length);
    for (const input of inputs) checkDefinition(input);
    return this.#batch(201, inputs, (input) => this.#add(type, input));
  }

  readBatch(type: TypeName, body: unknown): Answer {
    const { inputs, archived } = read(Names, body);
    checkBatch(inputs.length);
    return this.#batch(200, inputs, ({ name }) => this.#held(type, name, archived));
  }

  archiveBatch(type: TypeName, body: unknown): Answer {
    const { inputs } = read(Names, body);
    checkBatch(inputs.length);
    for (const { name } of inputs) this.#put(type, name);
    return { status: 204 };
  }

  /** Options are replaced as a list. Of the vendor's own properties only what people see can be changed. */
  update(type: TypeName, name: string, body: unknown): Answer {
    const property = this.#held(type, name, false);
    const change = read(PropertyUpdate, body);
    if (property.hubspotDefined) throw readOnly(name);
    const after = { ...property, ...change, updatedAt: this.#options.now() };
    checkDefinition(after);
    this.#checkGroup(type, after.groupName);
    this.#of(type).set(name, after);
    return { status: 200, body: showDefinition(after) };
  }

  /** Its name stays taken, and so do the values. */
  archive(type: TypeName, name: string): Answer {
    this.#put(type, name);
    return { status: 204 };
  }

  archiveGroup(type: TypeName, name: string): Answer {
    return this.groups.archive(
      type,
      name,
      this.live(type).some((p) => p.groupName === name),
    );
  }

  #put(type: TypeName, name: string): void {
    const property = this.#of(type).get(name);
    if (!property || property.archivedAt !== null) return; // archiving is idempotent
    if (property.hubspotDefined) throw readOnly(name);
    property.archivedAt = this.#options.now();
  }

  #add(type: TypeName, input: z.infer<typeof PropertyCreate>): Definition {
    const { name, groupName } = input;
    const known = this.#of(type).get(name);
    if (known) {
      const state = known.archivedAt === null ? 'already exists' : 'already exists and is archived';
      throw alreadyExists(`A property named '${name}' ${state}.`, 'Properties.PROPERTY_EXISTS');
    }
    this.#checkGroup(type, groupName);
    const { usage, limit } = this.usage(type);
    if (usage >= limit) throw invalid(`You have reached the limit of ${limit} custom properties for this object type.`);
    const property = { ...input, hasUniqueValue: this.#mayBeUnique(type, input.hasUniqueValue) };
    const at = this.#options.now();
    const stamps = { createdAt: at, updatedAt: at, archivedAt: null };
    const made = { ...property, hubspotDefined: false, calculated: false, readOnlyValue: false, ...stamps };
    this.#of(type).set(name, made);
    return made;
  }

  #mayBeUnique(type: TypeName, asked: boolean): boolean {
    if (!asked) return false;
    const { uniqueTasks = 'accepted' } = this.#options;
    if (type === 'tasks' && uniqueTasks !== 'accepted') {
      if (uniqueTasks === 'ignored') return false;
      throw invalid('Unique properties are not supported for object type 0-27');
    }
    const own = this.live(type).filter((p) => p.hasUniqueValue && !p.hubspotDefined).length;
    if (own >= MAX_UNIQUE) throw invalid(`An object type can have at most ${MAX_UNIQUE} unique properties.`);
    return true;
  }

  #checkGroup(type: TypeName, name: string): void {
    if (!this.groups.has(type, name)) {
      const message = `Property group "${name}" does not exist`;
      throw invalid(message, [{ message, in: 'groupName', context: { groupName: [name] } }]);
    }
  }

  #held(type: TypeName, name: string, archived: boolean): Definition {
    const found = this.#of(type).get(name);
    if (!found || (found.archivedAt !== null) !== archived)
      throw notFound(`Property "${name}" does not exist`, { propertyName: [name] });
    return found;
  }

  #batch<T extends { name: string }>(status: 200 | 201, inputs: T[], work: (input: T) => Definition): Answer {
    const at = new Date(this.#options.now()).toISOString();
    const results: Record<string, unknown>[] = [];
    const errors: RowProblem[] = [];
    for (const input of inputs) {
      try {
        results.push(showDefinition(work(input)));
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        errors.push(error.row({ name: [input.name] }));
      }
    }
    const body = { status: 'COMPLETE', startedAt: at, completedAt: at, results };
    if (errors.length === 0) return { status, body };
    return { status: 207, body: { ...body, numErrors: errors.length, errors } };
  }

  #of(type: TypeName): Map<string, Definition> {
    const found = this.#types.get(type);
    if (!found) throw new Error(`no properties of ${type}`);
    return found;
  }
}

function checkBatch(size: number): void {
  if (size === 0) throw invalid('Inputs must not be empty');
  if (size > MAX_BATCH)
    throw invalid(`Maximum of ${MAX_BATCH} inputs can be sent in a single batch, but ${size} were sent`);
}

const readOnly = (name: string): ApiError => {
  const detail: Detail = { message: `Property "${name}" is read only`, context: { propertyName: [name] } };
  return invalid(`Cannot modify the definition of the HubSpot defined property "${name}"`, [detail]);
};
