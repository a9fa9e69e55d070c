import { z } from 'zod';
import type { Crm, Held, OrgInfo, Quota } from '../../src/contract/index.ts';
import { ConnectorError } from '../../src/contract/index.ts';
import { split } from '../../src/kit/parallel.ts';
import type { Org } from './org.ts';
import { pages } from './pager.ts';
import { type Row, required, str } from './rows.ts';
import { applyPlan, planSetup } from './setup.ts';
import { and, anyOf, id as idLiteral, isId, select } from './soql.ts';
import { raiseTasks, tasksByKey } from './tasks.ts';
import { heldValues, readable } from './values.ts';
import { writeFields } from './writer.ts';

/** Ids in one look-up: the query travels in the address, which ends at about 16,000 characters. */
const READ_CHUNK = 300;
/** A usage figure from an answer's header is good for this long. */
const FRESH_MS = 60_000;

const Limits = z.looseObject({ DailyApiRequests: z.object({ Max: z.number(), Remaining: z.number() }).optional() });

export function crmOf(org: Org): Crm {
  return {
    describe: () => describeOrg(org),
    quota: () => quota(org),
    read: (accounts) => readHeld(org, accounts),
    write: (intents) => writeFields(org, intents),
    writeBatch: org.ctx.config.batchSize,
    tasks: (intents) => raiseTasks(org, intents),
    findTasks: (tasks) =>
      tasksByKey(
        org,
        tasks.map(({ key }) => key),
      ),
    provision: { plan: () => planSetup(org), apply: (plan) => applyPlan(org, plan) },
    link: async (kind, id) =>
      `${org.client.origin}/lightning/r/${kind === 'account' ? 'Account' : 'Task'}/${encodeURIComponent(id)}/view`,
  };
}

/** Which org the credentials belong to (W12); asked once. */
export function describeOrg(org: Org): Promise<OrgInfo> {
  org.info ??= askWhich(org).catch((error: unknown) => {
    org.info = null;
    throw error;
  });
  return org.info;
}

async function askWhich(org: Org): Promise<OrgInfo> {
  const soql = select({ fields: ['Id', 'Name', 'IsSandbox'], from: 'Organization', limit: 1 });
  for await (const page of pages(org.client, { label: 'query.Organization', soql: () => soql })) {
    const row = page.rows[0];
    if (row)
      return {
        id: required(row, 'Id'),
        name: str(row, 'Name') ?? '',
        kind: row.IsSandbox === true ? 'sandbox' : 'production',
      };
  }
  throw new ConnectorError('query.Organization: the org does not say who it is', {
    action: 'fail',
    code: 'NO_ORGANIZATION',
    hint: 'Let the integration user view setup and configuration.',
  });
}

/** Calls of the whole org in the rolling day: from the last answer's header, else from /limits. */
export async function quota(org: Org): Promise<Quota> {
  const { usage } = org.client;
  if (usage && org.ctx.now() - usage.at < FRESH_MS) return { used: usage.used, limit: usage.limit };
  const limits = await org.client.rest(
    { label: 'limits', kind: 'read', idempotent: true, method: 'GET', path: '/limits' },
    Limits,
  );
  const daily = limits.DailyApiRequests;
  return daily ? { used: daily.Max - daily.Remaining, limit: daily.Max } : { used: null, limit: null };
}

/** What the org holds in our fields now; accounts that are gone are left out. */
async function* readHeld(org: Org, accounts: string[]): AsyncGenerator<Held> {
  const ours = readable(org.ours, await org.schema.object('Account'));
  for (const part of split(accounts.filter(isId), READ_CHUNK)) {
    const among = anyOf('Id', part.map(idLiteral));
    const soql = (last: Row | null): string =>
      select({
        fields: ['Id', ...ours.map((f) => f.api)],
        from: 'Account',
        where: and(among, last ? `Id > ${idLiteral(required(last, 'Id'))}` : null),
        orderBy: ['Id'],
      });
    for await (const page of pages(org.client, { label: 'query.Account', soql }))
      for (const row of page.rows) yield { account: required(row, 'Id'), values: heldValues(ours, row) };
  }
}
