import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { StorePlace } from '../../src/store/open.ts';
import { PrivatePostgres } from '../postgres.ts';

/** Where a store may lie, for tests that hold of every kind of it. */
export const DATABASES = ['SQLite', 'PostgreSQL'] as const;

/** Places for empty stores; of PostgreSQL on a server of the test file's own. Call it inside a `describe`. */
export function places(database: (typeof DATABASES)[number]): () => Promise<StorePlace> {
  if (database === 'PostgreSQL') {
    const server = privatePostgres();
    return async () => ({ url: await server().empty() });
  }
  const dir = mkdtempSync(join(tmpdir(), 'store-'));
  let n = 0;
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  return async () => ({ path: join(dir, `${++n}.db`) });
}

/** A PostgreSQL that lives as long as the tests around it. */
export function privatePostgres(): () => PrivatePostgres {
  let server: PrivatePostgres | null = null;
  beforeAll(async () => {
    server = await PrivatePostgres.start();
  });
  afterAll(() => server?.close());
  return () => {
    if (!server) throw new Error('PostgreSQL has not been started');
    return server;
  };
}
