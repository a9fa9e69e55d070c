import { InputError } from '../../src/contract/index.ts';
import type { Org } from './org.ts';
import { rows, runningUser } from './permissions.ts';
import { and, id as idLiteral } from './soql.ts';

export const GRANT_SIGHT = 'Grant the integration user "View All Data", or "View All Records" on Account.';

/** P8: an account that the user may not see looks deleted, so that the right to see all of them is proved: by which right, or why not. */
export async function sightOf(org: Org): Promise<{ proof: string; doubt: null } | { proof: null; doubt: string }> {
  const user = await runningUser(org);
  if (!user) return { proof: null, doubt: 'the login does not say who the user is' };
  const assigned = await rows(org, {
    fields: ['Id', 'PermissionSetId', 'PermissionSet.PermissionsViewAllData'],
    from: 'PermissionSetAssignment', // the profile's own permission set is among them
    where: `AssigneeId = ${idLiteral(user)}`,
  });
  const sees = (set: unknown): boolean =>
    typeof set === 'object' && set !== null && 'PermissionsViewAllData' in set && set.PermissionsViewAllData === true;
  if (assigned.some((a) => sees(a.PermissionSet))) return { proof: 'View All Data', doubt: null };
  const sets = assigned.flatMap((a) => (typeof a.PermissionSetId === 'string' ? [idLiteral(a.PermissionSetId)] : []));
  if (sets.length > 0) {
    const granted = await rows(org, {
      fields: ['Id', 'PermissionsViewAllRecords'],
      from: 'ObjectPermissions',
      where: and(`ParentId IN (${sets.join(',')})`, "SobjectType = 'Account'"),
    });
    if (granted.some((g) => g.PermissionsViewAllRecords === true)) return { proof: 'View All Records', doubt: null };
  }
  return { proof: null, doubt: 'nothing proves that the integration user sees all accounts' };
}

/** Before records are taken for deleted because the org no longer lists them. @throws InputError where they may only be hidden */
export async function requireSight(org: Org): Promise<void> {
  const { doubt } = await sightOf(org);
  if (doubt !== null)
    throw new InputError(`${doubt}, so that hidden records cannot be told from deleted ones`, {
      hint: `Nothing was removed. ${GRANT_SIGHT} \`npx pulseback check\` shows whether it is so.`,
    });
}
