import type { CheckItem, CheckReport, Ctx } from '../../src/contract/index.ts';
import { bad, good, probing } from '../../src/kit/check.ts';
import type { Config } from './config.ts';
import { describeOrg, quota } from './crm.ts';
import type { OurField } from './mapping.ts';
import { namedAccountFields, namedOpportunityFields, type Org, orgOf } from './org.ts';
import { type FieldInfo, missingFields, type Named, type ObjectInfo } from './schema.ts';
import { GRANT_SIGHT, sightOf } from './sight.ts';
import { fits } from './values.ts';

const SETUP = 'Run `npx pulseback setup`.';

/** Every thing that a run needs, each with what to do where it is missing. Never throws for what it is there to find. */
export async function checkOrg(ctx: Ctx<Config>): Promise<CheckReport> {
  const items: CheckItem[] = [];
  const probe = probing(items, ctx.signal);
  if (!(await probe('mapping file', async () => [good(`mapping file ${orgOf(ctx).file}`)]))) return { items };
  const org = orgOf(ctx);
  org.schema.forget(); // a check is there to see what has changed
  const reachable = await probe('credentials and org', async () => {
    const info = await describeOrg(org);
    return [
      good(`credentials are accepted by ${new URL(org.client.origin).host}`),
      good(`org ${info.name} (${info.id}, ${info.kind})`),
    ];
  });
  if (!reachable) return { items };
  await probe('mapped Account fields', () => mappedFields(org, 'Account', namedAccountFields(org.mapping)));
  await probe('mapped Opportunity fields', () => mappedFields(org, 'Opportunity', namedOpportunityFields(org.mapping)));
  await probe('objects', () => objects(org));
  await probe('health fields', async () => healthFields(org, await org.schema.object('Account')));
  await probe('task key', async () => [taskKey(org, await org.schema.object('Task'))]);
  await probe('sight of all accounts', () => viewAll(org));
  await probe('API calls', async () => {
    const { used, limit } = await quota(org);
    if (used === null || limit === null)
      return [
        bad('API calls of the day: the org does not say', 'Grant the integration user "API Enabled".', 'warning'),
      ];
    const what = `API calls of the last 24 hours: ${used} of ${limit}`;
    return used >= limit ? [bad(what, 'Wait until calls are free again, or buy more.')] : [good(what)];
  });
  return { items };
}

/** What a mapped field must be for its place. */
const PLACES: Record<string, { types: string[]; what: string }> = {
  'account.arr': { types: ['currency', 'double', 'int'], what: 'a currency or number' },
  'account.renewalOn': { types: ['date', 'datetime'], what: 'a date' },
  'account.seats': { types: ['double', 'int'], what: 'a number' },
  'account.parent': { types: ['reference'], what: 'a lookup' },
};

async function mappedFields(org: Org, object: string, named: Named[]): Promise<CheckItem[]> {
  const problems = await missingFields(org.schema, object, named);
  const items = problems.map((p) =>
    bad(
      `${org.file}: ${p}`,
      'Correct the name in the mapping, or let the integration user read the field (field-level security).',
    ),
  );
  for (const { where, field } of named) {
    const info = await org.schema.find(object, field);
    const place = PLACES[where];
    if (info && place && !place.types.includes(info.type))
      items.push(
        bad(
          `${org.file}: ${where}: ${object}.${field} is of type ${info.type}, and ${place.what} is needed`,
          'Map another field.',
        ),
      );
  }
  for (const role of [...org.mapping.rules.roles.csm, ...org.mapping.rules.roles.manager]) {
    if (object !== 'Account' || typeof role !== 'object' || !('field' in role)) continue;
    const info = await org.schema.find('Account', role.field);
    if (info && !info.referenceTo.includes('User'))
      items.push(
        bad(
          `${org.file}: rules.roles: Account.${role.field} is no lookup to User`,
          'Name a lookup field that holds a user.',
        ),
      );
  }
  return items.length
    ? items
    : [good(`${named.length} mapped ${object} fields exist, are visible and have the right type`)];
}

async function objects(org: Org): Promise<CheckItem[]> {
  const names = ['User', 'Contact', 'OpportunityHistory', 'OpportunityContactRole', 'Task', 'Event'];
  for (const name of names) await org.schema.object(name);
  return [good(`readable: ${names.join(', ')}`)];
}

function healthFields(org: Org, account: ObjectInfo): CheckItem[] {
  const absent = org.ours.filter((f) => !account.fields.has(f.api)).map((f) => `Account.${f.api}`);
  const items = org.ours.flatMap((f) => healthField(f, account.fields.get(f.api)));
  if (absent.length > 0) items.unshift(bad(`missing or hidden from the integration user: ${absent.join(', ')}`, SETUP));
  return items.length ? items : [good(`${org.ours.length} health fields exist, are granted and have their values`)];
}

function healthField(field: OurField, info: FieldInfo | undefined): CheckItem[] {
  const name = `Account.${field.api}`;
  if (!info) return []; // told once for all
  if (!fits(field, info))
    return [
      bad(
        `${name} is of type ${info.type}, which is not ours`,
        `Name another field under writeback.fields.${field.name}, then run \`npx pulseback setup\`.`,
      ),
    ];
  if (field.direction === 'ours' && !info.updateable)
    return [bad(`${name} is read-only for the integration user`, SETUP)];
  const has = new Set(info.picklistValues.flatMap((p) => (p.active ? [p.value] : [])));
  const missing = field.type === 'picklist' ? (field.values ?? []).filter((v) => !has.has(v)) : [];
  return missing.length ? [bad(`${name} lacks the values ${missing.join(', ')}`, SETUP)] : [];
}

function taskKey(org: Org, task: ObjectInfo): CheckItem {
  const api = org.mapping.taskKey;
  const info = task.fields.get(api);
  if (!info) return bad(`Task.${api} is missing or hidden from the integration user`, SETUP);
  if (!info.externalId && !info.idLookup)
    return bad(
      `Task.${api} is no external id, so a task could be raised twice`,
      'Make it an external id, or name another under taskKey.',
    );
  return info.createable
    ? good(`Task.${api} is an external id`)
    : bad(`Task.${api} is read-only for the integration user`, SETUP);
}

async function viewAll(org: Org): Promise<CheckItem[]> {
  const { proof, doubt } = await sightOf(org);
  return [
    doubt === null
      ? good(`the integration user sees all accounts (${proof})`)
      : bad(`${doubt}; accounts that the integration user cannot see would look deleted`, GRANT_SIGHT, 'warning'),
  ];
}
