import { valueAt } from '../../../src/sandbox/asof.ts';
import type { AccountStatus, Timeline, WorldAccount } from '../../../src/sandbox/world.types.ts';
import { amount, type Change, type Owners, type Props } from './change.ts';
import { activityChanges, touches } from './changes-activity.ts';
import { contactChanges, dealChanges, ticketChangesOf } from './changes-people.ts';
import { companyId, companyNumber, indexOf } from './keys.ts';
import type { TypeName } from './types.ts';

/** The lifecycle stages of this portal; `churned` is one that the customer added. */
const STAGES: Record<AccountStatus, string> = {
  customer: 'customer',
  prospect: 'opportunity',
  churned: 'churned',
  partner: 'evangelist',
  test: 'customer',
};

/** A CSM property that repeats the owner, except where RevOps never filled it in. */
export const csmKey = (account: WorldAccount): string | null => (account.index % 23 === 7 ? null : account.ownerKey);

/** Everything that ever happens to an account and its children, in order of time. */
export function changesOf(account: WorldAccount, owners: Owners): Change[] {
  const changes = [
    ...companyChanges(account, owners),
    ...touches(account),
    ...contactChanges(account, owners),
    ...dealChanges(account, owners),
    ...ticketChangesOf(account),
    ...activityChanges(account, owners),
  ];
  changes.sort((a, b) => a.at - b.at); // stable: a create stays before its edits
  return end(account, changes);
}

/** What happens to records of one type of an account, for the history of their properties. */
export function storyOf(account: WorldAccount, type: TypeName, owners: Owners): Change[] {
  switch (type) {
    case 'companies':
      return companyChanges(account, owners);
    case 'contacts':
      return contactChanges(account, owners);
    case 'deals':
      return dealChanges(account, owners);
    case 'tickets':
      return ticketChangesOf(account);
    default:
      return activityChanges(account, owners).filter((c) => c.type === type);
  }
}

function companyChanges(account: WorldAccount, owners: Owners): Change[] {
  const record = { type: 'companies' as const, id: companyNumber(account.index) };
  const set: Props = {
    name: account.name,
    domain: account.domain,
    website: account.website,
    industry: account.industry,
    country: account.country,
    numberofemployees: String(account.employees),
    account_currency: account.currency,
    hubspot_owner_id: owners(account.ownerKey),
    cs_manager: owners(csmKey(account)),
    hs_parent_company_id: account.parentKey === null ? null : companyId(indexOf(account.parentKey)),
    segment: account.segment,
    external_key: account.externalKey,
  };
  const changes: Change[] = [{ ...record, at: account.createdAt, kind: 'create', set }];
  const follow = <T>(timeline: Timeline<T>, show: (value: T) => Props): void => {
    const first = valueAt(timeline, account.createdAt) ?? timeline[0]?.value;
    if (first !== undefined) Object.assign(set, show(first));
    for (const { at, value } of timeline)
      if (at > account.createdAt) changes.push({ ...record, at, kind: 'edit', set: show(value) });
  };
  follow(account.status, (v) => ({ lifecyclestage: STAGES[v], test_account: String(v === 'test') }));
  follow(account.seats, (v) => ({ seats: String(v) }));
  follow(account.arr, (v) => ({ arr: amount(v, account.currency) }));
  follow(account.renewalOn, (v) => ({ renewal_date: v }));
  return changes.sort((a, b) => a.at - b.at);
}

/** A deleted company leaves its children behind, without a life of their own; a merge hands them to the winner. */
function end(account: WorldAccount, changes: Change[]): Change[] {
  const id = companyNumber(account.index);
  const { merged, deletedAt } = account;
  const at = Math.min(merged?.at ?? Number.POSITIVE_INFINITY, deletedAt ?? Number.POSITIVE_INFINITY);
  if (!Number.isFinite(at)) return changes;
  const before = changes.filter((c) => c.at <= at);
  if (!merged || merged.at > at) return [...before, { at, type: 'companies', id, kind: 'archive', set: {} }];
  const winner = companyNumber(indexOf(merged.intoKey));
  const later = changes
    .filter((c) => c.at > at && c.id !== id)
    .map((c) => (c.homes ? { ...c, homes: { ...c.homes, company: winner } } : c));
  return [...before, { at, type: 'companies', id: winner, kind: 'merge', loser: id, set: {} }, ...later];
}
