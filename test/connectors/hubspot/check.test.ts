import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkPortal } from '../../../connectors/hubspot/check.ts';
import type { HubspotOptions } from '../../../connectors/hubspot/sandbox.ts';
import { applyPlan, planSetup } from '../../../connectors/hubspot/setup.ts';
import type { CheckItem } from '../../../src/contract/index.ts';
import { Served } from './served.ts';
import { collect, makeCtx } from './support.ts';

const SHIPPED = join(import.meta.dirname, '../../../mappings/crm/hubspot.yaml');

let served: Served | undefined;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'check-'));
});
afterEach(async () => {
  await served?.close();
  served = undefined;
  rmSync(folder, { recursive: true });
});

async function start(options: Partial<HubspotOptions> = {}, setUp = true): Promise<Served> {
  served = await Served.start({ customers: 6, ...options });
  const portal = served.portal();
  if (setUp) await collect(applyPlan(portal, await planSetup(portal)));
  return served;
}
/** The shipped mapping with one thing changed. */
function mapping(from: string, to: string): string {
  const text = readFileSync(SHIPPED, 'utf8');
  expect(text).toContain(from);
  const file = join(folder, 'mapping.yaml');
  writeFileSync(file, text.replace(from, to));
  return file;
}
async function found(config: Record<string, unknown> = {}, at = served): Promise<CheckItem[]> {
  if (!at) throw new Error('nothing is served');
  const { items } = await checkPortal(at.portal(config).ctx);
  for (const item of items) if (!item.ok) expect(item.fix, item.what).toMatch(/\w/);
  return items.filter((item) => !item.ok);
}
const told = (items: CheckItem[]): string => items.map((i) => `${i.level}: ${i.what} → ${i.fix}`).join('\n');

async function admin(method: string, path: string, body?: object): Promise<void> {
  const response = await fetch(`${served?.sandbox.origin}/crm/v3/${path}`, {
    method,
    headers: { authorization: `Bearer ${served?.sandbox.env.HUBSPOT_TOKEN}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
}

describe('check', () => {
  it.each(['v3', '2026-03', '2026-09'])('finds nothing wrong where nothing is, and changes nothing (%s)', async (v) => {
    const { world, sandbox } = await start();
    // In this world a manager has left, which is a finding of its own.
    const gone = world.users.flatMap((user, position) => (user.active ? [] : [String(101 + position)]));
    const managers = Object.entries(sandbox.config.managers as object).filter(([, to]) => !gone.includes(String(to)));
    const config = { apiVersion: v, tickets: true, managers: Object.fromEntries(managers) };
    const portal = served?.portal(config) ?? expect.fail('nothing is served');
    const { items } = await checkPortal(portal.ctx);
    expect(told(items.filter((item) => !item.ok))).toBe('');
    const what = items.map((item) => item.what).join('\n');
    expect(what).toMatch(/portal \d+ \(.*sandbox\)/);
    expect(what).toMatch(/API calls of the portal's day: \d+ of 625000/);
    expect(what).toMatch(/custom company properties: \d+ of 1000/);
    expect(what).toMatch(/chs_health_task_key is unique/);
    expect(served?.calls.some((label) => /create|update/.test(label))).toBe(false);
  });

  it('sends a person to setup before the first run', async () => {
    await start({}, false);
    const items = await found();
    expect(told(items)).toMatch(/error: missing company properties: chs_health_score, .*setup/);
    expect(told(items)).toMatch(/error: missing task property: chs_health_task_key .*setup/);
  });

  it('says whether what set-up would create still fits', async () => {
    await start({ propertyLimit: 12 }, false);
    expect(told(await found())).toMatch(/custom company properties: \d+ of 12, and \d+ more are needed/);
  });

  it('names a mapped property that is missing, and the nearest', async () => {
    await start();
    const items = await found({ mapping: mapping('renewalOn: renewal_date', 'renewalOn: renewl_date') });
    expect(told(items)).toMatch(
      /error: .*account\.renewalOn: companies have no property renewl_date; nearest is renewal_date/,
    );
  });

  it('names a mapped property of the wrong type', async () => {
    await start();
    expect(told(await found({ mapping: mapping('arr: arr', 'arr: external_key') }))).toMatch(
      /error: .*account\.arr: the property external_key is of type string, and a number is needed/,
    );
    expect(told(await found({ mapping: mapping('{ field: cs_manager }', '{ field: external_key }') }))).toMatch(
      /error: .*rules\.roles: the property external_key is not of type HubSpot user/,
    );
  });

  it('warns of values that no record can have, and knows a label from a value', async () => {
    await start();
    expect(told(await found({ mapping: mapping('is: mid-market', 'is: Mid-Market Plus') }))).toMatch(
      /warning: .*property segment of companies has no value "Mid-Market Plus" → Its values are enterprise, /,
    );
    await admin('PATCH', 'properties/companies/segment', {
      options: ['ent', 'mm', 'smb'].map((value, n) => ({
        value,
        label: ['Enterprise', 'Mid-Market', 'SMB'][n],
        hidden: false,
      })),
    });
    const items = told(await found());
    expect(items).toMatch(/warning: .*no value "enterprise" → That is a label; its value is ent\./);
    expect(items).not.toMatch(/"smb"/);
  });

  it('warns of a renewal pipeline that does not exist, and names those that do', async () => {
    await start();
    const file = mapping(
      'renewalDeal: { field: pipeline, is: renewals }',
      'renewalDeal: { field: pipeline, is: "77" }',
    );
    expect(told(await found({ mapping: file }))).toMatch(
      /warning: .*renewalDeal: no deal pipeline has the id 77 → Name one of: .*renewals \(Renewals\).*a renewal/,
    );
    const types = mapping(
      '{ name: Renewal, when: { field: pipeline, is: renewals } }',
      '{ name: Renewal, when: { field: pipeline, is: "78" } }',
    );
    const items = await found({ mapping: types });
    expect(told(items)).toMatch(/warning: .*dealTypes: no deal pipeline has the id 78 .*counts as Renewal/);
    expect(items.filter((item) => item.what.includes('78'))).toHaveLength(1);
  });

  it('sends a person to setup for incomplete health properties, and to the mapping for those of others', async () => {
    await start();
    await admin('PATCH', 'properties/companies/chs_health_band', {
      options: [{ value: 'Green', label: 'Green', hidden: false }],
    });
    await admin('PATCH', 'properties/companies/chs_health_reasons', { description: 'rewritten by people' });
    const theirs = { description: 'mine', groupName: 'companyinformation' };
    await admin('PATCH', 'properties/companies/chs_health_trend', theirs);
    await admin('PATCH', 'properties/companies/chs_health_task_log', theirs);
    await admin('PATCH', 'properties/tasks/chs_health_task_key', { description: 'mine', groupName: 'task' });
    const items = told(await found());
    expect(items).toMatch(/error: chs_health_band lacks the values Yellow, Red, Not scored .*setup/);
    expect(items).toMatch(
      /error: chs_health_trend is a property of type enumeration that is not ours .*writeback\.fields\.trend/,
    );
    expect(items).toMatch(/error: chs_health_task_log is .* not ours .*writeback\.prefix/);
    expect(items).toMatch(/error: chs_health_task_key is .* not ours .*taskKey/);
    expect(items).not.toMatch(/chs_health_reasons/);
  });

  it('warns of managers who are no owners, who have left, and of nobody at all', async () => {
    await start();
    const active = Object.keys(served?.sandbox.config.managers as object)[0] ?? '';
    const gone = (served?.world.users ?? []).findIndex((user) => !user.active);
    expect(gone).toBeGreaterThanOrEqual(0);
    const items = await found({ managers: { [active]: '999', '998': String(101 + gone) }, teamLeads: { '7': '997' } });
    expect(told(items)).toMatch(/warning: crm\.config\.managers: manager 999 is no owner/);
    expect(told(items)).toMatch(/warning: crm\.config\.managers: owner 998 is no owner/);
    expect(told(items)).toMatch(new RegExp(`warning: crm\\.config\\.managers: manager ${101 + gone} is deactivated`));
    expect(told(items)).toMatch(/warning: crm\.config\.teamLeads\.7: lead 997 is no owner/);
    expect(told(await found({ managers: {} }))).toMatch(/warning: nobody’s manager is known/);
  });

  it('names the scope that is missing', async () => {
    await start();
    served?.sandbox.faults.add({ name: 'missing-scope', with: { scope: 'crm.objects.deals.read' } });
    expect(told(await found())).toMatch(/error: .*MISSING_SCOPES.* → Grant .*crm\.objects\.deals\.read/);
  });

  it.each(['crm.objects.companies.write', 'crm.objects.contacts.write'])(
    'names the scope %s without writing a thing',
    async (scope) => {
      const { sandbox } = await start();
      sandbox.faults.add({ name: 'missing-scope', with: { scope } });
      const before = ['companies', 'tasks'].map((type) => JSON.stringify(sandbox.rows(type as 'tasks')));
      expect(told(await found())).toMatch(new RegExp(`error: right to write: .*MISSING_SCOPES.* → Grant .*${scope}`));
      expect(['companies', 'tasks'].map((type) => JSON.stringify(sandbox.rows(type as 'tasks')))).toEqual(before);
    },
  );

  it('warns of a search index that shows nothing, since changes would not be noticed', async () => {
    await start();
    const hidden = served?.sandbox.rows('companies').map((row) => String(row.id));
    served?.sandbox.faults.add({ name: 'search-missing', with: { ids: hidden } });
    expect(told(await found())).toMatch(/warning: the portal has companies, and its search index shows none/);
  });

  it('tells a used-up quota', async () => {
    await start();
    served?.sandbox.faults.add({ name: '429-day', skip: 1 });
    expect(told(await found())).toMatch(/DAILY/);
  });

  it('says what is wrong with the credentials, and stops there', async () => {
    await start();
    served?.sandbox.faults.add({ name: 'invalid-token' });
    const items = await found();
    expect(items).toHaveLength(1);
    expect(told(items)).toMatch(/error: credentials and portal: .*INVALID_AUTHENTICATION.*HUBSPOT_TOKEN/);
  });

  it('says what is wrong with the mapping file, without a call', async () => {
    const { ctx, calls } = makeCtx({ mapping: mapping('arr: arr', 'arrr: arr') });
    const { items } = await checkPortal(ctx);
    expect(told(items)).toMatch(/error: mapping file: .*arrr/);
    expect(items).toHaveLength(1);
    expect(calls).toEqual([]);
  });
});
