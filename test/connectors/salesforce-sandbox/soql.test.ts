import { expect, test } from 'vitest';
import { start } from './support.ts';

const REFUSED: [string, string, RegExp][] = [
  ['SELECT FROM Account', 'MALFORMED_QUERY', /./],
  ['SELECT Id FROM Account ALL ROWS', 'MALFORMED_QUERY', /./],
  ['SELECT Id FROM Account WHERE Name = "x"', 'MALFORMED_QUERY', /./],
  ["SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", 'MALFORMED_QUERY', /unexpected token: 'OR'/],
  ["SELECT Id FROM Account WHERE Name = 'a\\q'", 'MALFORMED_QUERY', /escape/],
  ['SELECT Id FROM Nothing', 'INVALID_TYPE', /sObject type 'Nothing' is not supported/],
  ['SELECT Id, Foo FROM Account', 'INVALID_FIELD', /No such column 'Foo' on entity 'Account'/],
  ['SELECT Id FROM Account WHERE Health_Score__c > 1', 'INVALID_FIELD', /No such column 'Health_Score__c'/],
  ['SELECT Id FROM Account ORDER BY Foo', 'INVALID_FIELD', /Foo/],
  ['SELECT Boss.Name FROM Account', 'INVALID_FIELD', /Didn't understand relationship 'Boss'/],
  ['SELECT Owner.ManagerId FROM Task', 'INVALID_FIELD', /'ManagerId' on entity 'Name'/],
  ['SELECT Id, Id FROM Account', 'INVALID_FIELD', /duplicate field/],
  [
    "SELECT Id FROM Account WHERE SystemModstamp > '2026-11-01T00:00:00Z'",
    'INVALID_FIELD',
    /dateTime and should not be enclosed in quotes/,
  ],
  ['SELECT Id FROM Account WHERE SystemModstamp > 2026-11-01', 'INVALID_FIELD', /dateTime/],
  ["SELECT Id FROM Account WHERE ARR__c > '5'", 'INVALID_FIELD', /should not be enclosed/],
  ["SELECT Id FROM Account WHERE Test_Account__c = 'true'", 'INVALID_FIELD', /boolean/],
  ['SELECT Id FROM Account WHERE Name = 5', 'INVALID_FIELD', /should be enclosed in quotes/],
  ['SELECT Id FROM Account WHERE CreatedDate = 2026-13-45', 'MALFORMED_QUERY|INVALID_FIELD', /./],
  ["SELECT Id FROM Account WHERE Description = 'x'", 'INVALID_FIELD', /can not be filtered/],
  ["SELECT Id FROM Account WHERE Id = 'nonsense'", 'INVALID_QUERY_FILTER_OPERATOR', /invalid ID field/],
  ["SELECT Id FROM Account WHERE CreatedDate LIKE '2026%'", 'INVALID_QUERY_FILTER_OPERATOR', /LIKE/],
  ['SELECT Id FROM Account OFFSET 2001', 'NUMBER_OUTSIDE_VALID_RANGE', /2000/],
];

test('queries that the vendor refuses, with its code and words', async () => {
  const { refused } = await start({ customers: 8 });
  for (const [soql, code, message] of REFUSED) {
    const error = await refused(soql);
    expect([soql, error]).toEqual([
      soql,
      {
        status: 400,
        errorCode: expect.stringMatching(new RegExp(`^(${code})$`)),
        message: expect.stringMatching(message),
      },
    ]);
  }
});

test('conditions select what the same rule selects from the rows', async () => {
  const { query, sandbox } = await start();
  const rows = sandbox.rows('Account').filter((r) => r.IsDeleted === false);
  const first = rows[0] ?? {};
  const name = String(first.Name);
  const text = (v: unknown) => String(v).replaceAll("'", "\\'");
  const rules: [string, (r: Record<string, unknown>) => boolean][] = [
    [`Name = '${text(name.toUpperCase())}'`, (r) => String(r.Name).toLowerCase() === name.toLowerCase()],
    ["Type != 'Customer'", (r) => r.Type !== 'Customer'],
    ["Type IN ('Customer', 'Partner')", (r) => ['Customer', 'Partner'].includes(String(r.Type))],
    ["Segment__c NOT IN ('SMB')", (r) => r.Segment__c !== 'SMB'],
    ['CSM__c = null', (r) => r.CSM__c === null],
    ['CSM__c != null', (r) => r.CSM__c !== null],
    ['ARR__c >= 10000', (r) => Number(r.ARR__c) >= 10_000],
    ['Renewal_Date__c < 2027-03-01', (r) => r.Renewal_Date__c !== null && String(r.Renewal_Date__c) < '2027-03-01'],
    ['Test_Account__c = TRUE', (r) => r.Test_Account__c === true],
    [
      `Name LIKE '${text(name.slice(0, 3))}%'`,
      (r) => String(r.Name).toLowerCase().startsWith(name.slice(0, 3).toLowerCase()),
    ],
    ["NOT (Type = 'Customer' AND Segment__c = 'SMB')", (r) => !(r.Type === 'Customer' && r.Segment__c === 'SMB')],
    [
      "NOT CSM__c = null AND (Type = 'Partner' OR Segment__c = 'SMB')",
      (r) => r.CSM__c !== null && (r.Type === 'Partner' || r.Segment__c === 'SMB'),
    ],
    ['SystemModstamp >= 2026-11-01T02:00:00+02:00', (r) => String(r.SystemModstamp) >= '2026-11-01T00:00:00'],
    ['LastModifiedDate < LAST_N_DAYS:30', (r) => String(r.LastModifiedDate) < '2026-10-26'],
    [`Id = '${String(first.Id).slice(0, 15)}'`, (r) => r.Id === first.Id],
  ];
  for (const [soql, rule] of rules) {
    const got = await query(`SELECT Id FROM Account WHERE ${soql} ORDER BY Id`);
    const wanted = rows.filter(rule).map((r) => r.Id);
    expect([soql, got.map((r) => r.Id)]).toEqual([soql, wanted]);
  }
  const selective = rules.filter(([, rule]) => rows.some(rule) && !rows.every(rule));
  expect(selective.length).toBeGreaterThan(8); // else the rules would prove little
});

test('relationships, null parents and semi-joins', async () => {
  const { query, sandbox } = await start();
  const users = new Map(sandbox.rows('User').map((u) => [u.Id, u]));
  const rows = await query(
    'SELECT Id, OwnerId, Owner.Name, Owner.ManagerId, Owner.Manager.IsActive, Parent.Name FROM Account a',
  );
  for (const row of rows as unknown as {
    OwnerId: string;
    Owner: { Name: string; ManagerId: string | null; Manager: unknown };
    Parent: unknown;
  }[]) {
    const owner = users.get(row.OwnerId);
    expect(row.Owner).toMatchObject({ Name: owner?.Name, ManagerId: owner?.ManagerId, attributes: { type: 'User' } });
    if (row.Owner.ManagerId === null) expect(row.Owner.Manager).toBeNull();
  }
  expect((rows as unknown as { Parent: unknown }[]).some((r) => r.Parent === null)).toBe(true);
  const me = (await query('SELECT AssigneeId FROM PermissionSetAssignment LIMIT 1'))[0];
  const sets = await query(
    `SELECT Name FROM PermissionSet WHERE PermissionsViewAllData = true AND Id IN (SELECT PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId = '${me?.AssigneeId}')`,
  );
  expect(sets).toMatchObject([{ Name: 'CRM_Integration' }]);
});

test('order, limit, offset and count', async () => {
  const { query, conn, sandbox } = await start();
  const rows = sandbox.rows('Contact').filter((r) => r.IsDeleted === false);
  const sorted = [...rows].sort((a, b) =>
    a.SystemModstamp === b.SystemModstamp
      ? String(a.Id) < String(b.Id)
        ? 1
        : -1
      : String(a.SystemModstamp) < String(b.SystemModstamp)
        ? -1
        : 1,
  );
  const got = await query('SELECT Id FROM Contact ORDER BY SystemModstamp, Id DESC LIMIT 20 OFFSET 5');
  expect(got.map((r) => r.Id)).toEqual(sorted.slice(5, 25).map((r) => r.Id));
  expect(await conn.query('SELECT COUNT() FROM Contact')).toMatchObject({
    totalSize: rows.length,
    done: true,
    records: [],
  });
});
