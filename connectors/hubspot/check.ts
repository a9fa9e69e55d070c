import { z } from 'zod';
import { type CheckItem, type CheckReport, ConnectorError, type Ctx, InputError } from '../../src/contract/index.ts';
import type { Condition } from '../../src/core/rules.ts';
import type { Config } from './config.ts';
import { MARKER, taskLogName } from './definitions.ts';
import { describePortal, quota } from './describe.ts';
import { fits } from './held.ts';
import {
  missingProperties,
  type Named,
  namedCompanyProperties,
  namedDealProperties,
  namedTicketProperties,
  propertiesOf,
} from './named.ts';
import { type Owner, owners } from './owners.ts';
import type { ObjectType } from './paths.ts';
import { pipelineIds } from './pipelines.ts';
import { type Portal, portalOf } from './portal.ts';
import type { Property } from './schema.ts';

const good = (what: string): CheckItem => ({ ok: true, level: 'error', what });
const bad = (what: string, fix: string, level: CheckItem['level'] = 'error'): CheckItem => ({
  ok: false,
  level,
  what,
  fix,
});

const SETUP = 'Run `npx pulseback setup`.';
/** Objects that every run reads. */
const READ: ObjectType[] = ['companies', 'deals', 'contacts', 'tasks', 'meetings', 'calls', 'emails', 'notes'];

/** Every thing that a run needs, each with what to do where it is missing. Never throws for what it is there to find. */
export async function checkPortal(ctx: Ctx<Config>): Promise<CheckReport> {
  const items: CheckItem[] = [];
  /** Runs one check; its failure is a finding. @returns whether it could be made */
  const probe = async (what: string, run: () => Promise<CheckItem[]>): Promise<boolean> => {
    try {
      items.push(...(await run()));
      return true;
    } catch (error) {
      if (!(error instanceof ConnectorError || error instanceof InputError)) throw error;
      ctx.signal.throwIfAborted();
      const problems = error instanceof InputError && error.problems.length ? `: ${error.problems.join('; ')}` : '';
      const fix = error.hint ?? 'Correct this, then run `npx pulseback check` again.';
      items.push(bad(`${what}: ${error.message}${problems}`, fix));
      return false;
    }
  };
  if (!(await probe('mapping file', async () => [good(`mapping file ${portalOf(ctx).file}`)]))) return { items };
  const portal = portalOf(ctx);
  const { mapping } = portal;
  portal.schema.forget(); // a check is there to see what has changed
  const reachable = await probe('credentials and portal', async () => {
    const info = await describePortal(portal);
    return [
      good(`credentials are accepted by ${new URL(ctx.config.baseUrl).host}`),
      good(`portal ${info.id} (${info.name}, ${info.kind})`),
    ];
  });
  if (!reachable) return { items };
  await probe('mapped company properties', () => mapped(portal, 'companies', namedCompanyProperties(mapping)));
  await probe('mapped deal properties', () => mapped(portal, 'deals', namedDealProperties(mapping)));
  if (ctx.config.tickets)
    await probe('mapped ticket properties', () => mapped(portal, 'tickets', namedTicketProperties(mapping)));
  await probe('renewal pipeline', () => renewalPipelines(portal));
  await probe('records', () => readable(portal));
  await probe('health properties', async () => healthProperties(portal, await portal.schema.properties('companies')));
  await probe('task key', async () => taskKey(portal, await portal.schema.properties('tasks')));
  await probe('owners and managers', () => people(portal));
  await probe('API calls', async () => {
    const { used, limit } = await quota(portal);
    if (used === null || limit === null) return [good('API calls are not counted by day for this kind of app')];
    const what = `API calls of the portal's day: ${used} of ${limit}`;
    return used >= limit
      ? [bad(what, 'Wait for midnight of the portal’s time zone, or buy the increase.')]
      : [good(what)];
  });
  return { items };
}

/** What a mapped property must be for its place. */
const PLACES: Record<string, { types: string[]; what: string }> = {
  'account.arr': { types: ['number'], what: 'a number' },
  'account.renewalOn': { types: ['date', 'datetime'], what: 'a date' },
  'account.seats': { types: ['number'], what: 'a number' },
  'tickets.escalated': { types: ['bool', 'enumeration', 'string'], what: 'yes or no' },
};

async function mapped(portal: Portal, type: ObjectType, named: Named[]): Promise<CheckItem[]> {
  const known = await portal.schema.properties(type);
  const problems = await missingProperties(portal, type, named);
  const items = problems.map((problem) =>
    bad(`${portal.file}: ${problem}`, 'Correct the name in the mapping (Settings → Properties shows internal names).'),
  );
  for (const { where, property } of named) {
    const found = known.get(property);
    const place = PLACES[where];
    if (found && place && !place.types.includes(found.type))
      items.push(
        bad(
          `${portal.file}: ${where}: the property ${property} is of type ${found.type}, and ${place.what} is needed`,
          'Map another property.',
        ),
      );
  }
  if (type === 'companies') items.push(...roleProperties(portal, known));
  return items.length ? items : [good(`${named.length} mapped ${type} properties exist and have the right type`)];
}

function roleProperties(portal: Portal, known: ReadonlyMap<string, Property>): CheckItem[] {
  const { csm, manager } = portal.mapping.rules.roles;
  return [...csm, ...manager].flatMap((role) => {
    if (typeof role !== 'object' || !('field' in role)) return [];
    const found = known.get(role.field);
    // HubSpot's own owner properties and those of type HubSpot user hold owner ids.
    if (!found || found.holdsOwner || /owner/.test(role.field)) return [];
    return [
      bad(
        `${portal.file}: rules.roles: the property ${role.field} is not of type HubSpot user`,
        'Name a property of type HubSpot user.',
      ),
    ];
  });
}

/** A pipeline that the mapping names by an id which no pipeline has makes every deal "no renewal", in silence. */
async function renewalPipelines(portal: Portal): Promise<CheckItem[]> {
  const { renewalDeal } = portal.mapping;
  if (!propertiesOf(renewalDeal).includes('pipeline')) return [];
  const known = await pipelineIds(portal);
  const unknown = valuesAsked(renewalDeal, 'pipeline').filter((id) => !known.has(id));
  if (unknown.length === 0) return [good('the renewal pipeline exists')];
  const list = [...known].map(([id, label]) => `${id} (${label})`).join(', ');
  return unknown.map((id) =>
    bad(
      `${portal.file}: renewalDeal: no deal pipeline has the id ${id}`,
      `Name one of: ${list}; or tell renewals by another property. Until then no deal counts as a renewal.`,
      'warning',
    ),
  );
}

function valuesAsked(condition: Condition, field: string): string[] {
  if ('all' in condition) return condition.all.flatMap((c) => valuesAsked(c, field));
  if ('any' in condition) return condition.any.flatMap((c) => valuesAsked(c, field));
  if ('none' in condition) return condition.none.flatMap((c) => valuesAsked(c, field));
  if (condition.field !== field) return [];
  return [...(condition.is === undefined ? [] : [condition.is]), ...(condition.in ?? [])].map(String);
}

/** One record of each object that is read: a missing scope shows here, by name. */
async function readable(portal: Portal): Promise<CheckItem[]> {
  const types = portal.ctx.config.tickets ? [...READ, 'tickets' as const] : READ;
  for (const type of types)
    await portal.client.json({
      label: `${type}.list`,
      kind: 'read',
      idempotent: true,
      method: 'GET',
      path: portal.paths.list(type),
      query: { limit: 1 },
      schema: z.object({ results: z.array(z.unknown()) }),
    });
  return [good(`readable: ${types.join(', ')}`)];
}

function healthProperties(portal: Portal, known: ReadonlyMap<string, Property>): CheckItem[] {
  const absent = portal.ours.filter((field) => !known.has(field.api)).map((field) => field.api);
  const items = portal.ours.flatMap((field): CheckItem[] => {
    const found = known.get(field.api);
    if (!found) return []; // told once for all
    if (!fits(field, found) || !found.description.trim().endsWith(MARKER))
      return [
        bad(
          `${field.api} is a ${found.type} property that is not ours`,
          `Name another under writeback.fields.${field.name}, then run \`npx pulseback setup\`.`,
        ),
      ];
    if (field.direction === 'ours' && found.readOnly) return [bad(`${field.api} is read-only`, SETUP)];
    const has = new Set(found.options.map((o) => o.value));
    const missing = field.type === 'picklist' ? (field.values ?? []).filter((value) => !has.has(value)) : [];
    return missing.length ? [bad(`${field.api} lacks the values ${missing.join(', ')}`, SETUP)] : [];
  });
  if (absent.length > 0) items.unshift(bad(`missing company properties: ${absent.join(', ')}`, SETUP));
  if (!known.has(taskLogName(portal.mapping)))
    items.push(bad(`missing company property: ${taskLogName(portal.mapping)}`, SETUP));
  return items.length ? items : [good(`${portal.ours.length} health properties exist and have their values`)];
}

function taskKey(portal: Portal, known: ReadonlyMap<string, Property>): CheckItem[] {
  const found = known.get(portal.mapping.taskKey);
  if (!found) return [bad(`missing task property: ${portal.mapping.taskKey}`, SETUP)];
  return [
    good(
      found.hasUniqueValue
        ? `${found.name} is unique: the portal itself refuses a second task`
        : `${found.name} is not unique here: keys are compared among each company's own tasks before one is raised`,
    ),
  ];
}

/** Who the managers are is known from settings alone: an id that is no active owner would leave tasks without a recipient. */
async function people(portal: Portal): Promise<CheckItem[]> {
  const known = new Map<string, Owner>();
  for await (const page of owners(portal)) for (const owner of page) known.set(owner.id, owner);
  const active = [...known.values()].filter((owner) => !owner.archived);
  const { managers, teamLeads } = portal.ctx.config;
  const items: CheckItem[] = [];
  const look = (where: string, id: string, what: string): void => {
    const owner = known.get(id);
    if (!owner)
      items.push(
        bad(
          `${where}: ${what} ${id} is no owner of this portal`,
          'Owner ids: Settings → Users, or the owners API.',
          'warning',
        ),
      );
    else if (owner.archived)
      items.push(bad(`${where}: ${what} ${id} is deactivated`, 'Name somebody who still works here.', 'warning'));
  };
  for (const [person, manager] of Object.entries(managers)) {
    if (!known.has(person)) look('crm.config.managers', person, 'owner');
    look('crm.config.managers', manager, 'manager');
  }
  for (const [team, lead] of Object.entries(teamLeads)) look(`crm.config.teamLeads.${team}`, lead, 'lead');
  const without = active.filter(
    (owner) => !(owner.id in managers) && !owner.teams.some((team) => team.id in teamLeads),
  );
  if (Object.keys(managers).length + Object.keys(teamLeads).length === 0)
    items.push(
      bad(
        'nobody’s manager is known: HubSpot keeps no reporting line',
        'Fill crm.config.managers or crm.config.teamLeads, or name a property in rules.roles.manager; else tasks go to tasks.fallbackOwner.',
        'warning',
      ),
    );
  return items.length
    ? items
    : [good(`${active.length} active owners; the manager of ${active.length - without.length} is known`)];
}
