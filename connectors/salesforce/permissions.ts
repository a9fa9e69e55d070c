import type { Mapping, OurField } from './mapping.ts';
import type { Org } from './org.ts';
import { pages } from './pager.ts';
import { type Row, required, str } from './rows.ts';
import { and, anyOf, id as idLiteral, select, text } from './soql.ts';

export interface Grant {
  /** Account.Health_Score__c */
  field: string;
  edit: boolean;
}

/** One permission set: what it is for and all that it grants. */
export interface PermissionSetSpec {
  api: string;
  label: string;
  description: string;
  /** Account needs read (and edit, where a field is edited) for field grants to take effect. */
  editAccounts: boolean;
  fields: Grant[];
}

/** Three sets: who runs the sync, who fills in the inputs, who only looks. Scores are granted to internal users by these alone. */
export function permissionSets(mapping: Mapping, fields: OurField[]): PermissionSetSpec[] {
  const grants = (editOurs: boolean, editTheirs: boolean): Grant[] =>
    fields.map((f) => ({ field: `Account.${f.api}`, edit: f.direction === 'ours' ? editOurs : editTheirs }));
  const { runtime, csm, viewer } = mapping.permissionSets;
  return [
    {
      api: runtime,
      label: 'Pulseback Runtime',
      description:
        'For the integration user: writes the health fields, reads what people fill in, marks manager tasks.',
      editAccounts: true,
      fields: [...grants(true, false), { field: `Task.${mapping.taskKey}`, edit: true }],
    },
    {
      api: csm,
      label: 'Pulseback CSM',
      description: 'For account managers: reads the health fields, edits pulse, override and context.',
      editAccounts: true,
      fields: grants(false, true),
    },
    {
      api: viewer,
      label: 'Pulseback Viewer',
      description: 'For everyone else inside the company: reads the health fields.',
      editAccounts: false,
      fields: grants(false, false),
    },
  ];
}

export interface ExistingGrant {
  id: string;
  read: boolean;
  edit: boolean;
}

/** What the org grants by one of our permission sets today. */
export interface ExistingSet {
  id: string;
  account: ExistingGrant | null;
  fields: ReadonlyMap<string, ExistingGrant>;
}

/** By API name; sets that do not exist are left out. */
export async function existingSets(org: Org, names: string[]): Promise<Map<string, ExistingSet>> {
  const sets = await rows(org, {
    fields: ['Id', 'Name'],
    from: 'PermissionSet',
    where: anyOf('Name', names.map(text)),
  });
  if (sets.length === 0) return new Map();
  const among = anyOf(
    'ParentId',
    sets.map((s) => idLiteral(required(s, 'Id'))),
  );
  const [objects, fields] = await Promise.all([
    rows(org, {
      fields: ['Id', 'ParentId', 'SobjectType', 'PermissionsRead', 'PermissionsEdit'],
      from: 'ObjectPermissions',
      where: and(among, "SobjectType = 'Account'"),
    }),
    rows(org, {
      fields: ['Id', 'ParentId', 'Field', 'PermissionsRead', 'PermissionsEdit'],
      from: 'FieldPermissions',
      where: among,
    }),
  ]);
  return new Map(
    sets.map((set) => {
      const id = required(set, 'Id');
      const mine = (row: Row) => str(row, 'ParentId') === id;
      const account = objects.find(mine);
      const granted = fields.filter(mine).map((row): [string, ExistingGrant] => [required(row, 'Field'), grantOf(row)]);
      return [required(set, 'Name'), { id, account: account ? grantOf(account) : null, fields: new Map(granted) }];
    }),
  );
}

export async function isAssigned(org: Org, setId: string, userId: string): Promise<boolean> {
  const where = and(`PermissionSetId = ${idLiteral(setId)}`, `AssigneeId = ${idLiteral(userId)}`);
  return (await rows(org, { fields: ['Id'], from: 'PermissionSetAssignment', where })).length > 0;
}

/** The user that we are: from the login's answer, else by name. */
export async function runningUser(org: Org): Promise<string | null> {
  const told = await org.client.userId();
  if (told) return told;
  const { auth } = org.ctx.config;
  if (auth.flow !== 'jwt') return null;
  const found = await rows(org, { fields: ['Id'], from: 'User', where: `Username = ${text(auth.username)}` });
  return found[0] ? required(found[0], 'Id') : null;
}

const grantOf = (row: Row): ExistingGrant => ({
  id: required(row, 'Id'),
  read: row.PermissionsRead === true,
  edit: row.PermissionsEdit === true,
});

export async function rows(org: Org, query: { fields: string[]; from: string; where: string | null }): Promise<Row[]> {
  const soql = (last: Row | null, limit: number | null): string =>
    select({
      ...query,
      where: and(query.where, last ? `Id > ${idLiteral(required(last, 'Id'))}` : null),
      orderBy: ['Id'],
      limit,
    });
  const all: Row[] = [];
  for await (const page of pages(org.client, { label: `query.${query.from}`, soql })) all.push(...page.rows);
  return all;
}
