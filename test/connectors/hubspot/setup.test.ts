import { afterEach, describe, expect, it } from 'vitest';
import { MARKER } from '../../../connectors/hubspot/definitions.ts';
import type { Portal } from '../../../connectors/hubspot/portal.ts';
import type { HubspotOptions } from '../../../connectors/hubspot/sandbox.ts';
import { applyPlan, planSetup } from '../../../connectors/hubspot/setup.ts';
import type { ProvisionPlan } from '../../../src/contract/index.ts';
import { Served } from './served.ts';
import { collect } from './support.ts';

let served: Served | undefined;
afterEach(async () => {
  await served?.close();
  served = undefined;
});
async function start(options: Partial<HubspotOptions> = {}): Promise<void> {
  served = await Served.start({ customers: 4, ...options });
}
/** As each run begins. */
function open(config: Record<string, unknown> = {}): Portal {
  if (!served) throw new Error('nothing is served');
  return served.portal(config);
}

/** A call that an administrator makes by the portal's own means. */
async function admin(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${served?.sandbox.origin}/crm/v3/${path}`, {
    method,
    headers: { authorization: `Bearer ${served?.sandbox.env.HUBSPOT_TOKEN}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  const text = await response.text();
  return text ? JSON.parse(text) : {};
}
const actions = (plan: ProvisionPlan): Record<string, string> =>
  Object.fromEntries(plan.steps.map((step) => [step.id, step.action]));
const setUp = async (portal: Portal, plan?: ProvisionPlan) =>
  collect(applyPlan(portal, plan ?? (await planSetup(portal))));
const failed = (outcomes: { step: string; ok: boolean; reason?: string }[]) =>
  Object.fromEntries(outcomes.filter((o) => !o.ok).map((o) => [o.step, o.reason]));

describe('set-up', () => {
  it.each(['v3', '2026-03', '2026-09'])(
    'plans, applies, and then finds nothing left to do (%s)',
    async (apiVersion) => {
      await start();
      const portal = open({ apiVersion });
      const plan = await planSetup(portal);
      expect(new Set(Object.values(actions(plan)))).toEqual(new Set(['create']));
      expect(plan.steps.map((s) => s.id)).toEqual([
        'group:companies',
        'group:tasks',
        ...portal.ours.map((field) => `property:companies.${field.api}`),
        'property:companies.chs_health_task_log',
        'property:tasks.chs_health_task_key',
        'list:Health: Green',
        'list:Health: Yellow',
        'list:Health: Red',
        'list:Health: Not scored',
        'list:Health: declining',
        'list:Health: renewal within 90 days at risk',
      ]);
      const outcomes = await setUp(portal, plan);
      expect(outcomes.map((o) => o.step).toSorted()).toEqual(plan.steps.map((s) => s.id).toSorted());
      expect(failed(outcomes)).toEqual({});
      // All properties of an object in one call.
      expect(served?.calls.filter((label) => label === 'properties.create')).toHaveLength(2);
      const again = await planSetup(open({ apiVersion }));
      expect(new Set(Object.values(actions(again)))).toEqual(new Set(['keep']));
      const writes = served?.calls.filter((label) => label.includes('create') || label.includes('update'));
      expect(failed(await setUp(portal, again))).toEqual({});
      expect(served?.calls.filter((label) => label.includes('create') || label.includes('update'))).toEqual(writes);
    },
  );

  it('makes properties that people can read and reports can use', async () => {
    await start();
    await setUp(open());
    expect(await admin('GET', 'properties/companies/chs_health_band')).toMatchObject({
      label: 'Health band',
      groupName: 'pulseback',
      type: 'enumeration',
      fieldType: 'select',
      options: ['Green', 'Yellow', 'Red', 'Not scored'].map((value, displayOrder) => ({
        label: value,
        value,
        hidden: false,
        displayOrder,
      })),
    });
    expect(await admin('GET', 'properties/companies/chs_health_score')).toMatchObject({ type: 'number' });
    expect(await admin('GET', 'properties/companies/chs_health_reasons')).toMatchObject({ fieldType: 'textarea' });
    expect(await admin('GET', 'properties/companies/chs_health_scored_at')).toMatchObject({ type: 'datetime' });
    expect(await admin('GET', 'properties/companies/chs_health_override_until')).toMatchObject({ type: 'date' });
    expect(await admin('GET', 'properties/tasks/chs_health_task_key')).toMatchObject({ hasUniqueValue: true });
  });

  it.each(['refused', 'ignored'] as const)(
    'makes do with a plain task key where a unique one is %s',
    async (uniqueTasks) => {
      await start({ uniqueTasks });
      expect(failed(await setUp(open()))).toEqual({});
      expect(await admin('GET', 'properties/tasks/chs_health_task_key')).toMatchObject({ hasUniqueValue: false });
      expect(actions(await planSetup(open()))['property:tasks.chs_health_task_key']).toBe('keep');
    },
  );

  it('makes do with a plain task key where ten properties are unique already', async () => {
    await start();
    const text = { groupName: 'taskinformation', type: 'string', fieldType: 'text', hasUniqueValue: true };
    const { results } = (await admin('GET', 'properties/tasks/groups')) as { results: { name: string }[] };
    for (let n = 0; n < 10; n++)
      await admin('POST', 'properties/tasks', {
        ...text,
        groupName: results[0]?.name,
        name: `key_${n}`,
        label: `Key ${n}`,
      });
    expect(failed(await setUp(open()))).toEqual({});
    expect(await admin('GET', 'properties/tasks/chs_health_task_key')).toMatchObject({ hasUniqueValue: false });
  });

  it('never takes over a property that somebody else made', async () => {
    await start();
    await admin('POST', 'properties/companies', {
      name: 'chs_health_band',
      label: 'Our band',
      description: 'Made by RevOps',
      groupName: 'companyinformation',
      type: 'string',
      fieldType: 'text',
    });
    await admin('POST', 'properties/companies', {
      name: 'chs_health_score',
      label: 'Our score',
      groupName: 'companyinformation',
      type: 'number',
      fieldType: 'number',
    });
    const portal = open();
    const plan = await planSetup(portal);
    expect(actions(plan)['property:companies.chs_health_band']).toBe('conflict');
    expect(actions(plan)['property:companies.chs_health_score']).toBe('conflict');
    // Nor is a list built on it.
    expect(Object.keys(actions(plan)).filter((id) => id.startsWith('list:'))).toEqual(['list:Health: declining']);
    expect(Object.keys(failed(await setUp(portal, plan))).toSorted()).toEqual([
      'property:companies.chs_health_band',
      'property:companies.chs_health_score',
    ]);
    expect(await admin('GET', 'properties/companies/chs_health_band')).toMatchObject({ description: 'Made by RevOps' });
  });

  it('leaves an archived property to a person: its name stays taken', async () => {
    await start();
    await setUp(open());
    await admin('DELETE', 'properties/companies/chs_health_reasons');
    const plan = await planSetup(open());
    const step = plan.steps.find((s) => s.id === 'property:companies.chs_health_reasons');
    expect(step?.action).toBe('conflict');
    expect(step?.detail).toMatch(/archived/);
  });

  it('adds values and keeps those of people, with their order, labels and texts', async () => {
    await start();
    await setUp(open());
    const option = (value: string, displayOrder: number, more: object = {}) => ({
      label: value,
      value,
      hidden: false,
      displayOrder,
      ...more,
    });
    const options = [
      option('Watch', 0),
      option('Red', 1, { label: 'Rot', description: 'act now' }),
      option('Green', 2, { hidden: true }),
    ];
    await admin('PATCH', 'properties/companies/chs_health_band', {
      label: 'Ampel',
      description: `Die Ampel. ${MARKER} Fragen an RevOps.`,
      options,
    });
    const portal = open();
    const plan = await planSetup(portal);
    const changed = plan.steps.filter((s) => s.action !== 'keep');
    expect(changed.map((s) => [s.id, s.action, s.detail])).toEqual([
      ['property:companies.chs_health_band', 'change', 'values Yellow, Not scored'],
    ]);
    expect(failed(await setUp(portal, plan))).toEqual({});
    // Who goes on with the same session does not see the portal of before.
    const band = (await portal.schema.properties('companies')).get('chs_health_band');
    expect(band?.options.map((one) => one.value)).toEqual(['Watch', 'Red', 'Green', 'Yellow', 'Not scored']);
    expect(await admin('GET', 'properties/companies/chs_health_band')).toMatchObject({
      label: 'Ampel',
      options: [...options, option('Yellow', 3), option('Not scored', 4)],
    });
    expect(new Set(Object.values(actions(await planSetup(open()))))).toEqual(new Set(['keep']));
  });

  it('does only what the plan names', async () => {
    await start();
    const portal = open();
    const plan = await planSetup(portal);
    const outcomes = await setUp(portal, { steps: plan.steps.slice(0, 3) });
    expect(outcomes.map((o) => o.step)).toEqual(plan.steps.slice(0, 3).map((s) => s.id));
    const after = actions(await planSetup(open()));
    expect(Object.values(after).filter((action) => action === 'keep')).toHaveLength(3);
  });

  it('tells what the portal refused in its words, and does the rest', async () => {
    await start({ propertyLimit: 14 });
    const outcomes = await setUp(open());
    const refused = failed(outcomes);
    expect(Object.keys(refused).length).toBeGreaterThan(3);
    expect(refused['property:companies.chs_health_context_until']).toMatch(/limit of 14 custom properties/);
    expect(outcomes.find((o) => o.step === 'property:companies.chs_health_score')).toMatchObject({ ok: true });
    expect(outcomes.find((o) => o.step === 'property:tasks.chs_health_task_key')).toMatchObject({ ok: true });
  });

  it('leaves lists out where the token may not have them, and says so', async () => {
    await start();
    served?.sandbox.faults.add({ name: 'missing-scope', with: { scope: 'crm.lists.read' } });
    const portal = open();
    const plan = await planSetup(portal);
    expect(plan.steps.at(-1)).toMatchObject({
      id: 'lists',
      action: 'keep',
      detail: expect.stringMatching(/crm.lists/),
    });
    expect(failed(await setUp(portal, plan))).toEqual({});
  });

  it('makes all but the lists where the token may only read them, and says so', async () => {
    const scope = 'crm.lists.write';
    await start();
    served?.sandbox.faults.add({ name: 'missing-scope', with: { scope } });
    const outcomes = await setUp(open());
    expect(failed(outcomes)).toEqual({});
    const left = outcomes.filter(({ reason }) => reason?.includes(scope)).map(({ step }) => step);
    expect(left).toHaveLength(6);
    expect(left.every((step) => step.startsWith('list:'))).toBe(true);
    expect(actions(await planSetup(open()))).toMatchObject({ [left[0] ?? '']: 'create' });
  });

  it('names the scope that properties of tasks need', async () => {
    await start();
    served?.sandbox.faults.add({ name: 'missing-scope', with: { scope: 'crm.schemas.contacts.write' } });
    const refused = failed(await setUp(open()));
    expect(Object.keys(refused)).toEqual(['group:tasks', 'property:tasks.chs_health_task_key']);
    expect(refused['property:tasks.chs_health_task_key']).toMatch(
      /MISSING_SCOPES.*Grant .*crm\.schemas\.contacts\.write/,
    );
  });

  it('takes a property for made whose answer was lost, although its repetition is refused', async () => {
    await start({ uniqueTasks: 'refused' });
    // The first one asks for a unique property, and is refused; the next one makes a plain one.
    served?.sandbox.faults.add({ name: '502-after-commit', on: 'properties.create', skip: 1 });
    expect(failed(await setUp(open()))).toEqual({});
    expect(served?.sandbox.faults.fired()).toEqual({ '502-after-commit': 1 });
    expect(actions(await planSetup(open()))).toMatchObject({ 'property:tasks.chs_health_task_key': 'keep' });
  });

  it('goes on after an answer that was lost', async () => {
    await start();
    served?.sandbox.faults.add({ name: '502-after-commit', on: 'properties.batch.create', times: 2 });
    served?.sandbox.faults.add({ name: '502-after-commit', on: 'lists.create' });
    served?.sandbox.faults.add({ name: '502-after-commit', on: 'properties.groups.create' });
    expect(failed(await setUp(open()))).toEqual({});
    expect(new Set(Object.values(actions(await planSetup(open()))))).toEqual(new Set(['keep']));
  });
});
