import { XMLParser } from 'fast-xml-parser';
import nock from 'nock';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { accountField, difference, MARKER, taskKeyField } from '../../../connectors/salesforce/customField.ts';
import { permissionSets } from '../../../connectors/salesforce/permissions.ts';
import { applyPlan, planSetup } from '../../../connectors/salesforce/setup.ts';
import { allowLogin, collect, DATA, HOST, makeOrg, sfId, USER_ID } from './support.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => nock.cleanAll());

const SOAP = '/services/Soap/m/66.0';
const parser = new XMLParser({
  ignoreAttributes: false,
  removeNSPrefix: true,
  parseTagValue: false,
  isArray: (n) => ['metadata', 'value', 'fullNames'].includes(n),
});

/** The part of an org that setup touches: fields by SOAP, permission rows by REST. */
class FakeOrg {
  fields = new Map<string, Record<string, unknown>>();
  rows: Record<string, Record<string, unknown>[]> = {};
  upserts: string[] = [];
  inserted: Record<string, Record<string, unknown>[]> = {};
  refuse: string | null = null;

  start(): void {
    allowLogin();
    const soap = nock(HOST).persist().post(SOAP);
    soap.reply(async (request: Request) => {
      const xml = await request.text();
      const body = parser.parse(xml).Envelope.Body;
      return [
        200,
        body.readMetadata ? this.#read(body.readMetadata) : this.#upsert(xml, body.upsertMetadata),
        { 'content-type': 'text/xml' },
      ];
    });
    nock(HOST)
      .persist()
      .get(`${DATA}/query`)
      .query(true)
      .reply(async (request: Request) => [200, this.#query(new URL(request.url).searchParams.get('q') ?? '')]);
    nock(HOST)
      .persist()
      .post(`${DATA}/composite/sobjects`)
      .reply(async (request: Request) => [
        200,
        this.#insert((await request.json()) as { records: Record<string, unknown>[] }),
      ]);
  }

  #envelope = (inner: string): string =>
    `<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="http://soap.sforce.com/2006/04/metadata" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>${inner}</soapenv:Body></soapenv:Envelope>`;

  #read(call: { fullNames: string[] }): string {
    const records = call.fullNames.map((n) => {
      const field = this.fields.get(n);
      if (!field) return '<records xsi:nil="true"/>';
      const values = (field.values as string[] | undefined)?.map(
        (v) => `<value><fullName>${v}</fullName><default>false</default><label>${v}</label></value>`,
      );
      const set = values
        ? `<valueSet><restricted>true</restricted><valueSetDefinition><sorted>false</sorted>${values.join('')}</valueSetDefinition></valueSet>`
        : '';
      const plain = Object.entries(field)
        .filter(([k]) => k !== 'values')
        .map(([k, v]) => `<${k}>${v}</${k}>`);
      return `<records xsi:type="CustomField"><fullName>${n}</fullName>${plain.join('')}${set}</records>`;
    });
    return this.#envelope(`<readMetadataResponse><result>${records.join('')}</result></readMetadataResponse>`);
  }

  #upsert(xml: string, call: { metadata: Record<string, unknown>[] }): string {
    this.upserts.push(xml);
    expect(call.metadata.length).toBeLessThanOrEqual(10);
    const results = call.metadata.map((m) => {
      const name = String(m.fullName);
      if (name === this.refuse)
        return `<result><created>false</created><errors><message>no rights</message><statusCode>INSUFFICIENT_ACCESS</statusCode></errors><fullName>${name}</fullName><success>false</success></result>`;
      const { fullName: _, valueSet, '@_type': _type, ...rest } = m as Record<string, never>;
      const values = (
        valueSet as { valueSetDefinition: { value: { fullName: string }[] } } | undefined
      )?.valueSetDefinition.value.map((v) => v.fullName);
      this.fields.set(name, { ...rest, ...(values ? { values } : {}) });
      return `<result><created>true</created><fullName>${name}</fullName><success>true</success></result>`;
    });
    return this.#envelope(`<upsertMetadataResponse>${results.join('')}</upsertMetadataResponse>`);
  }

  #query(soql: string) {
    const from = /FROM (\w+)/.exec(soql)?.[1] ?? '';
    const records = this.rows[from] ?? [];
    return { totalSize: records.length, done: true, records };
  }

  #insert(body: { records: Record<string, unknown>[] }) {
    expect(body.records.length).toBeLessThanOrEqual(200);
    return body.records.map(({ attributes, ...record }) => {
      const type = (attributes as { type: string }).type;
      this.rows[type] ??= [];
      this.inserted[type] ??= [];
      const id = sfId('0PS', Object.values(this.rows).flat().length + 1);
      this.rows[type].push({ Id: id, ...record });
      this.inserted[type].push(record);
      return { id, success: true, errors: [] };
    });
  }
}

let org: FakeOrg;
beforeEach(() => {
  org = new FakeOrg();
});

describe('setup', () => {
  it('plans, applies, and then finds nothing left to do', async () => {
    org.start();
    const { org: ours } = makeOrg();
    const plan = await planSetup(ours);
    expect(plan.steps.filter((s) => s.action === 'create').map((s) => s.id)).toEqual([
      'field:Account.Health_Score__c',
      'field:Account.Health_Band__c',
      'field:Account.Health_Change_30__c',
      'field:Account.Health_Reasons__c',
      'field:Account.Health_Scored_At__c',
      'field:Account.Health_Csm_Pulse__c',
      'field:Activity.Health_Task_Key__c',
      'set:Pulseback_Runtime',
      'set:Pulseback_CSM',
      'set:Pulseback_Viewer',
    ]);
    expect(org.upserts).toEqual([]);
    const outcomes = await collect(applyPlan(ours, plan));
    expect(outcomes.filter((o) => !o.ok)).toEqual([]);
    expect(outcomes.map((o) => o.step).sort()).toEqual(plan.steps.map((s) => s.id).sort());
    expect(org.inserted.PermissionSetAssignment).toEqual([
      { PermissionSetId: expect.any(String), AssigneeId: USER_ID },
    ]);
    const grants = org.inserted.FieldPermissions ?? [];
    const runtime = org.rows.PermissionSet?.find((s) => s.Name === 'Pulseback_Runtime')?.Id;
    expect(grants).toContainEqual({
      ParentId: runtime,
      SobjectType: 'Account',
      Field: 'Account.Health_Score__c',
      PermissionsRead: true,
      PermissionsEdit: true,
    });
    expect(grants).toContainEqual({
      ParentId: runtime,
      SobjectType: 'Account',
      Field: 'Account.Health_Csm_Pulse__c',
      PermissionsRead: true,
      PermissionsEdit: false,
    });
    expect(grants).toContainEqual({
      ParentId: runtime,
      SobjectType: 'Task',
      Field: 'Task.Health_Task_Key__c',
      PermissionsRead: true,
      PermissionsEdit: true,
    });
    const [before, inserted] = [org.upserts.length, JSON.stringify(org.inserted)];
    const again = await planSetup(ours);
    expect(new Set(again.steps.map((s) => s.action))).toEqual(new Set(['keep']));
    await collect(applyPlan(ours, again));
    expect([org.upserts.length, JSON.stringify(org.inserted)]).toEqual([before, inserted]);
  });

  it('never takes over a field that somebody else made, nor grants it', async () => {
    org.fields.set('Account.Health_Score__c', {
      type: 'Number',
      label: 'Health Score',
      description: 'By Marketing',
      scale: 0,
    });
    org.start();
    const { org: ours } = makeOrg();
    const plan = await planSetup(ours);
    expect(plan.steps[0]).toMatchObject({ action: 'conflict', detail: expect.stringContaining('did not create it') });
    const outcomes = await collect(applyPlan(ours, plan));
    expect(outcomes.find((o) => o.step === 'field:Account.Health_Score__c')).toMatchObject({ ok: false });
    expect(org.upserts.join('')).not.toContain('Health_Score__c');
    expect(JSON.stringify(org.inserted.FieldPermissions)).not.toContain('Health_Score__c');
    expect(org.fields.get('Account.Health_Score__c')).toMatchObject({ description: 'By Marketing' });
  });

  it('does only what the plan names', async () => {
    org.start();
    const { org: ours } = makeOrg();
    const plan = await planSetup(ours);
    await collect(applyPlan(ours, { steps: plan.steps.filter((s) => s.id === 'field:Account.Health_Score__c') }));
    expect([...org.fields.keys()]).toEqual(['Account.Health_Score__c']);
    expect(org.inserted).toEqual({});
  });

  it('tells what the org refused, and does the rest', async () => {
    org.refuse = 'Account.Health_Band__c';
    org.start();
    const { org: ours } = makeOrg();
    const outcomes = await collect(applyPlan(ours, await planSetup(ours)));
    expect(outcomes.filter((o) => !o.ok)).toEqual([
      { step: 'field:Account.Health_Band__c', ok: false, reason: 'INSUFFICIENT_ACCESS: no rights' },
    ]);
    expect(org.fields.size).toBe(6);
  });

  it('sends elements in the order of the schema and no value that is not there', async () => {
    org.start();
    const { org: ours } = makeOrg();
    await collect(applyPlan(ours, await planSetup(ours)));
    const xml = org.upserts.join('');
    expect(xml).not.toContain('undefined');
    for (const field of xml.match(/<metadata xsi:type="CustomField">.*?<\/metadata>/g) ?? []) {
      const names = topLevel(field.replace(/^<metadata[^>]*>|<\/metadata>$/g, ''));
      expect(names[0]).toBe('fullName');
      expect(names.slice(1)).toEqual(names.slice(1).sort());
    }
    expect(xml).toContain(
      '<valueSet><restricted>true</restricted><valueSetDefinition><sorted>false</sorted><value><fullName>green</fullName><default>false</default><label>green</label></value>',
    );
  });
});

/** Names of an XML fragment's own elements, in order. */
function topLevel(xml: string): string[] {
  const names: string[] = [];
  let depth = 0;
  for (const [, close, tag] of xml.matchAll(/<(\/?)(\w+)[^>]*>/g)) {
    if (close) depth -= 1;
    else {
      if (depth === 0) names.push(String(tag));
      depth += 1;
    }
  }
  return names;
}

describe('the difference between a wanted field and the org’s', () => {
  const band = accountField({
    name: 'band',
    label: 'Band',
    help: 'Help.',
    type: 'picklist',
    values: ['a', 'b'],
    direction: 'ours',
    api: 'Health_Band__c',
  });
  const existing = {
    type: 'Picklist',
    label: 'Band',
    inlineHelpText: 'Help.',
    description: `x ${MARKER}`,
    valueSet: { valueSetDefinition: { value: [{ fullName: 'a' }, { fullName: 'mine' }] } },
  };

  it('keeps values that people added, and adds ours', () => {
    const found = difference(band, existing);
    expect(found).toMatchObject({ action: 'change', detail: 'values b' });
    expect(JSON.stringify(found)).toMatch(/"a".*"b".*"mine"/);
  });
  it('never shortens', () => {
    const text = accountField({
      name: 't',
      label: 'T',
      help: 'Help.',
      type: 'text',
      length: 80,
      direction: 'ours',
      api: 'T__c',
    });
    const own = { type: 'Text', label: 'T', inlineHelpText: 'Help.', description: MARKER, length: 255 };
    expect(difference(text, own).action).toBe('keep');
    expect(difference(text, { ...own, length: 20 })).toMatchObject({ action: 'change', detail: 'length 20 → 80' });
  });
  it('is a conflict where the type or the identity differs', () => {
    expect(difference(band, { ...existing, type: 'Text' }).action).toBe('conflict');
    expect(
      difference(taskKeyField('K__c'), { type: 'Text', length: 80, description: MARKER, externalId: false }).action,
    ).toBe('conflict');
    expect(difference(band, { ...existing, description: `${MARKER} was here` }).action).toBe('conflict');
  });
});

it('lets CSMs edit what is theirs and readers nothing', () => {
  const [, csm, viewer] = permissionSets(makeOrg().org.mapping, makeOrg().org.ours);
  expect(csm?.fields.filter((g) => g.edit).map((g) => g.field)).toEqual(['Account.Health_Csm_Pulse__c']);
  expect(viewer?.fields.some((g) => g.edit)).toBe(false);
  expect(viewer?.fields).toHaveLength(6);
});
