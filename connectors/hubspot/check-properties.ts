import { z } from 'zod';
import type { CheckItem } from '../../src/contract/index.ts';
import { bad, good } from '../../src/kit/check.ts';
import { isOurs, MARKER, taskLogName } from './definitions.ts';
import { ApiError } from './errors.ts';
import { fits } from './held.ts';
import type { Portal } from './portal.ts';
import type { Property } from './schema.ts';

const SETUP = 'Run `npx pulseback setup`.';

/** @param key where the mapping file gives it another name */
const notOurs = ({ name, type }: Property, key: string): CheckItem =>
  bad(
    `${name} is a property of type ${type} that is not ours`,
    `Name another under ${key}, then run \`npx pulseback setup\`; if it is ours after all, write ${MARKER} back into its description.`,
  );

/** Whether what set-up would create still fits. */
export async function room(portal: Portal): Promise<CheckItem[]> {
  const known = await portal.schema.properties('companies');
  const wanted = [...portal.ours.map((field) => field.api), taskLogName(portal.mapping)];
  const missing = wanted.filter((name) => !known.has(name)).length;
  const { byObjectType } = await portal.client
    .json({
      label: 'limits.properties',
      kind: 'read',
      idempotent: true,
      method: 'GET',
      path: portal.paths.propertyLimits(),
      schema: z.object({
        byObjectType: z.array(z.object({ objectTypeId: z.string(), limit: z.number(), usage: z.number() })),
      }),
    })
    .catch((error: unknown) => {
      // A figure for people: a portal that keeps it to itself is no reason to stop.
      if (error instanceof ApiError && [403, 404].includes(error.status)) return { byObjectType: [] };
      throw error;
    });
  const companies = byObjectType.find(({ objectTypeId }) => objectTypeId === '0-2');
  if (!companies) return [good('the portal does not tell how many properties it may have')];
  const { limit, usage } = companies;
  const what = `custom company properties: ${usage} of ${limit}`;
  if (usage + missing <= limit) return [good(what)];
  return [bad(`${what}, and ${missing} more are needed`, 'Delete properties that nobody uses, or raise the limit.')];
}

/** Those that set-up makes are there, are ours, and can take what is written. */
export function healthProperties(portal: Portal, known: ReadonlyMap<string, Property>): CheckItem[] {
  const absent = portal.ours.filter((field) => !known.has(field.api)).map((field) => field.api);
  const items = portal.ours.flatMap((field): CheckItem[] => {
    const found = known.get(field.api);
    if (!found) return []; // told once for all
    if (!fits(field, found) || !isOurs(found, portal.mapping))
      return [notOurs(found, `writeback.fields.${field.name}`)];
    if (field.direction === 'ours' && found.readOnly) return [bad(`${field.api} is read-only`, SETUP)];
    const has = new Set(found.options.map((o) => o.value));
    const missing = field.type === 'picklist' ? (field.values ?? []).filter((value) => !has.has(value)) : [];
    return missing.length ? [bad(`${field.api} lacks the values ${missing.join(', ')}`, SETUP)] : [];
  });
  if (absent.length > 0) items.unshift(bad(`missing company properties: ${absent.join(', ')}`, SETUP));
  const log = known.get(taskLogName(portal.mapping));
  if (!log) items.push(bad(`missing company property: ${taskLogName(portal.mapping)}`, SETUP));
  else if (log.type !== 'string' || !isOurs(log, portal.mapping)) items.push(notOurs(log, 'writeback.prefix'));
  return items.length ? items : [good(`${portal.ours.length} health properties exist and have their values`)];
}

/** What makes each manager task exist once, and how surely. */
export function taskKey(portal: Portal, known: ReadonlyMap<string, Property>): CheckItem[] {
  const found = known.get(portal.mapping.taskKey);
  if (!found) return [bad(`missing task property: ${portal.mapping.taskKey}`, SETUP)];
  if (found.type !== 'string' || !isOurs(found, portal.mapping)) return [notOurs(found, 'taskKey')];
  return [
    good(
      found.hasUniqueValue
        ? `${found.name} is unique: the portal itself refuses a second task`
        : `${found.name} is not unique here: keys are compared among each company's own tasks before one is raised`,
    ),
  ];
}
