import { describe, expect, it, onTestFinished } from 'vitest';
import { zendesk } from '../../../connectors/zendesk/index.ts';
import { organizationId, ticketId } from '../../../connectors/zendesk/sandbox/keys.ts';
import { serveZendesk, type ZendeskOptions } from '../../../connectors/zendesk/sandbox.ts';
import type { Cursor } from '../../../src/contract/index.ts';
import type { Fact, FactOf } from '../../../src/core/fact.ts';
import { MatchRules, matchAccounts } from '../../../src/core/match.ts';
import { loadYaml } from '../../../src/kit/yaml.ts';
import { ticketAt, ticketChanges } from '../../../src/sandbox/asof.ts';
import { makeWorld } from '../../../src/sandbox/world.ts';
import type { World } from '../../../src/sandbox/world.types.ts';
import { judge } from '../../contract/openapi.ts';
import { zendeskContracts } from '../../contract/zendesk.ts';
import { makeCtx, NOW } from './support.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Over = Record<string, unknown>;
type Versions = Map<string, Map<number, Fact>>;

/** What pulls leave behind: versions of each record, the cursor of each stream. */
async function follow(options: Partial<ZendeskOptions>, over: Over = {}) {
  const world = makeWorld({ seed: 11, customers: 25, now: NOW });
  const sandbox = await serveZendesk({ limits: false, pageRows: 60, ...options, world });
  onTestFinished(() => sandbox.close());
  const secrets = { apiToken: sandbox.env.ZENDESK_API_TOKEN ?? '' };
  const { ctx, calls } = makeCtx({ ...sandbox.config, ...over }, { secrets, now: world.now });
  const cursors = new Map<string, Cursor>();
  const versions: Versions = new Map();
  const rejects: unknown[] = [];
  const pull = async () => {
    for (const stream of Object.keys(zendesk.streams(ctx)))
      for await (const page of zendesk.pull(ctx, stream, cursors.get(stream) ?? null)) {
        cursors.set(stream, page.cursor);
        rejects.push(...page.rejects);
        for (const fact of page.facts) {
          const key = `${fact.kind} ${fact.id}`;
          versions.set(key, (versions.get(key) ?? new Map<number, Fact>()).set(fact.at, fact));
        }
      }
  };
  const held = (id: string, t: number): Fact | null => {
    const before = [...(versions.get(id)?.values() ?? [])].filter((f) => f.at <= t);
    return before.reduce<Fact | null>((last, f) => (last && last.at >= f.at ? last : f), null);
  };
  return { world, sandbox, ctx, calls, pull, versions, held, rejects };
}
type Followed = Awaited<ReturnType<typeof follow>>;

/** Every ticket of the world at an instant, beside what is known of that instant. */
function* tickets(world: World, t: number) {
  for (const account of world.accounts())
    for (const [n, ticket] of account.tickets.entries()) {
      const truth = ticketAt(ticket, t);
      if (truth) yield { account, ticket, truth, key: `ticket ${ticketId(account.index, n)}` };
    }
}

/** `t` lies in the past: history must be right too, not only the present. */
function expectTruth({ world, held }: Followed, t: number, satisfaction: (rating: number) => number): number {
  let seen = 0;
  for (const { truth, ticket, key } of tickets(world, t)) {
    // A first reply is told in whole minutes.
    if (ticket.firstReplyAt !== null && Math.abs(ticket.firstReplyAt - t) < MINUTE) continue;
    const fact = held(key, t);
    if (fact?.kind !== 'ticket' || fact.deleted) throw new Error(`${key} is not known at ${new Date(t).toISOString()}`);
    seen += 1;
    const { data } = fact as FactOf<'ticket'>;
    expect({ key, ...data }).toMatchObject({
      key,
      subject: truth.subject,
      priority: truth.priority,
      openedAt: truth.openedAt,
      solvedAt: truth.solvedAt,
      escalated: truth.escalated,
      reopens: truth.reopens,
      satisfaction: truth.rating === null ? null : satisfaction(truth.rating),
      resolutionHours: truth.solvedAt === null ? null : (truth.solvedAt - truth.openedAt) / HOUR,
    });
    const minutes = truth.firstReplyAt === null ? null : Math.round((truth.firstReplyAt - truth.openedAt) / MINUTE);
    expect([key, data.firstReplyMinutes]).toEqual([key, minutes]);
    expect([key, data.status === 'new']).toEqual([key, truth.status === 'new']);
    expect([key, data.solvedAt !== null]).toEqual([key, ['solved', 'closed'].includes(`${data.status}`)]);
  }
  return seen;
}

const legacy = (rating: number): number => (rating >= 4 ? 100 : 0);
const surveyed = (rating: number): number => (rating - 1) * 25;

describe('every ticket of the world', () => {
  it.each([
    ['ratings, metrics along', {}, { csat: 'legacy' }, legacy],
    ['surveys, metrics apart', { satisfaction: 'surveys', metricSets: false }, { csat: 'auto' }, surveyed],
  ] as const)('is known as it was at any time, as time goes on (%s)', async (_, options, over, satisfaction) => {
    const followed = await follow(options, over);
    const { world, pull, rejects } = followed;
    let seen = 0;
    for (const days of [0, 4, 9]) {
      world.advance(days * DAY);
      await pull();
      const now = world.now() - MINUTE; // the last minute is never told
      for (const back of [0, 2, 30, 200]) seen += expectTruth(followed, now - back * DAY, satisfaction);
    }
    expect(rejects).toEqual([]);
    expect(seen).toBeGreaterThan(1500);
  });

  it('is known in the very moments of its changes', async () => {
    const followed = await follow({}, { csat: 'legacy' });
    await followed.pull();
    const moments = [...tickets(followed.world, followed.world.now() - MINUTE)]
      .filter(({ ticket }) => ticket.reopens > 0 || ticket.escalated)
      .flatMap(({ ticket }) => ticketChanges(ticket))
      .filter((at) => at < followed.world.now() - MINUTE)
      .slice(0, 12);
    expect(moments.length).toBe(12);
    for (const at of moments) for (const t of [at - 1, at]) expectTruth(followed, t, legacy);
  });

  it('that was deleted is gone with its words, and no other one', async () => {
    const followed = await follow({});
    for (const days of [0, 6]) {
      followed.world.advance(days * DAY);
      await followed.pull();
    }
    const now = followed.world.now();
    const truth = new Set([...tickets(followed.world, now - MINUTE)].map(({ key }) => key));
    const gone = [...followed.versions.keys()].filter((k) => k.startsWith('ticket ') && followed.held(k, now)?.deleted);
    expect(gone.length).toBeGreaterThan(3);
    for (const key of gone) {
      expect(truth.has(key)).toBe(false);
      for (const fact of followed.versions.get(key)?.values() ?? []) expect(fact.data).not.toHaveProperty('text');
    }
    const living = [...followed.versions.keys()].filter((k) => k.startsWith('ticket ')).length - gone.length;
    expect(living).toBe(truth.size);
  });

  it('keeps its words as long as they may be kept, and loses them to a redaction', async () => {
    const followed = await follow({});
    await followed.pull();
    const { world, held, sandbox } = followed;
    const now = world.now();
    const young = [...tickets(world, now - MINUTE)].filter(({ ticket }) => ticket.openedAt > now - 90 * DAY);
    expect(young.length).toBeGreaterThan(5);
    for (const { key, ticket } of young) expect(held(key, ticket.openedAt)?.data).toHaveProperty('text', ticket.text);
    const old = [...tickets(world, now - 91 * DAY)];
    for (const { key, ticket } of old) expect(held(key, ticket.openedAt)?.data).not.toHaveProperty('text');

    const [first] = young;
    if (!first) throw new Error('no young ticket');
    sandbox.faults.add({ name: 'redact', with: { ticket: Number(first.key.split(' ')[1]) } });
    world.advance(5 * MINUTE);
    await followed.pull();
    expect(JSON.stringify([...(followed.versions.get(first.key)?.values() ?? [])])).not.toContain(first.ticket.text);
  });
});

describe('accounts', () => {
  it('are organizations with what the CRM knows them by; tickets of others go by mail domain', async () => {
    const { world, pull, held, versions } = await follow({}, { accountKeys: ['external_id', 'crm_id'] });
    await pull();
    const now = world.now();
    let [byKey, byDomain, byMail] = [0, 0, 0];
    for (const { account, key } of tickets(world, now - MINUTE)) {
      const at = held(key, now)?.account;
      const fact = at ? held(`account ${at}`, now) : null;
      if (fact?.kind !== 'account') throw new Error(`${key}: no account fact for ${at}`);
      if (at?.startsWith('email-domain:')) byMail += 1;
      else expect([false, true].map((second) => String(organizationId(account.index, second)))).toContain(at);
      const { keys = [], domains = [] } = fact.data;
      if (keys.some((k) => k.toLowerCase() === account.externalKey.toLowerCase())) byKey += 1;
      else {
        expect(domains).toContain(account.domain);
        byDomain += 1;
      }
    }
    expect(Math.min(byKey, byDomain, byMail)).toBeGreaterThan(10);
    expect([...versions.keys()].filter((k) => k.startsWith('account email-domain:')).length).toBeGreaterThan(0);
  });

  it('are found in the CRM by id, then domain, never another one’s', async () => {
    const { world, pull, held, versions } = await follow({}, { accountKeys: ['external_id', 'crm_id'] });
    await pull();
    const now = world.now();
    const crm = [...world.accounts()].map(({ key, name, domain, externalKey }) => ({
      account: key,
      name,
      domains: [domain],
      keys: [externalKey],
    }));
    const rules = loadYaml('mappings/match.yaml', MatchRules);
    const truth = new Map(
      [...tickets(world, now - MINUTE)].map(({ account, key }) => [held(key, now)?.account, account.key]),
    );
    const reasons: string[] = [];
    for (const key of versions.keys()) {
      const fact = key.startsWith('account ') ? held(key, now) : null;
      if (fact?.kind !== 'account' || fact.account === null) continue;
      const { name, domains = [], keys = [] } = fact.data;
      const desk = { key: fact.account, name: name ?? '', domains, keys, emails: [] };
      const { links, unmatched } = matchAccounts(crm, [desk], rules);
      const [found] = links;
      if (!found) {
        expect(unmatched[0]?.reason).toMatch(/^ambiguous/); // two CRM accounts share a domain
        continue;
      }
      if (truth.has(fact.account)) expect([key, found.account]).toEqual([key, truth.get(fact.account)]);
      reasons.push(found.reason.split(' ').slice(0, 2).join(' '));
    }
    expect(reasons.filter((r) => r === 'external key').length).toBeGreaterThan(10);
    expect(reasons.filter((r) => r.startsWith('domain')).length).toBeGreaterThan(2);
  });

  it('that are merged take their tickets’ history along', async () => {
    const followed = await follow({});
    const { world, pull, held, versions } = followed;
    await pull();
    const before = world.now();
    const losers = new Set([...world.accounts()].map((a) => String(organizationId(a.index, true))));
    const moved = [...versions.keys()].filter(
      (k) => losers.has(held(k, before)?.account ?? '') && k.startsWith('ticket '),
    );
    expect(moved.length).toBeGreaterThan(2);
    world.advance(4 * DAY);
    await pull();
    for (const key of moved)
      for (const fact of versions.get(key)?.values() ?? []) expect(losers.has(fact.account ?? '')).toBe(false);
  });
});

describe('trouble on the way', () => {
  it('changes nothing of what is known in the end', async () => {
    const options = { pageRows: 40, metricSets: false } as const;
    const calm = await follow(options);
    await calm.pull();
    const rough = await follow(options);
    const faults = ['429', '503-before', 'reset-before', 'reset-after-commit', 'html', 'empty-page'];
    for (const [i, name] of faults.entries())
      for (const on of ['incremental/tickets/cursor', 'tickets/*/metrics', 'tickets/*/audits', 'satisfaction_ratings'])
        if (name !== 'empty-page' || on.startsWith('incremental'))
          rough.sandbox.faults.add({ name, on, skip: i, times: 1 });
    await rough.pull();
    const fired = rough.sandbox.faults.fired();
    for (const name of faults) expect([name, fired[name] ?? 0]).not.toEqual([name, 0]);
    expect(rough.calls.length).toBeGreaterThan(calm.calls.length + 5);
    expect(rough.versions).toEqual(calm.versions);
  });

  it('on one stream leaves the others alone, and is told with a way out', async () => {
    const { ctx, sandbox } = await follow({});
    const all = async (stream: string) => {
      let facts = 0;
      for await (const page of zendesk.pull(ctx, stream, null)) facts += page.facts.length;
      return facts;
    };
    sandbox.faults.add({ name: 'forbidden-stream', on: 'incremental/organizations' });
    await expect(all('organizations')).rejects.toMatchObject({ code: '403', hint: expect.stringContaining('admin') });
    expect(await all('tickets')).toBeGreaterThan(100);
  });
});

describe('calls', () => {
  it('are as many as the changes need', async () => {
    const { world, calls, pull } = await follow({ pageRows: 1000 }, { csat: 'legacy' });
    await pull();
    const kinds = new Set(calls);
    expect([...kinds].sort()).toEqual([
      'organizations.export',
      'satisfaction_ratings.list',
      'tickets.audits',
      'tickets.export',
    ]);
    const needed = [...tickets(world, world.now() - MINUTE)].filter(
      ({ truth }) => truth.reopens > 0 || truth.escalated,
    );
    expect(calls.filter((c) => c === 'tickets.audits')).toHaveLength(needed.length);
    calls.length = 0;
    await pull();
    expect(calls).toEqual(['organizations.export', 'tickets.export']);
  });
});

const contracts = zendeskContracts();
describe.skipIf(contracts === null)(
  'against the vendor’s OpenAPI document (skipped without ../shared/contracts)',
  () => {
    it('every request that is sent is valid, and every answer that comes back', async () => {
      if (!contracts) return;
      const { onExchange, verdict } = judge(contracts.asKnown);
      for (const [options, over] of [
        [{}, { csat: 'legacy', text: 'all' }],
        [
          { satisfaction: 'surveys', metricSets: false },
          { csat: 'auto', history: 'metrics' },
        ],
      ] as const) {
        const { world, ctx, pull } = await follow({ ...options, onExchange }, over);
        await zendesk.check(ctx);
        for (const days of [0, 4]) {
          world.advance(days * DAY);
          await pull();
        }
      }
      const { requests, answers, valid, problems, paths } = verdict();
      console.info(
        `zendesk: ${requests} requests and ${valid} of ${answers} answers on ${paths.length} paths are valid`,
      );
      expect(problems).toEqual([]);
      expect(valid).toBe(answers);
      expect(requests).toBeGreaterThan(100);
      expect(paths).toEqual(
        expect.arrayContaining([
          '/api/v2/guide/survey_responses',
          '/api/v2/incremental/organizations',
          '/api/v2/incremental/tickets/cursor',
          '/api/v2/organizations',
          '/api/v2/satisfaction_ratings',
          '/api/v2/tickets/{ticket_id}/audits',
          '/api/v2/tickets/{ticket_id}/comments',
          '/api/v2/tickets/{ticket_id}/metrics',
          '/api/v2/users/me',
        ]),
      );
    });
  },
);
