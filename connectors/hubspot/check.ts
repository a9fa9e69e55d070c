import { z } from 'zod';
import type { CheckItem, CheckReport, Ctx } from '../../src/contract/index.ts';
import { bad, good, probing } from '../../src/kit/check.ts';
import { mapped, namedPipelines } from './check-mapping.ts';
import { healthProperties, room, taskKey } from './check-properties.ts';
import { mayWrite } from './check-rights.ts';
import type { Config } from './config.ts';
import { describePortal, quota } from './describe.ts';
import { list } from './lists.ts';
import { namedCompanyProperties, namedDealProperties, namedTicketProperties } from './named.ts';
import { type Owner, owners } from './owners.ts';
import type { ObjectType } from './paths.ts';
import { type Portal, portalOf } from './portal.ts';
import { newestStamp } from './search.ts';

/** Objects that every run reads. */
const READ: ObjectType[] = ['companies', 'deals', 'contacts', 'tasks', 'meetings', 'calls', 'emails', 'notes'];

/** Every thing that a run needs, each with what to do where it is missing. Never throws for what it is there to find. */
export async function checkPortal(ctx: Ctx<Config>): Promise<CheckReport> {
  const items: CheckItem[] = [];
  const probe = probing(items, ctx.signal);
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
  await probe('pipelines', () => namedPipelines(portal));
  await probe('records', () => readable(portal));
  await probe('right to write', () => mayWrite(portal));
  await probe('search', () => searchable(portal));
  await probe('health properties', async () => healthProperties(portal, await portal.schema.properties('companies')));
  await probe('room for properties', () => room(portal));
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

/** Incremental pulls ask the search index: where it shows nothing, nothing would ever change. */
async function searchable(portal: Portal): Promise<CheckItem[]> {
  const newest = await newestStamp(portal, 'companies');
  if (newest !== null) return [good('the search index shows companies')];
  const [first] =
    (await list(portal, 'companies', { properties: ['hs_object_id'], history: [] }).next()).value?.records ?? [];
  if (!first) return [bad('the portal has no companies', 'Create or import companies first.', 'warning')];
  return [
    bad(
      'the portal has companies, and its search index shows none',
      'Try again in some minutes; if it stays, ask HubSpot support: changes would be noticed only by the weekly full reading.',
      'warning',
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
