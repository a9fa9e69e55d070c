import { describe, expect, it, onTestFinished } from 'vitest';
import { zendesk } from '../../../connectors/zendesk/index.ts';
import { serveZendesk, type ZendeskOptions } from '../../../connectors/zendesk/sandbox.ts';
import type { Ctx } from '../../../src/contract/index.ts';
import { makeWorld } from '../../../src/sandbox/world.ts';
import { makeCtx, NOW, vendor } from './support.ts';

/** What `check` finds in an account of the sandbox. */
async function findings(
  options: Partial<ZendeskOptions> & { faults?: { name: string; on: string }[] } = {},
  over: Record<string, unknown> = {},
  extra: Partial<Ctx<never>> = {},
) {
  const world = makeWorld({ seed: 7, customers: 20, now: NOW });
  const { faults = [], ...rest } = options;
  const sandbox = await serveZendesk({ world, ...rest });
  onTestFinished(() => sandbox.close());
  for (const fault of faults) sandbox.faults.add(fault);
  const secrets = { apiToken: sandbox.env.ZENDESK_API_TOKEN ?? '' };
  const { ctx } = makeCtx({ limits: {}, ...sandbox.config, ...over }, { secrets, now: world.now, ...extra });
  const { items } = await zendesk.check(ctx);
  for (const item of items.filter((i) => !i.ok)) expect(item.fix).toBeTruthy();
  return items.map((i) => `${i.ok ? 'ok' : i.level}: ${i.what}`);
}

describe('check', () => {
  it('finds an account in order', async () => {
    expect(await findings()).toEqual([
      expect.stringMatching(/^ok: credentials are accepted by 127\.0\.0\.1:\d+$/),
      'ok: the user is an admin',
      'ok: calls per minute: the account allows 400, plan professional is configured with 400',
      'ok: tickets can be exported',
      expect.stringMatching(
        /^ok: of \d+ organizations \d+ name their CRM account \(external_id, crm_id\), \d+ more have a domain$/,
      ),
      'ok: satisfaction is readable (ratings)',
    ]);
  });

  it('tells limits that are not the plan’s', async () => {
    const found = await findings({ plan: 'enterprise' }, { plan: 'team' });
    expect(found).toContain('warning: calls per minute: the account allows 700, plan team is configured with 200');
  });

  it('tells wrong credentials, and stops there', async () => {
    const found = await findings({}, {}, { secrets: { apiToken: 'wrong' } });
    expect(found).toEqual([expect.stringMatching(/^error: credentials: users\.me: 401/)]);
    expect(await findings({}, { email: undefined })).toEqual([
      'error: credentials: zendesk: config.email is missing, whose API token is given',
    ]);
  });

  it('tells a stream that is forbidden and a feature that the plan lacks, and goes on', async () => {
    const found = await findings({
      faults: [
        { name: 'forbidden-stream', on: 'incremental/tickets/cursor' },
        { name: 'plan-feature-missing', on: 'satisfaction_ratings' },
      ],
    });
    expect(found[3]).toMatch(/^error: ticket export: tickets\.export: 403/);
    expect(found[4]).toMatch(/^ok: of /);
    expect(found[5]).toBe('ok: satisfaction is readable (surveys)');
  });

  it('tells that satisfaction is not readable where it is configured', async () => {
    const faults = [{ name: 'plan-feature-missing', on: 'satisfaction_ratings' }];
    expect((await findings({ faults }, { csat: 'legacy' })).at(-1)).toBe(
      'warning: satisfaction (csat: legacy) is not readable',
    );
    expect((await findings({ faults }, { csat: 'none' })).at(-1)).toMatch(/^ok: of/);
  });

  it('tells an agent from an admin, an anonymous visitor from both, and organizations that name nothing', async () => {
    const answers = { id: 1 as number | null, role: 'agent' };
    const server = await vendor([
      [/users\/me/, () => ({ body: { user: answers } })],
      [/incremental/, () => ({ status: 403, body: { error: 'Forbidden' } })],
      [/organizations/, () => ({ body: { organizations: [{ id: 1 }, { id: 2 }, { id: 3, external_id: 'A' }] } })],
    ]);
    onTestFinished(() => server.close());
    const { ctx } = makeCtx({ baseUrl: server.origin });
    const told = async () => (await zendesk.check(ctx)).items.map((i) => `${i.ok ? 'ok' : i.level}: ${i.what}`);
    const found = await told();
    expect(found).toContain('error: the user’s role is agent; exports need an admin');
    expect(found).toContain('warning: of 3 organizations 1 name their CRM account (external_id), 0 more have a domain');
    answers.id = null;
    expect(await told()).toEqual([expect.stringContaining('takes us for an anonymous visitor')]);
  });
});
