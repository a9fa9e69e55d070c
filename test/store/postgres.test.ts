import { openStore } from '../../src/store/open.ts';
import { privatePostgres } from './places.ts';
import { storeSuite } from './suite.ts';

const server = privatePostgres();
let url: string | null = null;

storeSuite('PostgreSQL', async () => {
  url ??= await server().empty();
  await server().clear(url);
  return openStore({ url });
});
