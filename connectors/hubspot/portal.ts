import type { Ctx, OrgInfo } from '../../src/contract/index.ts';
import { loadYaml } from '../../src/kit/yaml.ts';
import { type Client, clientOf } from './client.ts';
import type { Config } from './config.ts';
import { Mapping, type OurField, ourFields } from './mapping.ts';
import { type Paths, pathsOf } from './paths.ts';
import { Schema } from './schema.ts';

/** A portal, and where people see it. */
export interface PortalInfo extends OrgInfo {
  /** Host of the user interface: app.hubspot.com, app-eu1.hubspot.com. */
  uiDomain: string;
}

/** One portal as this run sees it: one session, one set of property definitions, one mapping. */
export interface Portal {
  ctx: Ctx<Config>;
  client: Client;
  /** Every address, in the configured API version. */
  paths: Paths;
  /** Property definitions by object type, read once. */
  schema: Schema;
  mapping: Mapping;
  /** The mapping file, as it is named in the configuration. */
  file: string;
  ours: OurField[];
  /** Who the portal is, once it was asked. */
  info: Promise<PortalInfo> | null;
}

const portals = new WeakMap<Ctx<Config>, Portal>();

/** @throws InputError where the mapping file is wrong */
export function portalOf(ctx: Ctx<Config>): Portal {
  const known = portals.get(ctx);
  if (known) return known;
  const mapping = loadYaml(ctx.file(ctx.config.mapping), Mapping);
  const client = clientOf(ctx);
  const paths = pathsOf(ctx.config.apiVersion);
  const portal: Portal = {
    ctx,
    client,
    paths,
    schema: new Schema(client, paths),
    mapping,
    file: ctx.config.mapping,
    ours: ourFields(mapping, ctx.fields),
    info: null,
  };
  portals.set(ctx, portal);
  return portal;
}
