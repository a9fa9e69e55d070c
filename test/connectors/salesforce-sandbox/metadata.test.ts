import { expect, test } from 'vitest';
import { type Org, start, VERSION } from './support.ts';

const number = (name: string) => ({
  fullName: `Account.${name}`,
  label: name.replace(/__c$/, ''),
  precision: 3,
  scale: 0,
  type: 'Number',
});
const key = {
  fullName: 'Activity.Dedupe_Key__c',
  caseSensitive: true,
  externalId: true,
  label: 'Dedupe Key',
  length: 80,
  type: 'Text',
  unique: true,
};
const band = (values: string[]) => ({
  fullName: 'Account.Band__c',
  label: 'Band',
  type: 'Picklist',
  valueSet: {
    restricted: true,
    valueSetDefinition: { sorted: false, value: values.map((v) => ({ fullName: v, default: false, label: v })) },
  },
});

/** A permission set with the object permission and field grants, assigned to the session's user. */
async function grantFields(org: Org, fields: string[], edit = true): Promise<string> {
  const me = String(
    org.conn.userInfo?.id ?? (await org.query('SELECT AssigneeId FROM PermissionSetAssignment LIMIT 1'))[0]?.AssigneeId,
  );
  const set = await org.conn.create('PermissionSet', { Name: 'Runtime', Label: 'Runtime' });
  await org.conn.create('ObjectPermissions', {
    ParentId: set.id,
    SobjectType: 'Account',
    PermissionsRead: true,
    PermissionsEdit: true,
  });
  for (const Field of fields) {
    const SobjectType = Field.split('.')[0];
    await org.conn.create('FieldPermissions', {
      ParentId: set.id,
      SobjectType,
      Field,
      PermissionsRead: true,
      PermissionsEdit: edit,
    });
  }
  await org.conn.create('PermissionSetAssignment', { PermissionSetId: set.id, AssigneeId: me });
  return String(set.id);
}

test('a new field is hidden from describe, query and write until it is granted', async () => {
  const org = await start();
  const [made] = await org.conn.metadata.upsert('CustomField', [number('Health_Score__c')]);
  expect(made).toMatchObject({ fullName: 'Account.Health_Score__c', success: true, created: true });
  const id = String(org.sandbox.rows('Account').find((r) => r.IsDeleted === false)?.Id);
  const names = async () => (await org.conn.describe('Account')).fields.map((f) => f.name);
  const write = async () => (await org.conn.update('Account', [{ Id: id, Health_Score__c: 71 }]))[0];
  expect(await names()).not.toContain('Health_Score__c');
  expect(await org.refused('SELECT Health_Score__c FROM Account')).toMatchObject({
    status: 400,
    errorCode: 'INVALID_FIELD',
  });
  expect((await write())?.errors[0]).toMatchObject({
    statusCode: 'INVALID_FIELD_FOR_INSERT_UPDATE',
    fields: ['Health_Score__c'],
  });
  await grantFields(org, ['Account.Health_Score__c']);
  expect(await names()).toContain('Health_Score__c');
  expect(await write()).toMatchObject({ success: true });
  expect(await org.query(`SELECT Health_Score__c FROM Account WHERE Health_Score__c = 71`)).toHaveLength(1);
  expect(org.sandbox.calls.total('setup')).toBe(5);
});

test('a field that is only readable cannot be written', async () => {
  const org = await start();
  await org.conn.metadata.upsert('CustomField', [number('Health_Score__c')]);
  await grantFields(org, ['Account.Health_Score__c'], false);
  const field = (await org.conn.describe('Account')).fields.find((f) => f.name === 'Health_Score__c');
  expect(field).toMatchObject({ updateable: false, type: 'double', precision: 3, scale: 0, custom: true });
  const id = String(org.sandbox.rows('Account')[0]?.Id);
  const [result] = await org.conn.update('Account', [{ Id: id, Health_Score__c: 1 }]);
  expect(result?.errors[0]).toMatchObject({ statusCode: 'INVALID_FIELD_FOR_INSERT_UPDATE' });
});

test('ten components a call, no more', async () => {
  const org = await start();
  const eleven = Array.from({ length: 11 }, (_, i) => number(`F${i}__c`));
  await expect(org.conn.metadata.upsert('CustomField', eleven)).rejects.toThrow(/more than 10/);
  const done = await org.conn.metadata.upsert('CustomField', eleven.slice(0, 10));
  expect(done.every((r) => r.success && r.created)).toBe(true);
  const [again] = await org.conn.metadata.upsert('CustomField', [number('F0__c')]);
  expect(again).toMatchObject({ success: true, created: false });
  const [repeated] = await org.conn.metadata.create('CustomField', [number('F0__c')]);
  expect(repeated?.errors).toMatchObject([{ statusCode: 'DUPLICATE_DEVELOPER_NAME' }]);
});

test('components are held to the WSDL: order, unknown elements, and the text "undefined"', async () => {
  const { conn } = await start();
  const good = number('A__c');
  const { fullName, ...rest } = good;
  const upsert = (component: object) => conn.metadata.upsert('CustomField', [component]);
  await expect(upsert({ ...rest, fullName })).rejects.toThrow(/fullName invalid at this location/);
  await expect(upsert({ fullName, type: 'Number', label: 'A', precision: 3, scale: 0 })).rejects.toThrow(
    /label invalid at this location/,
  );
  await expect(upsert({ ...good, colour: 'red' })).rejects.toThrow(/colour invalid/);
  await expect(upsert({ fullName, externalId: undefined, ...rest })).rejects.toThrow(
    /'undefined' is not a valid value/,
  );
});

test('each type asks for what it needs, component by component', async () => {
  const { conn } = await start();
  const results = await conn.metadata.upsert('CustomField', [
    { fullName: 'Account.A__c', label: 'A', type: 'Number' },
    { fullName: 'Account.B__c', label: 'B', type: 'Checkbox' },
    { fullName: 'Account.C__c', label: 'C', length: 10, type: 'LongTextArea', visibleLines: 3 },
    { fullName: 'Account.D', label: 'D', length: 10, type: 'Text' },
    { fullName: 'Account.E__c', label: 'E', length: 300, type: 'Text' },
    { fullName: 'Nothing.F__c', label: 'F', length: 30, type: 'Text' },
    { fullName: 'Account.G__c', externalId: true, label: 'G', type: 'Date' },
    { fullName: 'Account.H__c', length: 30, type: 'Text' },
    { fullName: 'Account.I__c', label: 'I', length: 1000, type: 'LongTextArea', visibleLines: 3 },
    { fullName: 'Account.J__c', label: 'J', type: 'DateTime' },
  ]);
  expect(results.map((r) => r.success)).toEqual([false, false, false, false, false, false, false, false, true, true]);
  for (const r of results.slice(0, 8)) expect(r.errors[0]?.message).toMatch(/./);
});

test('type changes and lost picklist values are refused, added values are not', async () => {
  const org = await start();
  const one = async (component: object) => (await org.conn.metadata.upsert('CustomField', [component]))[0];
  expect(await one(band(['Green', 'Red']))).toMatchObject({ success: true });
  expect(await one(band(['Green', 'Yellow', 'Red']))).toMatchObject({ success: true, created: false });
  expect((await one(band(['Green'])))?.success).toBe(false);
  expect((await one({ fullName: 'Account.Band__c', label: 'Band', length: 10, type: 'Text' }))?.success).toBe(false);
  await grantFields(org, ['Account.Band__c']);
  const id = String(org.sandbox.rows('Account').find((r) => r.IsDeleted === false)?.Id);
  const put = async (Band__c: string) => (await org.conn.update('Account', [{ Id: id, Band__c }]))[0];
  expect(await put('Yellow')).toMatchObject({ success: true });
  expect((await put('Purple'))?.errors[0]).toMatchObject({
    statusCode: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
    fields: ['Band__c'],
  });
});

test('fields are read back as sent, and listed', async () => {
  const { conn } = await start();
  await conn.metadata.upsert('CustomField', [band(['Green', 'Red']), key]);
  const [read, standard, absent] = await conn.metadata.read('CustomField', [
    'Account.Band__c',
    'Account.ARR__c',
    'Account.Nope__c',
  ]);
  expect(read).toMatchObject({
    fullName: 'Account.Band__c',
    label: 'Band',
    type: 'Picklist',
    valueSet: { restricted: true },
  });
  expect(read?.valueSet?.valueSetDefinition?.value.map((v) => v.fullName)).toEqual(['Green', 'Red']);
  expect(standard).toMatchObject({ fullName: 'Account.ARR__c', type: 'Currency', precision: 18 });
  expect(absent?.fullName ?? null).toBeNull();
  const listed = (await conn.metadata.list([{ type: 'CustomField' }], VERSION)).map((p) => p.fullName);
  expect(listed).toEqual(expect.arrayContaining(['Account.Band__c', 'Account.ARR__c', 'Activity.Dedupe_Key__c']));
});

test('an activity key: on tasks and events, one task per key, across both and over the recycle bin', async () => {
  const org = await start();
  await org.conn.metadata.upsert('CustomField', [key]);
  await grantFields(org, ['Task.Dedupe_Key__c', 'Event.Dedupe_Key__c']);
  const described = (await org.conn.describe('Task')).fields.find((f) => f.name === 'Dedupe_Key__c');
  expect(described).toMatchObject({ externalId: true, idLookup: true, unique: true, caseSensitive: true });
  const account = String(org.sandbox.rows('Account').find((r) => r.IsDeleted === false)?.Id);
  const task = (k: string) => ({ Dedupe_Key__c: k, Subject: 'Renewal at risk', WhatId: account });
  const upsert = (keys: string[]) => org.conn.upsert('Task', keys.map(task), 'Dedupe_Key__c');
  const [first, second, repeated] = await upsert(['k1', 'K1', 'k1']);
  expect(first).toMatchObject({ success: true, created: true });
  expect(second).toMatchObject({ success: true, created: true }); // case-sensitive
  expect(repeated?.errors[0]).toMatchObject({ statusCode: 'DUPLICATE_VALUE' });
  expect(await upsert(['k1'])).toMatchObject([{ id: first?.id, created: false }]);
  const insert = await org.call('POST', 'sobjects/Task', task('k1'));
  expect([insert.status, insert.body]).toMatchObject([
    400,
    [{ errorCode: 'DUPLICATE_VALUE', message: expect.stringContaining(String(first?.id).slice(0, 15)) }],
  ]);
  const event = await org.call('POST', 'sobjects/Event', {
    ...task('k1'),
    StartDateTime: '2026-12-01T10:00:00Z',
    DurationInMinutes: 30,
  });
  expect(event.status).toBe(400);
  await org.conn.destroy('Task', String(first?.id));
  const [after] = await upsert(['k1']);
  expect(after?.errors[0]).toMatchObject({ statusCode: 'DUPLICATE_VALUE' });
});

test('grants: repeats are DUPLICATE_VALUE, the object comes first, required fields cannot be listed', async () => {
  const org = await start();
  await org.conn.metadata.upsert('CustomField', [number('A__c')]);
  const set = await org.conn.create('PermissionSet', { Name: 'Runtime', Label: 'Runtime' });
  const code = async (object: string, row: object) => {
    const answer = await org.call('POST', `sobjects/${object}`, { ParentId: set.id, ...row });
    return answer.status === 201 ? 'created' : (answer.body as { errorCode: string }[])[0]?.errorCode;
  };
  const field = { SobjectType: 'Account', Field: 'Account.A__c', PermissionsRead: true };
  const object = { SobjectType: 'Account', PermissionsRead: true };
  expect(await code('FieldPermissions', field)).toBe('FIELD_INTEGRITY_EXCEPTION');
  expect(await code('ObjectPermissions', { SobjectType: 'Account', PermissionsEdit: true })).toBe(
    'FIELD_INTEGRITY_EXCEPTION',
  );
  expect(await code('ObjectPermissions', object)).toBe('created');
  expect(await code('ObjectPermissions', object)).toBe('DUPLICATE_VALUE');
  expect(await code('FieldPermissions', { ...field, PermissionsRead: false, PermissionsEdit: true })).toBe(
    'FIELD_INTEGRITY_EXCEPTION',
  );
  expect(await code('FieldPermissions', field)).toBe('created');
  expect(await code('FieldPermissions', field)).toBe('DUPLICATE_VALUE');
  expect(await code('FieldPermissions', { ...field, Field: 'Account.Name' })).toBe('FIELD_INTEGRITY_EXCEPTION');
  expect(await code('FieldPermissions', { ...field, Field: 'Account.B__c' })).toBe(
    'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
  );
  const again = await org.call('POST', 'sobjects/PermissionSet', { Name: 'Runtime', Label: 'Other' });
  expect(again.body).toMatchObject([{ errorCode: 'DUPLICATE_VALUE' }]);
});

test('an ended session is the SOAP fault that jsforce knows', async () => {
  const { sandbox, token } = await start();
  sandbox.faults.add({ name: 'expired-token', on: 'metadata.*' });
  const body = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header><SessionHeader><sessionId>${token}</sessionId></SessionHeader></e:Header><e:Body><listMetadata/></e:Body></e:Envelope>`;
  const response = await fetch(`${sandbox.origin}/services/Soap/m/${VERSION}`, { method: 'POST', body });
  expect(response.status).toBe(500);
  expect(await response.text()).toMatch(/<faultcode>sf:INVALID_SESSION_ID<\/faultcode>/);
});
