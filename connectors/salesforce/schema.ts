import { z } from 'zod';
import { InputError } from '../../src/contract/index.ts';
import { nearest } from '../../src/kit/nearest.ts';
import type { Client } from './client.ts';

const FieldInfo = z.object({
  name: z.string(),
  type: z.string(),
  updateable: z.boolean().default(false),
  createable: z.boolean().default(false),
  externalId: z.boolean().default(false),
  idLookup: z.boolean().default(false),
  unique: z.boolean().default(false),
  length: z.number().default(0),
  relationshipName: z.string().nullable().default(null),
  referenceTo: z.array(z.string()).default([]),
  picklistValues: z.array(z.object({ value: z.string(), active: z.boolean().default(true) })).default([]),
});
export type FieldInfo = z.infer<typeof FieldInfo>;
const Describe = z.object({ name: z.string(), fields: z.array(FieldInfo) });

/** An object as the integration user sees it: hidden fields are not in it. */
export interface ObjectInfo {
  name: string;
  fields: ReadonlyMap<string, FieldInfo>;
}

/** Describes, read once each until `forget`. */
export class Schema {
  readonly #client: Client;
  readonly #known = new Map<string, Promise<ObjectInfo>>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_describe.htm */
  object(name: string): Promise<ObjectInfo> {
    const known = this.#known.get(name);
    if (known) return known;
    const asked = this.#client
      .rest(
        { label: 'describe', kind: 'read', idempotent: true, method: 'GET', path: `/sobjects/${name}/describe` },
        Describe,
      )
      .then((d) => ({ name: d.name, fields: new Map(d.fields.map((f) => [f.name, f])) }));
    this.#known.set(name, asked);
    asked.catch(() => this.#known.delete(name)); // a failed describe is asked again
    return asked;
  }

  /** The field at the end of a path (`RecordType.DeveloperName`), null where the org or this user lacks it. */
  async find(object: string, path: string): Promise<FieldInfo | null> {
    const [head, ...rest] = path.split('.');
    const info = await this.object(object);
    if (rest.length === 0) return info.fields.get(head ?? '') ?? null;
    for (const field of info.fields.values())
      if (field.relationshipName === head && field.referenceTo[0])
        return this.find(field.referenceTo[0], rest.join('.'));
    return null;
  }

  forget(): void {
    this.#known.clear();
  }
}

/** A field that the mapping names, and where. */
export interface Named {
  where: string;
  field: string;
}

/** "account.arr: Account has no visible field ARR_c; nearest ARR__c" for each named field that is missing. */
export async function missingFields(schema: Schema, object: string, named: Named[]): Promise<string[]> {
  const problems: string[] = [];
  for (const { where, field } of named) {
    if (await schema.find(object, field)) continue;
    const near = nearest(field, [...(await schema.object(object)).fields.keys()]);
    problems.push(`${where}: ${object} has no visible field ${field}${near ? `; nearest is ${near}` : ''}`);
  }
  return problems;
}

/** @throws InputError listing every named field that is missing */
export async function requireFields(schema: Schema, object: string, named: Named[], file: string): Promise<void> {
  const problems = await missingFields(schema, object, named);
  if (problems.length === 0) return;
  throw new InputError(`${file} names fields that ${object} lacks: ${problems.join('; ')}`, {
    problems: problems.map((p) => `${file}: ${p}`),
    hint: 'Correct the name, or let the integration user read the field (field-level security), then run `npx pulseback check`.',
  });
}
