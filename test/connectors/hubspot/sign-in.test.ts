import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pullStream } from '../../../connectors/hubspot/pull.ts';
import type { Rotation } from '../../../connectors/hubspot/sandbox/oauth.ts';
import type { Page } from '../../../src/contract/index.ts';
import { factsOf, HOUR, MINUTE, Served } from './served.ts';
import { memoryState, refusal } from './support.ts';

/** An installed app's tokens over whole pulls of a portal in which they age and rotate. */
let served: Served;
let credentials: ReturnType<typeof memoryState>;
const start = async (rotation: Rotation = 'strict') => {
  served = await Served.start({ customers: 20, minPages: 4, flow: 'refresh-token', rotation });
  credentials = memoryState();
};
beforeEach(() => start());
afterEach(() => served.close());

async function pull(onPage: () => void = () => undefined): Promise<Page[]> {
  const { HUBSPOT_CLIENT_SECRET: clientSecret = '', HUBSPOT_REFRESH_TOKEN: refreshToken = '' } = served.sandbox.env;
  const portal = served.portal({}, { secrets: { clientSecret, refreshToken }, credentials });
  const pages: Page[] = [];
  for await (const page of pullStream(portal, 'accounts', null)) {
    pages.push(page);
    onPage();
  }
  return pages;
}
const refreshes = () => served.sandbox.calls.total('auth');

describe('a pull', () => {
  it.each(['strict', 'grace', 'none'] as const)(
    'and the next ones need one refresh each half hour (%s)',
    async (rotation) => {
      await served.close();
      await start(rotation);
      const first = factsOf(await pull());
      expect(first.length).toBeGreaterThan(20);
      await pull();
      expect(refreshes()).toBe(1);
      served.world.advance(HOUR);
      await pull();
      served.world.advance(HOUR);
      await pull();
      expect(refreshes()).toBe(3);
    },
  );

  it('during which the token ages renews it by the clock, before the portal says no', async () => {
    const pages = await pull(() => served.world.advance(31 * MINUTE));
    const read = new Set(factsOf(pages).map((fact) => fact.account));
    const live = served.sandbox.rows('companies').filter((row) => row.archived === false);
    expect(live.filter((row) => Number(row.createdAt) < served.world.options.now && !read.has(String(row.id)))).toEqual(
      [],
    );
    expect(pages.length).toBeGreaterThan(1);
    expect(refreshes()).toBeGreaterThanOrEqual(pages.length);
    expect(served.sandbox.calls.answered(401)).toBe(0);
  });

  it('in the middle of which the token dies before its time reads the same', async () => {
    const undisturbed = factsOf(await pull());
    served.sandbox.faults.add({ name: 'expired-token', skip: 2 });
    expect(factsOf(await pull())).toEqual(undisturbed);
    expect(served.sandbox.faults.fired()).toEqual({ 'expired-token': 1 });
    expect(refreshes()).toBe(2);
  });

  it('ends where the installation was revoked, and keeps its token to itself', async () => {
    served.sandbox.faults.add({ name: 'bad-refresh-token' });
    const error = await refusal(pull());
    expect(error.message).toContain('BAD_REFRESH_TOKEN');
    expect(error.message).not.toContain(served.sandbox.env.HUBSPOT_REFRESH_TOKEN);
    expect(refreshes()).toBe(1);
  });
});
