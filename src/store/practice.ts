import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { InputError } from '../contract/index.ts';
import type { StorePlace } from './open.ts';
import { poolOf } from './postgres-connect.ts';
import { explain } from './postgres-errors.ts';

/** For harnesses that try the product: what a store really holds, past everything that the product makes of it. */
export interface Look {
  rows(text: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export function lookInto(place: StorePlace): Look {
  if ('path' in place) {
    const db = new DatabaseSync(place.path, { readOnly: true });
    return { rows: async (text) => db.prepare(text).all(), close: async () => db.close() };
  }
  const { pool } = poolOf(place.url, () => {});
  return { rows: async (text) => (await pool.query(text)).rows, close: () => pool.end() };
}

/** A place for an empty store in a schema that nobody else uses; `drop` takes it away again. Throws InputError where it cannot be made. */
export async function emptySchema(url: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `pulseback_practice_${randomBytes(6).toString('hex')}`;
  const run = async (text: string): Promise<void> => {
    const { pool, place } = poolOf(url, () => {});
    try {
      await pool.query(text);
    } catch (error) {
      throw explain(error, place);
    } finally {
      await pool.end();
    }
  };
  if (!URL.canParse(url))
    throw new InputError('DATABASE_URL: expected an address like postgresql://user:password@host:5432/database');
  const own = new URL(url);
  own.searchParams.set('options', `-c search_path=${name}`);
  await run(`create schema ${name}`);
  return { url: own.href, drop: () => run(`drop schema if exists ${name} cascade`) };
}
