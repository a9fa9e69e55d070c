import { z } from 'zod';
import { type CheckItem, type CheckReport, ConnectorError, type Ctx } from '../../src/contract/index.ts';
import { bad, good, probing } from '../../src/kit/check.ts';
import { Client, isForbidden } from './client.ts';
import { type Config, limitsOf, originOf } from './config.ts';
import { keysOf } from './organizations.ts';
import { Organization, readRecords } from './wire.ts';

const Anything = z.looseObject({});
const Me = z.object({ user: z.object({ id: z.int().nullish(), role: z.string().nullish() }) });

/** Credentials, the admin role, exports, how organizations name their account, plan features and limits. Changes nothing. */
export async function checkZendesk(ctx: Ctx<Config>): Promise<CheckReport> {
  const items: CheckItem[] = [];
  const probe = probing(items, ctx.signal);
  if (!(await probe('credentials', () => user(ctx)))) return { items };
  const client = new Client(ctx);
  await probe('ticket export', async () => {
    const start_time = Math.floor(ctx.now() / 1000) - 120;
    const path = 'incremental/tickets/cursor';
    await client.get({ label: 'tickets.export', path, query: { start_time }, bucket: 'export', schema: Anything });
    return [good('tickets can be exported')];
  });
  await probe('organizations', () => organizations(client));
  await probe('satisfaction', () => satisfaction(client));
  return { items };
}

/** Who the credentials stand for, and by the way what the account may call per minute. */
async function user(ctx: Ctx<Config>): Promise<CheckItem[]> {
  const { body, headers } = await new Client(ctx).answer({ label: 'users.me', path: 'users/me', schema: Me });
  const { id, role } = body.user;
  const host = new URL(originOf(ctx.config)).host;
  if (!id)
    throw new ConnectorError(`${host} takes us for an anonymous visitor`, {
      action: 'fail',
      hint: 'Check ZENDESK_API_TOKEN with config.email, or ZENDESK_OAUTH_TOKEN.',
    });
  const admin = role === 'admin';
  return [
    good(`credentials are accepted by ${host}`),
    admin
      ? good('the user is an admin')
      : bad(`the user’s role is ${role ?? 'unknown'}; exports need an admin`, 'Use the credentials of an admin.'),
    ...rateLimit(ctx.config, headers.get('x-rate-limit') ?? headers.get('ratelimit-limit')),
  ];
}

function rateLimit(config: Config, header: string | null): CheckItem[] {
  const { perMinute } = limitsOf(config);
  const told = Number(header);
  if (header === null || !Number.isFinite(told))
    return [
      bad('calls per minute: the account does not say', `Make sure that plan: ${config.plan} is right.`, 'warning'),
    ];
  const what = `calls per minute: the account allows ${told}, plan ${config.plan} is configured with ${perMinute}`;
  return told === perMinute ? [good(what)] : [bad(what, `Set the plan, or limits.perMinute: ${told}.`, 'warning')];
}

async function organizations(client: Client): Promise<CheckItem[]> {
  const { config } = client.ctx;
  const answer = await client.get({
    label: 'organizations.list',
    path: 'organizations',
    query: { 'page[size]': 100 },
    schema: z.object({ organizations: z.array(z.unknown()) }),
  });
  const all = readRecords('organization', answer.organizations, Organization).good;
  if (all.length === 0)
    return [
      bad('there are no organizations', 'Tickets can only be matched by the requester’s mail domain.', 'warning'),
    ];
  const keyed = all.filter((o) => keysOf(o, config.accountKeys).length > 0).length;
  const sited = all.filter(
    (o) => keysOf(o, config.accountKeys).length === 0 && (o.domain_names?.length ?? 0) > 0,
  ).length;
  const what = `of ${all.length} organizations ${keyed} name their CRM account (${config.accountKeys.join(', ') || 'no key configured'}), ${sited} more have a domain`;
  return keyed + sited >= all.length / 2
    ? [good(what)]
    : [bad(what, 'Fill external_id with the CRM id, name its field under accountKeys, or add domains.', 'warning')];
}

async function satisfaction(client: Client): Promise<CheckItem[]> {
  const { csat } = client.ctx.config;
  const readable = async (label: string, path: string): Promise<boolean> => {
    try {
      await client.get({ label, path, query: { 'page[size]': 1 }, schema: Anything });
      return true;
    } catch (error) {
      if (isForbidden(error)) return false;
      throw error;
    }
  };
  if (csat === 'none') return [];
  const legacy = csat !== 'surveys' && (await readable('satisfaction_ratings.list', 'satisfaction_ratings'));
  const surveys = csat !== 'legacy' && (await readable('survey_responses.list', 'guide/survey_responses'));
  if (legacy || surveys) return [good(`satisfaction is readable (${legacy ? 'ratings' : 'surveys'})`)];
  return [
    bad(
      `satisfaction (csat: ${csat}) is not readable`,
      'The plan lacks it, or the user is no admin; set csat: none to leave it out.',
      'warning',
    ),
  ];
}
