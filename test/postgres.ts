import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './redis.ts';

/** Where Debian keeps what is not for everyone's path. */
const DEBIAN = '/usr/lib/postgresql';
export const PASSWORD = 'it is @ secret/%';

/** The folder of `initdb` and `postgres`, the newest where there are several; '' = on the path; null = there is none. */
export function postgresPrograms(): string | null {
  if (!spawnSync('initdb', ['--version']).error && !spawnSync('postgres', ['--version']).error) return '';
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions.find((version) => existsSync(join(DEBIAN, version, 'bin', 'initdb')));
  return found === undefined ? null : join(DEBIAN, found, 'bin');
}

/** A PostgreSQL of one's own on a free port, which can go away and come back; its folder goes with it. */
export class PrivatePostgres {
  readonly port: number;
  readonly #dir: string;
  readonly #programs: string;
  readonly #as: { uid?: number; gid?: number };
  #child: ChildProcess | null = null;
  #schemas = 0;

  private constructor(port: number, dir: string, programs: string, as: { uid?: number; gid?: number }) {
    [this.port, this.#dir, this.#programs, this.#as] = [port, dir, programs, as];
  }

  /** @throws where there is no PostgreSQL, in one line that says what to install. */
  static async start(): Promise<PrivatePostgres> {
    const programs = postgresPrograms();
    if (programs === null)
      throw new Error(
        'These tests need PostgreSQL 13 or later: run `apt-get install postgresql`, or install it from https://postgresql.org',
      );
    const as = unprivileged();
    const dir = mkdtempSync(join(tmpdir(), 'pulseback-postgres-'));
    const secret = join(dir, 'password');
    writeFileSync(secret, PASSWORD);
    if (as.uid !== undefined && as.gid !== undefined) for (const path of [dir, secret]) chownSync(path, as.uid, as.gid);
    const server = new PrivatePostgres(await freePort(), dir, programs, as);
    server.#make(secret);
    await server.up();
    return server;
  }

  /** A database whose own language does not sort by bytes, so that a test notices where the store relies on that it does. */
  #make(secret: string): void {
    const common = [
      '-D',
      join(this.#dir, 'data'),
      '-U',
      'owner',
      '-E',
      'UTF8',
      '--no-sync',
      '-A',
      'scram-sha-256',
      '--pwfile',
      secret,
    ];
    const program = join(this.#programs, 'initdb');
    const run = (...more: string[]) => spawnSync(program, [...common, ...more], { encoding: 'utf8', ...this.#as });
    const english = run('--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=en-US');
    if (english.status === 0) return;
    rmSync(join(this.#dir, 'data'), { recursive: true, force: true }); // before version 15, or built without ICU
    const plain = run('--locale=C.UTF-8');
    if (plain.status !== 0) throw new Error(`initdb failed: ${plain.stderr}`);
  }

  async up(): Promise<void> {
    const settings = {
      port: this.port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      fsync: 'off',
      full_page_writes: 'off',
      synchronous_commit: 'off',
      max_connections: 60,
      shared_buffers: '64MB',
      autovacuum_naptime: '10s',
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(join(this.#programs, 'postgres'), ['-D', join(this.#dir, 'data'), ...args], {
      stdio: 'ignore',
      ...this.#as,
    });
    this.#child = child;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`postgres ended with ${child.exitCode}`);
      try {
        await this.query('select 1');
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20)); // not listening yet
      }
    }
  }

  /** Cuts every connection and ends; at once where nobody will ask for what it holds. */
  async down(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }

  url(options: { database?: string; schema?: string; password?: string; user?: string } = {}): string {
    const { database = 'postgres', schema, password = PASSWORD, user = 'owner' } = options;
    const path = schema === undefined ? '' : `?options=${encodeURIComponent(`-c search_path=${schema}`)}`;
    return `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${this.port}/${database}${path}`;
  }

  /** The address of an empty store: a schema of its own. */
  async empty(): Promise<string> {
    const schema = `test_${++this.#schemas}_${process.pid}`;
    await this.query(`create schema ${schema}`);
    return this.url({ schema });
  }

  /** Takes away all that a store holds: cheaper than a new one, and its numbers go on from where they were. */
  async clear(url: string): Promise<void> {
    const tables = `select tablename as name from pg_tables where schemaname = current_schema() and tablename not like 'kysely%'`;
    const names = (await rowsAt(url, tables)).map((row) => `delete from ${row.name}`);
    if (names.length > 0) await rowsAt(url, `set session_replication_role = replica; ${names.join('; ')}`);
  }

  /** Runs statements beside the product. */
  query(text: string, at: string = this.url()): Promise<Record<string, unknown>[]> {
    return rowsAt(at, text);
  }

  async close(): Promise<void> {
    await this.down('SIGQUIT');
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

/** What a statement finds in the database at an address. */
export async function rowsAt(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** Root may not run PostgreSQL: its own user, or nobody. */
function unprivileged(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  if (!user) throw new Error('These tests run PostgreSQL, which refuses to run as root: run them as another user');
  return { uid: Number(user[2]), gid: Number(user[3]) };
}
