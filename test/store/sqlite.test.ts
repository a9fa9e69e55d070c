import { openStore } from '../../src/store/open.ts';
import { storeSuite } from './suite.ts';

storeSuite('SQLite', () => openStore({ path: ':memory:' }));
