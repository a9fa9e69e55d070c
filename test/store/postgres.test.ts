import { afterAll, beforeAll } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { PrivatePostgres } from '../postgres.ts';
import { storeSuite } from './suite.ts';

let server: PrivatePostgres;
beforeAll(async () => {
  server = await PrivatePostgres.start();
});
afterAll(() => server?.close());

storeSuite('PostgreSQL', async () => openStore({ url: await server.empty() }));
