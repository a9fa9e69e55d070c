import { z } from 'zod';
import type { Client } from './client.ts';
import type { ObjectType, Paths } from './paths.ts';

/** One value of an enumeration. */
export interface PropertyOption {
  label: string;
  value: string;
  hidden: boolean;
  description?: string;
  displayOrder?: number;
}

/** A property as the portal defines it. */
export interface Property {
  name: string;
  label: string;
  groupName: string;
  type: string;
  fieldType: string;
  options: PropertyOption[];
  hasUniqueValue: boolean;
  /** Calculated, or HubSpot's own: cannot be written. */
  readOnly: boolean;
  description: string;
  /** Its values are ids of owners (a property of type HubSpot user). */
  holdsOwner: boolean;
}

const text = z.string().nullish();
const flag = z.boolean().nullish();
/** A definition as GET /crm/v3/properties/{objectType} shows it. */
const Row = z
  .object({
    name: z.string(),
    label: text,
    groupName: text,
    type: z.string(),
    fieldType: text,
    description: text,
    options: z
      .array(
        z.object({
          label: z.string(),
          value: z.string(),
          hidden: flag,
          description: text,
          displayOrder: z.number().nullish(),
        }),
      )
      .nullish(),
    externalOptions: flag,
    referencedObjectType: text,
    hasUniqueValue: flag,
    calculated: flag,
    modificationMetadata: z.object({ readOnlyValue: flag }).nullish(),
  })
  .transform(
    (row): Property => ({
      name: row.name,
      label: row.label ?? row.name,
      groupName: row.groupName ?? '',
      type: row.type,
      fieldType: row.fieldType ?? '',
      options: (row.options ?? []).map(({ label, value, hidden, description, displayOrder }) => ({
        label,
        value,
        hidden: hidden ?? false,
        ...(description ? { description } : {}),
        ...(typeof displayOrder === 'number' ? { displayOrder } : {}),
      })),
      holdsOwner: row.externalOptions === true && row.referencedObjectType === 'OWNER',
      hasUniqueValue: row.hasUniqueValue ?? false,
      readOnly: row.calculated === true || row.modificationMetadata?.readOnlyValue === true,
      description: row.description ?? '',
    }),
  );
const Rows = z.object({ results: z.array(Row) });

/** Property definitions by object type, each read once a run. */
export class Schema {
  readonly #client: Client;
  readonly #paths: Paths;
  readonly #known = new Map<ObjectType, Promise<Map<string, Property>>>();

  constructor(client: Client, paths: Paths) {
    this.#client = client;
    this.#paths = paths;
  }

  /** Name → property of every visible property of the type. */
  properties(type: ObjectType): Promise<Map<string, Property>> {
    let known = this.#known.get(type);
    if (!known) {
      known = this.#read(type);
      this.#known.set(type, known);
      known.catch(() => this.#known.delete(type)); // told to who waits; the next one asks again
    }
    return known;
  }

  /** Forgets what was read, after set-up. */
  forget(): void {
    this.#known.clear();
  }

  /** Names of properties that were deleted: they stay taken. */
  async archived(type: ObjectType): Promise<Set<string>> {
    return new Set((await this.#read(type, true)).keys());
  }

  async #read(type: ObjectType, archived = false): Promise<Map<string, Property>> {
    const { results } = await this.#client.json({
      label: `properties.${type}`,
      kind: 'read',
      idempotent: true,
      method: 'GET',
      path: this.#paths.properties(type),
      ...(archived ? { query: { archived: true } } : {}),
      schema: Rows,
    });
    return new Map(results.map((property) => [property.name, property]));
  }
}
