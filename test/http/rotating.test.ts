import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConnectorError, type StateStore } from '../../src/contract/index.ts';
import { REFUSED_GRANT, RotatingTokens, type RotationSetup } from '../../src/http/rotating.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** A store that several processes share; every step of one may be followed by a step of another. */
function sharedState(): StateStore & { text(): string | undefined } {
  const values = new Map<string, string>();
  const step = () => new Promise<void>((done) => setImmediate(done));
  return {
    text: () => values.get('tokens'),
    async get(key) {
      await step();
      return values.get(key) ?? null;
    },
    async set(key, expected, value) {
      await step();
      if ((values.get(key) ?? null) !== expected) return false;
      if (value === null) values.delete(key);
      else values.set(key, value);
      return true;
    },
  };
}

/** A vendor that kills a refresh token with its use, and the whole grant when a dead one is used. */
function strictVendor() {
  let nth = 1;
  let good = 'r1';
  let dead = false;
  return {
    used: () => nth - 1,
    dead: () => dead,
    good: () => good,
    async refresh(token: string, ms = 0) {
      if (token !== good) dead = true;
      if (dead) throw new ConnectorError('invalid_grant', { action: 'fail', code: REFUSED_GRANT });
      good = `r${++nth}`;
      const issued = { accessToken: `a${nth}`, refreshToken: good, expiresInSeconds: null, extra: { host: 'h' } };
      if (ms > 0) await new Promise((done) => setTimeout(done, ms));
      return issued;
    },
  };
}

function processOf(credentials: StateStore, refresh: RotationSetup['refresh'], more: Partial<RotationSetup> = {}) {
  return new RotatingTokens({
    credentials,
    first: { value: 'r1', env: 'THE_TOKEN' },
    refresh,
    now: () => 0,
    log: quiet,
    signal: new AbortController().signal,
    pollMs: 2,
    patienceMs: 60_000,
    ...more,
  });
}

describe('a grant that rotates', () => {
  it('survives any number of processes and expiries: no refresh token is ever used twice', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), async (processes, rounds) => {
        const store = sharedState();
        const vendor = strictVendor();
        const all = Array.from({ length: processes }, () => processOf(store, (token) => vendor.refresh(token, 1)));
        for (let round = 1; round <= rounds; round++) {
          const got = await Promise.all(all.flatMap((p) => [p.current(), p.current()]));
          expect(new Set(got.map((g) => g.accessToken))).toEqual(new Set([`a${round + 1}`]));
          expect(got[0]?.extra).toEqual({ host: 'h' });
          for (const p of all) p.drop(`a${round + 1}`);
        }
        expect(vendor.dead()).toBe(false);
        expect(vendor.used()).toBe(rounds);
      }),
      { numRuns: 20 },
    );
  });

  it('is stored before it is used', async () => {
    const store = sharedState();
    const tokens = processOf(store, (token) => strictVendor().refresh(token));
    await tokens.current();
    expect(JSON.parse(store.text() ?? '')).toMatchObject({ refreshToken: 'r2', accessToken: 'a2' });
  });

  it('is not given out where it could not be stored', async () => {
    const store = sharedState();
    let writes = 0;
    const full: StateStore = {
      get: store.get,
      set: (key, expected, value) =>
        ++writes > 1 ? Promise.reject(new Error('the disk is full')) : store.set(key, expected, value),
    };
    await expect(processOf(full, (token) => strictVendor().refresh(token)).current()).rejects.toThrow('disk is full');
  });

  it('outlives a process that died in the middle of an exchange', async () => {
    const store = sharedState();
    const vendor = strictVendor();
    void processOf(store, () => new Promise(() => {})).current(); // never comes back
    await expect.poll(() => store.text() ?? '').toContain('"busy":"');
    const next = processOf(store, (token) => vendor.refresh(token), { patienceMs: 20 });
    expect((await next.current()).accessToken).toBe('a2');
  });

  it('keeps the newer tokens of a process that was taken for dead', async () => {
    const store = sharedState();
    const vendor = strictVendor();
    const slow = processOf(store, (token) => vendor.refresh(token, 60)).current();
    await expect.poll(() => vendor.used()).toBe(1);
    const hasty = processOf(
      store,
      async (token) => {
        await new Promise((done) => setTimeout(done, 100));
        expect(token).toBe('r1');
        throw new ConnectorError('invalid_grant', { action: 'fail', code: REFUSED_GRANT });
      },
      { patienceMs: 6 },
    );
    expect((await hasty.current()).accessToken).toBe('a2');
    expect((await slow).accessToken).toBe('a2');
    expect(JSON.parse(store.text() ?? '')).toMatchObject({ refreshToken: 'r2', busy: null });
  });

  it('frees its claim after a failure, and ends waiting with the run', async () => {
    const store = sharedState();
    const failing = processOf(store, () => Promise.reject(new ConnectorError('down', { action: 'retry' })));
    await expect(failing.current()).rejects.toThrow('down');
    expect(JSON.parse(store.text() ?? '')).toMatchObject({ refreshToken: 'r1', busy: null });
    void processOf(store, () => new Promise(() => {})).current();
    await expect.poll(() => store.text() ?? '').toContain('"busy":"');
    const stop = new AbortController();
    const waiting = processOf(store, (token) => strictVendor().refresh(token), { signal: stop.signal }).current();
    setTimeout(() => stop.abort(new Error('stopped')), 5);
    await expect(waiting).rejects.toThrow();
  });
});
