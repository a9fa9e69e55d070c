import { openStore } from '../../src/store/open.ts';
import { privatePostgres } from './places.ts';
import { storeSuite } from './suite.ts';

const server = privatePostgres();

storeSuite('PostgreSQL', async () => openStore({ url: await server().empty() }));
