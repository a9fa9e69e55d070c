import { type Crm, InputError } from '../contract/index.ts';
import type { WorkspaceStore } from '../store/types.ts';
import { CRM_STATE } from './decide.ts';

export interface OrgDeps {
  store: WorkspaceStore;
  config: { crm?: { org?: string | undefined; kind?: 'production' | 'sandbox' | undefined } | undefined };
}

/**
 * W12: a workspace belongs to one org: the configured one, else the first that it met. Asked before anything is read as well, since
 * the records of two orgs in one store could not be told apart again.
 * @throws InputError where the credentials lead to another org
 */
export async function bindOrg(deps: OrgDeps, crm: Crm): Promise<void> {
  const org = await crm.describe();
  const state = deps.store.state(CRM_STATE);
  const pinned = await state.get('org');
  const { org: expected, kind } = deps.config.crm ?? {};
  const found = `the credentials lead to ${org.id} (${org.name}, ${org.kind})`;
  if (expected && !sameId(expected, org.id))
    throw refusal(`crm.org: this workspace is bound to ${expected}, but ${found}`);
  if (kind && kind !== org.kind) throw refusal(`crm.kind: this workspace is bound to a ${kind} org, but ${found}`);
  if (pinned && !sameId(pinned, org.id))
    throw refusal(`this workspace belongs to org ${pinned} since its first run, but ${found}`);
  if (!pinned) await state.set('org', null, org.id);
}

const refusal = (what: string): InputError =>
  new InputError(what, {
    hint: 'Nothing was read or written. Correct the credentials, or give the other org a workspace (and a configuration) of its own.',
  });

/** Org ids come with 15 or 18 characters. */
const sameId = (a: string, b: string): boolean => a.slice(0, 15) === b.slice(0, 15);
