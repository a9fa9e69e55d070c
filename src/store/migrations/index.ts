import type { Kysely } from 'kysely';
import type { SqlDialect } from '../dialect.ts';
import { up as start } from './0001_start.ts';
import { up as figures } from './0002_figures.ts';
import { up as models } from './0003_models.ts';
import { up as sentiment } from './0004_sentiment.ts';
import { up as publications } from './0005_publications.ts';

export interface StoreMigration {
  name: string;
  up(db: Kysely<unknown>, dialect: SqlDialect): Promise<void>;
}

/** In order of their numbers. Append only: a migration that has been released is never changed. */
export const MIGRATIONS: readonly StoreMigration[] = [
  { name: '0001_start', up: start },
  { name: '0002_figures', up: figures },
  { name: '0003_models', up: models },
  { name: '0004_sentiment', up: sentiment },
  { name: '0005_publications', up: publications },
];
