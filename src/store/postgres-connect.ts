import {
  type DatabaseConnection,
  type Dialect,
  type Kysely,
  PostgresAdapter,
  PostgresDriver,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
  type TableMetadata,
} from 'kysely';
import pg from 'pg';
import { InputError } from '../contract/index.ts';
import { storableKey } from './canonical.ts';
import { connectionLost, messageOf, type Place } from './postgres-errors.ts';

/** Connections per process: one writes, some read, and health checks never wait for a place. */
const CONNECTIONS = 8;
const CONNECT_MS = 10_000;
/** How long a writer waits for another process, and how long one may stand still between two statements (a frozen process). */
const WAIT = '60s';

/**
 * Statements are written as walks along indexes, for some accounts at a time, and are to be carried out as they stand: a planner
 * that knows less of what they look for would rather read whole tables, and again for each part of the accounts.
 */
const SESSION = [
  `set lock_timeout = '${WAIT}'`,
  `set idle_in_transaction_session_timeout = '${WAIT}'`,
  'set statement_timeout = 0',
  'set join_collapse_limit = 1',
  'set enable_hashjoin = off',
  'set enable_mergejoin = off',
  'set max_parallel_workers_per_gather = 0',
  'set jit = off',
  "set client_min_messages = 'warning'",
].join('; ');

/** The library's own connection, for the harness that counts what goes over it. */
export const Connection = pg.Client;

const { builtins } = pg.types;
/** int8 and numeric arrive as text: here they are counts, instants and scaled figures, which all fit a number. */
function exact(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    throw new Error(`the store holds ${text}, which is too large for an exact number`);
  return value;
}
/** Of this pool alone: other users of the library in this process keep theirs. Truth is 1 or 0, as in the other store. */
const PARSERS: Record<number, (text: string) => unknown> = {
  [builtins.INT8]: exact,
  [builtins.NUMERIC]: exact,
  [builtins.BOOL]: (text) => (text === 't' ? 1 : 0),
};
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    PARSERS[oid] ?? pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
};

/** A pool and the place that it leads to. Throws InputError where the address is none. Connects to nothing yet. */
export function poolOf(url: string, lost: (error: Error) => void): { pool: pg.Pool; place: Place } {
  const settings = { connectionString: url, types };
  const { host, port, database, user } = addressed(settings);
  const pool = new pg.Pool({
    ...settings,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    application_name: 'pulseback',
    onConnect: async (client) => {
      // Also one that is in use and waits for its next statement may break: unheard, that would end the process.
      client.on('error', lost);
      await client.query(SESSION);
    },
  });
  pool.on('error', () => {}); // told above; the pool has dropped it, and opens another one for the next statement
  return { pool, place: { host, port, database: database ?? user ?? '', user: user ?? '' } };
}

function addressed(settings: pg.ClientConfig): pg.Client {
  try {
    return new pg.Client(settings);
  } catch (error) {
    // The library's own error may quote the address, and with it the password.
    const why = error instanceof Error && 'code' in error && error.code === 'ENOENT' ? `: ${error.message}` : '';
    throw new InputError(`DATABASE_URL cannot be read${why}`, {
      hint: 'Expected an address like postgresql://user:password@host:5432/database; % and @ in a password are written %25 and %40.',
    });
  }
}

/** Texts are made storable on their way in, also those that are only compared with; what comes of a lost connection says so. */
class StorableDriver extends PostgresDriver {
  readonly #known = new WeakSet<DatabaseConnection>();
  override async acquireConnection(
    ...options: Parameters<PostgresDriver['acquireConnection']>
  ): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection(...options);
    if (this.#known.has(connection)) return connection;
    this.#known.add(connection);
    const run = connection.executeQuery.bind(connection);
    connection.executeQuery = async (query) => {
      try {
        return await run({ ...query, parameters: query.parameters.map(storable) });
      } catch (error) {
        if (!connectionLost(error)) throw error;
        throw new Error(`the connection to the database was lost (${messageOf(error)})`, { cause: error });
      }
    };
    return connection;
  }
}
const storable = (value: unknown): unknown => (typeof value === 'string' ? storableKey(value) : value);

/** Looks at our schema alone, and at names alone: others may keep thousands of tables in the same database. */
class OwnSchema extends PostgresIntrospector {
  readonly #db: Kysely<unknown>;
  constructor(db: Kysely<unknown>) {
    super(db);
    this.#db = db;
  }
  override async getTables(): Promise<TableMetadata[]> {
    const { rows } = await sql<{ name: string; schema: string }>`
      select tablename as name, schemaname as schema from pg_tables where schemaname = current_schema() order by 1`.execute(
      this.#db,
    );
    return rows.map((table) => ({ ...table, isView: false, isForeign: false, columns: [] }));
  }
}

export function kyselyDialect(pool: pg.Pool): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new StorableDriver({ pool }),
    createIntrospector: (db) => new OwnSchema(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}
