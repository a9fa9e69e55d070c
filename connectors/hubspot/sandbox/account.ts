import type { Answer } from '../../../src/sandbox/kit-types.ts';
import type { Usage } from './limits.ts';
import type { PropertyTable } from './properties.ts';
import { TYPE_NAMES, TYPES } from './types.ts';

export interface AccountOptions {
  portalId: number;
  accountType: 'STANDARD' | 'DEVELOPER_TEST' | 'SANDBOX';
  /** IANA. */
  timeZone: string;
  companyCurrency: string;
  additionalCurrencies: readonly string[];
}

/** GET /account-info/…/details: who the portal is. It has no name here. */
export function details(options: AccountOptions, now: number): Answer {
  const minutes = offsetMinutes(options.timeZone, now);
  const two = (n: number): string => String(Math.floor(Math.abs(n))).padStart(2, '0');
  return {
    status: 200,
    body: {
      ...options,
      utcOffset: `${minutes < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`,
      utcOffsetMilliseconds: minutes * 60_000,
      uiDomain: 'app.hubspot.com',
      dataHostingLocation: 'na1',
    },
  };
}

/** GET /account-info/…/api-usage/daily/private-apps: what all private apps together have used. */
export function dailyUsage({ used, limit, resetsAt }: Usage, now: number): Answer {
  const row = {
    name: 'private-apps-api-calls-daily',
    usageLimit: limit,
    currentUsage: used,
    collectedAt: new Date(now).toISOString(),
    fetchStatus: 'SUCCESS',
    resetsAt: new Date(resetsAt).toISOString(),
  };
  return { status: 200, body: { results: [row] } };
}

/** GET /crm/…/limits/custom-properties */
export function propertyLimits(properties: PropertyTable): Answer {
  const percent = (usage: number, limit: number): number => Math.round((usage / limit) * 10_000) / 100;
  const byObjectType = TYPE_NAMES.map((type) => {
    const { usage, limit } = properties.usage(type);
    const plural = type.replace('_', ' ');
    const labels = { singularLabel: sentence(TYPES[type].singular.replace('_', ' ')), pluralLabel: sentence(plural) };
    return { objectTypeId: TYPES[type].id, ...labels, limit, usage, percentage: percent(usage, limit) };
  });
  const sum = (key: 'limit' | 'usage'): number => byObjectType.reduce((total, row) => total + row[key], 0);
  const [overallLimit, overallUsage] = [sum('limit'), sum('usage')];
  return {
    status: 200,
    body: { byObjectType, overallLimit, overallUsage, overallPercentage: percent(overallUsage, overallLimit) },
  };
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Minutes that a zone's clocks are ahead of UTC. */
function offsetMinutes(timeZone: string, at: number): number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  const name = format.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [];
  return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
