import { z } from 'zod';
import { ConnectorError, type Quota } from '../../src/contract/index.ts';
import { ApiError } from './errors.ts';
import type { Portal, PortalInfo } from './portal.ts';

/** A usage figure from an answer's header is good for this long. */
const FRESH_MS = 60_000;

const Details = z.object({
  portalId: z.int(),
  accountType: z.string(),
  timeZone: z.string().nullish(),
  uiDomain: z.string().nullish(),
});

/** Which portal the credentials belong to (W12); asked once. */
export function describePortal(portal: Portal): Promise<PortalInfo> {
  portal.info ??= askWhich(portal).catch((error: unknown) => {
    portal.info = null;
    throw error;
  });
  return portal.info;
}

/** https://developers.hubspot.com/docs/api-reference/account-account-info-v3/details/get-account-info-v3-details */
async function askWhich(portal: Portal): Promise<PortalInfo> {
  const details = await portal.client.json({
    label: 'account.details',
    kind: 'read',
    idempotent: true,
    method: 'GET',
    path: portal.paths.account(),
    schema: Details,
  });
  if (details.timeZone) portal.client.timezone = details.timeZone;
  // Portals of customers, partners and app makers hold real data; test accounts and sandboxes do not.
  const kind = /SANDBOX|TEST/i.test(details.accountType) ? 'sandbox' : 'production';
  return {
    id: String(details.portalId),
    name: `HubSpot account, ${details.accountType.toLowerCase().replaceAll('_', ' ')}`,
    kind,
    uiDomain: details.uiDomain || 'app.hubspot.com',
  };
}

const Usage = z.object({
  results: z.array(z.object({ usageLimit: z.number().nullish(), currentUsage: z.number().nullish() })),
});

/**
 * Calls of the portal's day: from the last answer's header, else from the usage report of private apps. An OAuth app's calls are not
 * counted by day.
 */
export async function quota(portal: Portal): Promise<Quota> {
  const { usage } = portal.client;
  if (usage && portal.ctx.now() - usage.at < FRESH_MS) return { used: usage.used, limit: usage.limit };
  if (portal.ctx.config.auth.flow === 'refresh-token') return { used: null, limit: null };
  try {
    const { results } = await portal.client.json({
      label: 'account.usage',
      kind: 'read',
      idempotent: true,
      method: 'GET',
      path: portal.paths.dailyUsage(),
      schema: Usage,
    });
    const [day] = results;
    return { used: day?.currentUsage ?? null, limit: day?.usageLimit ?? null };
  } catch (error) {
    if (error instanceof ApiError && [403, 404].includes(error.status)) return { used: null, limit: null };
    throw error;
  }
}

/** Object type ids in addresses of the user interface. */
const TYPE_IDS = { account: '0-2', task: '0-27' };

export async function recordLink(portal: Portal, kind: 'account' | 'task', id: string): Promise<string> {
  const { uiDomain, id: portalId } = await describePortal(portal);
  if (!/^[\w.-]+$/.test(uiDomain))
    throw new ConnectorError('account.details: the address of the user interface is unreadable', { action: 'fail' });
  return `https://${uiDomain}/contacts/${portalId}/record/${TYPE_IDS[kind]}/${encodeURIComponent(id)}`;
}
