import { z } from 'zod';
import type { ProvisionOutcome, ProvisionPlan, ProvisionStep } from '../../src/contract/index.ts';
import { ConnectorError } from '../../src/contract/index.ts';
import { split } from '../../src/kit/parallel.ts';
import { codesOf, reasonOf, sendCollection } from './collections.ts';
import { accountField, type CustomField, type Definition, difference, taskKeyField } from './customField.ts';
import type { Org } from './org.ts';
import {
  type ExistingSet,
  existingSets,
  isAssigned,
  type PermissionSetSpec,
  permissionSets,
  runningUser,
} from './permissions.ts';

/** Components in one Metadata API call. */
const PER_CALL = 10;

type Work =
  | { kind: 'none' }
  | { kind: 'field'; field: CustomField }
  | { kind: 'set'; spec: PermissionSetSpec }
  | { kind: 'grant'; spec: PermissionSetSpec; existing: ExistingSet | null }
  | { kind: 'assign'; set: string; user: string };
interface Item {
  step: ProvisionStep;
  work: Work;
}

/** What setup would do; reads only. */
export async function planSetup(org: Org): Promise<ProvisionPlan> {
  return { steps: (await assess(org)).map((i) => i.step) };
}

/**
 * Does the steps of a plan that are still to be done: fields first, then the sets, what they grant, and the assignment. Steps that the
 * plan does not name, and those that have been done meanwhile, are left alone; a conflict is reported and never resolved by us.
 */
export async function* applyPlan(org: Org, plan: ProvisionPlan): AsyncGenerator<ProvisionOutcome> {
  const planned = new Map(plan.steps.map((s) => [s.id, s]));
  const items = (await assess(org)).filter((i) => planned.has(i.step.id));
  try {
    for (const { step } of items)
      if (step.action === 'conflict') yield { step: step.id, ok: false, reason: step.detail ?? 'needs a person' };
      else if (step.action === 'keep') yield { step: step.id, ok: true };
    const fields = items.flatMap(({ step, work }) => (work.kind === 'field' ? [{ step, field: work.field }] : []));
    for (const part of split(fields, PER_CALL)) yield* upsertFields(org, part);
    for (const { step, work } of items) {
      if (work.kind === 'set') yield await createSet(org, step, work.spec);
      else if (work.kind === 'grant') yield await grant(org, step, work.spec);
      else if (work.kind === 'assign') yield await assign(org, step, work.set, work.user);
    }
  } finally {
    org.schema.forget(); // describes from before the fields and grants are wrong now
  }
}

async function assess(org: Org): Promise<Item[]> {
  const wanted = [...org.ours.map(accountField), taskKeyField(org.mapping.taskKey)];
  const existing = await readFields(
    org,
    wanted.map((f) => f.fullName),
  );
  const fields = wanted.map((field): Item => {
    const found = difference(field, existing.get(field.fullName.toLowerCase()) ?? null);
    const step: ProvisionStep = {
      id: `field:${field.fullName}`,
      what: `field ${field.fullName} (${String(field.type)})`,
      action: found.action,
      ...('detail' in found ? { detail: found.detail } : {}),
    };
    if (found.action === 'create') return { step, work: { kind: 'field', field } };
    return { step, work: found.action === 'change' ? { kind: 'field', field: found.field } : { kind: 'none' } };
  });
  const conflicts = new Set(
    fields.filter((i) => i.step.action === 'conflict').map((i) => i.step.id.replace('field:', '')),
  );
  const specs = permissionSets(org.mapping, org.ours).map((spec) => ({
    ...spec,
    // A stranger's field is not ours to grant.
    fields: spec.fields.filter(
      (g) => !conflicts.has(g.field) && !conflicts.has(g.field.replace(/^Task\./, 'Activity.')),
    ),
  }));
  const sets = await existingSets(
    org,
    specs.map((s) => s.api),
  );
  const grants = specs.flatMap((spec) => assessSet(spec, sets.get(spec.api) ?? null));
  return [...fields, ...grants, ...(await assessAssignment(org, sets.get(org.mapping.permissionSets.runtime) ?? null))];
}

function assessSet(spec: PermissionSetSpec, existing: ExistingSet | null): Item[] {
  const set: Item = {
    step: {
      id: `set:${spec.api}`,
      what: `permission set ${spec.label} (${spec.api})`,
      action: existing ? 'keep' : 'create',
    },
    work: existing ? { kind: 'none' } : { kind: 'set', spec },
  };
  const { objects, fields } = missingGrants(spec, existing);
  const count = objects + fields.length;
  const step: ProvisionStep = {
    id: `grant:${spec.api}`,
    what: `access by ${spec.label}: Account and ${spec.fields.length} fields`,
    action: count ? 'grant' : 'keep',
    ...(count ? { detail: [...(objects ? ['Account'] : []), ...fields.map((f) => f.field)].join(', ') } : {}),
  };
  return [set, { step, work: count ? { kind: 'grant', spec, existing } : { kind: 'none' } }];
}

function missingGrants(spec: PermissionSetSpec, existing: ExistingSet | null) {
  const object = existing?.account;
  const objects = object?.read && (object.edit || !spec.editAccounts) ? 0 : 1;
  const fields = spec.fields.filter((g) => {
    const has = existing?.fields.get(g.field);
    return !has?.read || (g.edit && !has.edit);
  });
  return { objects, fields };
}

async function assessAssignment(org: Org, runtime: ExistingSet | null): Promise<Item[]> {
  const set = org.mapping.permissionSets.runtime;
  const user = await runningUser(org);
  const step = { id: `assign:${set}`, what: `${set} for the integration user` };
  if (!user)
    return [
      {
        step: {
          ...step,
          action: 'conflict',
          detail: 'the login did not say who the user is; assign the permission set by hand',
        },
        work: { kind: 'none' },
      },
    ];
  const done = runtime !== null && (await isAssigned(org, runtime.id, user));
  return [
    {
      step: { ...step, action: done ? 'keep' : 'assign' },
      work: done ? { kind: 'none' } : { kind: 'assign', set, user },
    },
  ];
}

/** Definitions by lower-case full name; a field that does not exist comes back empty. */
async function readFields(org: Org, names: string[]): Promise<Map<string, Definition>> {
  const found = new Map<string, Definition>();
  for (const part of split(names, PER_CALL)) {
    const definitions: unknown = await org.client.call(
      { label: 'metadata.read', kind: 'read', idempotent: true },
      (conn) => conn.metadata.read('CustomField', part),
    );
    for (const d of z.array(z.record(z.string(), z.unknown())).parse(definitions))
      if (typeof d.fullName === 'string' && d.fullName) found.set(d.fullName.toLowerCase(), d);
  }
  return found;
}

const UpsertResult = z.object({
  fullName: z.string(),
  success: z.boolean(),
  errors: z.array(z.looseObject({ statusCode: z.unknown(), message: z.unknown() })).default([]),
});

async function* upsertFields(
  org: Org,
  items: { step: ProvisionStep; field: CustomField }[],
): AsyncGenerator<ProvisionOutcome> {
  const answer: unknown = await org.client.call({ label: 'metadata.upsert', kind: 'write', idempotent: true }, (conn) =>
    conn.metadata.upsert(
      'CustomField',
      items.map((i) => i.field),
    ),
  );
  const results = z.array(UpsertResult).parse(answer);
  if (results.length !== items.length)
    throw new ConnectorError(`metadata.upsert: ${items.length} fields were sent, ${results.length} results came back`, {
      action: 'fail',
      code: 'RESULT_MISMATCH',
    });
  const byName = new Map(results.map((r) => [r.fullName.toLowerCase(), r]));
  for (const { step, field } of items) {
    const result = byName.get(field.fullName.toLowerCase());
    if (result?.success) yield { step: step.id, ok: true };
    else
      yield {
        step: step.id,
        ok: false,
        reason: result?.errors.map((e) => `${e.statusCode}: ${e.message}`).join('; ') || 'no result came back',
      };
  }
}

/** Rows of a set-up object; one that exists already counts as made. */
async function save(
  org: Org,
  type: string,
  method: 'POST' | 'PATCH',
  records: Record<string, unknown>[],
): Promise<string | null> {
  const problems: string[] = [];
  for (const part of split(records, 200)) {
    const label = method === 'POST' ? 'collections.create' : 'collections.update';
    const results = await sendCollection(org.client, { label, method, idempotent: true, type, records: part });
    for (const [i, result] of results.entries())
      if (!result.success && !codesOf(result).includes('DUPLICATE_VALUE'))
        problems.push(`${String(part[i]?.Field ?? type)}: ${reasonOf(result)}`);
  }
  return problems.length ? problems.join('; ') : null;
}

const outcome = (step: ProvisionStep, problem: string | null): ProvisionOutcome =>
  problem ? { step: step.id, ok: false, reason: problem } : { step: step.id, ok: true };

async function createSet(org: Org, step: ProvisionStep, spec: PermissionSetSpec): Promise<ProvisionOutcome> {
  const record = { Name: spec.api, Label: spec.label, Description: spec.description };
  return outcome(step, await save(org, 'PermissionSet', 'POST', [record]));
}

async function grant(org: Org, step: ProvisionStep, spec: PermissionSetSpec): Promise<ProvisionOutcome> {
  const existing = (await existingSets(org, [spec.api])).get(spec.api);
  if (!existing) return outcome(step, `the permission set ${spec.api} does not exist`);
  const { objects, fields } = missingGrants(spec, existing);
  const problems: (string | null)[] = [];
  if (objects) {
    const access = { PermissionsRead: true, PermissionsEdit: spec.editAccounts || (existing.account?.edit ?? false) };
    problems.push(
      existing.account
        ? await save(org, 'ObjectPermissions', 'PATCH', [{ id: existing.account.id, ...access }])
        : await save(org, 'ObjectPermissions', 'POST', [{ ParentId: existing.id, SobjectType: 'Account', ...access }]),
    );
  }
  const fresh = fields.filter((g) => !existing.fields.has(g.field));
  const wider = fields.flatMap((g) => {
    const has = existing.fields.get(g.field);
    return has ? [{ id: has.id, PermissionsRead: true, PermissionsEdit: g.edit || has.edit }] : [];
  });
  problems.push(
    await save(
      org,
      'FieldPermissions',
      'POST',
      fresh.map((g) => ({
        ParentId: existing.id,
        SobjectType: g.field.split('.')[0],
        Field: g.field,
        PermissionsRead: true,
        PermissionsEdit: g.edit,
      })),
    ),
  );
  problems.push(await save(org, 'FieldPermissions', 'PATCH', wider));
  return outcome(step, problems.filter((p) => p !== null).join('; ') || null);
}

async function assign(org: Org, step: ProvisionStep, set: string, user: string): Promise<ProvisionOutcome> {
  const existing = (await existingSets(org, [set])).get(set);
  if (!existing) return outcome(step, `the permission set ${set} does not exist`);
  return outcome(
    step,
    await save(org, 'PermissionSetAssignment', 'POST', [{ PermissionSetId: existing.id, AssigneeId: user }]),
  );
}
