import { z } from 'zod';
import type { ProvisionOutcome, ProvisionPlan, ProvisionStep } from '../../src/contract/index.ts';
import {
  companyProperty,
  type Definition,
  type Difference,
  difference,
  isOurs,
  taskKeyProperty,
  taskLogProperty,
} from './definitions.ts';
import { ApiError } from './errors.ts';
import type { ObjectType } from './paths.ts';
import type { Portal } from './portal.ts';
import type { Property, PropertyOption } from './schema.ts';
import { createSegment, listsBarred, type Segment, segmentExists, segmentsOf } from './segments.ts';

/** Objects that get properties of ours. */
const OBJECTS = ['companies', 'tasks'] as const;

type Work =
  | { kind: 'none' }
  | { kind: 'group'; object: ObjectType }
  | { kind: 'property'; definition: Definition }
  | { kind: 'options'; definition: Definition; options: PropertyOption[] }
  | { kind: 'segment'; segment: Segment };
interface Item {
  step: ProvisionStep;
  work: Work;
}
const NONE: Work = { kind: 'none' };
const LISTS_LEFT_OUT = 'left out: grant crm.lists.read and crm.lists.write to have them';

/** What setup would do; reads only. */
export async function planSetup(portal: Portal): Promise<ProvisionPlan> {
  return { steps: (await assess(portal)).map((item) => item.step) };
}

/**
 * Does the steps of a plan that are still to be done: groups, properties, values, then lists. Steps that the plan does not name, and
 * those that have been done meanwhile, are left alone; a conflict is reported and never resolved by us. Nothing is ever deleted.
 */
export async function* applyPlan(portal: Portal, plan: ProvisionPlan): AsyncGenerator<ProvisionOutcome> {
  const planned = new Set(plan.steps.map((step) => step.id));
  const items = (await assess(portal)).filter((item) => planned.has(item.step.id));
  try {
    for (const { step } of items)
      if (step.action === 'conflict') yield { step: step.id, ok: false, reason: step.detail ?? 'needs a person' };
      else if (step.action === 'keep') yield { step: step.id, ok: true };
    for (const { step, work } of items)
      if (work.kind === 'group') yield outcome(step, await addGroup(portal, work.object));
    yield* addProperties(portal, items);
    for (const { step, work } of items)
      if (work.kind === 'options') yield outcome(step, await addOptions(portal, work.definition, work.options));
    for (const { step, work } of items) if (work.kind === 'segment') yield await addSegment(portal, step, work.segment);
  } finally {
    portal.schema.forget(); // what was read before is out of date now
  }
}

const outcome = (step: ProvisionStep, problem: string | null): ProvisionOutcome =>
  problem ? { step: step.id, ok: false, reason: problem } : { step: step.id, ok: true };

async function assess(portal: Portal): Promise<Item[]> {
  portal.schema.forget();
  const { mapping } = portal;
  const items: Item[] = [];
  const known = new Map<ObjectType, { live: Map<string, Property>; archived: Set<string> }>();
  for (const object of OBJECTS) {
    known.set(object, {
      live: await portal.schema.properties(object),
      archived: await portal.schema.archived(object),
    });
    items.push(await assessGroup(portal, object));
  }
  const wanted = [
    ...portal.ours.map((field) => companyProperty(field, mapping)),
    taskLogProperty(mapping),
    taskKeyProperty(mapping),
  ];
  for (const definition of wanted) {
    const { live, archived } = known.get(definition.object) ?? { live: new Map(), archived: new Set() };
    const existing = live.get(definition.name) ?? null;
    items.push(itemOf(definition, difference(definition, existing, archived.has(definition.name), mapping)));
  }
  const conflicts = new Set(items.filter(({ step }) => step.action === 'conflict').map(({ step }) => step.id));
  const ours = portal.ours.filter((field) => !conflicts.has(`property:companies.${field.api}`));
  const { renewalOn = null } = mapping.account;
  const dated = renewalOn !== null && /^date/.test(known.get('companies')?.live.get(renewalOn)?.type ?? '');
  const segments = segmentsOf(ours, dated ? renewalOn : null, portal.ctx.timezone);
  return [...items, ...(await assessSegments(portal, segments))];
}

async function assessGroup(portal: Portal, object: ObjectType): Promise<Item> {
  const { results } = await portal.client.json({
    label: 'properties.groups',
    kind: 'read',
    idempotent: true,
    method: 'GET',
    path: portal.paths.propertyGroups(object),
    schema: z.object({ results: z.array(z.object({ name: z.string() })) }),
  });
  const { group } = portal.mapping;
  const exists = results.some(({ name }) => name === group);
  return {
    step: { id: `group:${object}`, what: `property group ${group} of ${object}`, action: exists ? 'keep' : 'create' },
    work: exists ? NONE : { kind: 'group', object },
  };
}

function itemOf(definition: Definition, found: Difference): Item {
  const step: ProvisionStep = {
    id: `property:${definition.object}.${definition.name}`,
    what: `property ${definition.name} of ${definition.object} (${definition.type})`,
    action: found.action,
    ...('detail' in found ? { detail: found.detail } : {}),
  };
  if (found.action === 'create') return { step, work: { kind: 'property', definition } };
  return { step, work: found.action === 'change' ? { kind: 'options', definition, options: found.options } : NONE };
}

async function assessSegments(portal: Portal, segments: Segment[]): Promise<Item[]> {
  const items: Item[] = [];
  try {
    for (const segment of segments) {
      const exists = await segmentExists(portal, segment);
      items.push({
        step: { id: `list:${segment.name}`, what: `list "${segment.name}"`, action: exists ? 'keep' : 'create' },
        work: exists ? NONE : { kind: 'segment', segment },
      });
    }
  } catch (error) {
    if (!listsBarred(error)) throw error;
    portal.ctx.log.warn({ code: error.code }, 'lists are left out: the token may not read them');
    return [
      {
        step: {
          id: 'lists',
          what: 'lists for account managers',
          action: 'keep',
          detail: LISTS_LEFT_OUT,
        },
        work: NONE,
      },
    ];
  }
  return items;
}

/** @returns why it was not made; one that exists already counts as made */
async function addGroup(portal: Portal, object: ObjectType): Promise<string | null> {
  return refusal(
    portal.client.json({
      label: 'properties.groups.create',
      kind: 'write',
      idempotent: true,
      method: 'POST',
      path: portal.paths.propertyGroups(object),
      body: { name: portal.mapping.group, label: 'Pulseback', displayOrder: -1 },
      schema: z.unknown(),
    }),
    [409],
  );
}

/** All of an object in one call, as far as they go; each one that is not there afterwards is asked for by itself, for its own words. */
async function* addProperties(portal: Portal, items: Item[]): AsyncGenerator<ProvisionOutcome> {
  for (const object of OBJECTS) {
    const wanted = items.flatMap(({ step, work }) =>
      work.kind === 'property' && work.definition.object === object ? [{ step, definition: work.definition }] : [],
    );
    if (wanted.length === 0) continue;
    await refusal(
      portal.client.json({
        label: 'properties.create',
        kind: 'write',
        idempotent: true,
        method: 'POST',
        path: portal.paths.propertiesCreate(object),
        body: { inputs: wanted.map(({ definition }) => bodyOf(definition)) },
        schema: z.unknown(),
      }),
      [],
    );
    portal.schema.forget();
    for (const { step, definition } of wanted)
      yield outcome(step, (await isThere(portal, definition)) ? null : await addOne(portal, definition));
  }
}

const isThere = async (portal: Portal, { object, name }: Definition): Promise<boolean> => {
  const found = (await portal.schema.properties(object)).get(name);
  return found !== undefined && isOurs(found, portal.mapping);
};

async function addOne(portal: Portal, definition: Definition): Promise<string | null> {
  const problem = await create(portal, definition);
  if (problem === null || !definition.hasUniqueValue) return problem;
  // Tasks are not on the vendor's list of objects with unique properties, and an object has ten at most: a plain one will do, and keys
  // are compared by us.
  const { hasUniqueValue: _, ...plain } = definition;
  return create(portal, plain);
}

/** @returns why it was not made; null = it is there, be it from a call whose answer was lost */
async function create(portal: Portal, definition: Definition): Promise<string | null> {
  const problem = await refusal(
    portal.client.json({
      label: 'properties.create',
      kind: 'write',
      idempotent: true,
      method: 'POST',
      path: portal.paths.properties(definition.object),
      body: bodyOf(definition),
      schema: z.unknown(),
    }),
    [],
  );
  if (problem === null) return null;
  portal.schema.forget();
  return (await isThere(portal, definition)) ? null : problem;
}

async function addOptions(
  portal: Portal,
  { object, name }: Definition,
  options: PropertyOption[],
): Promise<string | null> {
  return refusal(
    portal.client.json({
      label: 'properties.update',
      kind: 'write',
      idempotent: true,
      method: 'PATCH',
      path: portal.paths.property(object, name),
      body: { options },
      schema: z.unknown(),
    }),
    [],
  );
}

/** Lists are a convenience: where the token may read and not make them, the rest is done nevertheless. */
async function addSegment(portal: Portal, step: ProvisionStep, segment: Segment): Promise<ProvisionOutcome> {
  try {
    return outcome(step, await createSegment(portal, segment));
  } catch (error) {
    if (!listsBarred(error)) throw error;
    portal.ctx.log.warn({ code: error.code }, 'lists are left out: the token may not make them');
    return { step: step.id, ok: true, reason: LISTS_LEFT_OUT };
  }
}

const bodyOf = ({ object: _, ...definition }: Definition): Record<string, unknown> => ({
  ...definition,
  displayOrder: -1,
  formField: false,
});

/** The vendor's words where it refused; `fine` are refusals that mean "done". Anything else is thrown. */
async function refusal(call: Promise<unknown>, fine: number[]): Promise<string | null> {
  try {
    await call;
    return null;
  } catch (error) {
    if (!(error instanceof ApiError) || ![400, 403, 409].includes(error.status)) throw error;
    if (fine.includes(error.status)) return null;
    return error.status === 403 && error.hint ? `${error.message}. ${error.hint}` : error.message;
  }
}
