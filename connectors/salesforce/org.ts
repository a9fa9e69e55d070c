import type { Ctx, OrgInfo } from '../../src/contract/index.ts';
import { fieldsNamed } from '../../src/core/rules.ts';
import { loadYaml } from '../../src/kit/yaml.ts';
import { Client } from './client.ts';
import type { Config } from './config.ts';
import { CANONICAL, fieldsOf, Mapping, type OurField, ourFields } from './mapping.ts';
import { type Named, Schema } from './schema.ts';

/** One org as this run sees it: one session, one set of describes, one mapping. */
export interface Org {
  ctx: Ctx<Config>;
  client: Client;
  schema: Schema;
  mapping: Mapping;
  /** The mapping file, as it is named in the configuration. */
  file: string;
  ours: OurField[];
  /** Who the org is, once it was asked. */
  info: Promise<OrgInfo> | null;
}

const orgs = new WeakMap<Ctx<Config>, Org>();

/** @throws InputError where the mapping file is wrong */
export function orgOf(ctx: Ctx<Config>): Org {
  const known = orgs.get(ctx);
  if (known) return known;
  const mapping = loadYaml(ctx.file(ctx.config.mapping), Mapping);
  const client = new Client(ctx);
  const org: Org = {
    ctx,
    client,
    schema: new Schema(client),
    mapping,
    file: ctx.config.mapping,
    ours: ourFields(mapping, ctx.fields),
    info: null,
  };
  orgs.set(ctx, org);
  return org;
}

/** Raw Account fields that rules, roles and `attributes` name. */
export function attributeFields(mapping: Mapping): string[] {
  const named = fieldsNamed(mapping.rules).filter((f) => !CANONICAL.includes(f));
  return [...new Set([...named, ...mapping.account.attributes])];
}

/** Account fields that the mapping file names, with their place in it. */
export function namedAccountFields(mapping: Mapping): Named[] {
  const { arr, renewalOn, seats, keys, domains, parent } = mapping.account;
  const single: [string, string | undefined][] = [
    ['account.arr', arr],
    ['account.renewalOn', renewalOn],
    ['account.seats', seats],
    ['account.parent', parent],
  ];
  return [
    ...single.flatMap(([where, field]) => (field ? [{ where, field }] : [])),
    ...keys.map((field) => ({ where: 'account.keys', field })),
    ...domains.map((field) => ({ where: 'account.domains', field })),
    ...attributeFields(mapping).map((field) => ({
      where: mapping.account.attributes.includes(field) ? 'account.attributes' : 'rules',
      field,
    })),
  ];
}

export const namedOpportunityFields = (mapping: Mapping): Named[] =>
  [...new Set(fieldsOf(mapping.renewalOpportunity))].map((field) => ({ where: 'renewalOpportunity', field }));
