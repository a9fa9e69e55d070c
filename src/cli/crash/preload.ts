/**
 * Loaded into the process that is to die, before the product, which knows nothing of it: counts the store's moments and kills the
 * process at one of them. `?log=FILE` writes the counts at the end, `?at=MOMENT&nth=K` dies at the K-th of that name.
 */
import { writeFileSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Connection } from '../../store/postgres-connect.ts';
import { Moments, read } from './statements.ts';

const asked = new URL(import.meta.url).searchParams;
const [log, at, nth] = [asked.get('log'), asked.get('at'), Number(asked.get('nth'))];

const seen = new Map<string, number>();
const moments = new Moments();
const pass = (moment: string | null): void => {
  if (moment === null) return;
  const times = (seen.get(moment) ?? 0) + 1;
  seen.set(moment, times);
  if (moment === at && times === nth) process.kill(process.pid, 'SIGKILL');
};

type Call = (...parameters: unknown[]) => unknown;
const { prepare } = DatabaseSync.prototype;
DatabaseSync.prototype.prepare = function (this: DatabaseSync, text: string): StatementSync {
  const statement = prepare.call(this, text);
  const said = read(text);
  for (const name of ['all', 'run', 'get'] as const) {
    const call = statement[name].bind(statement) as Call;
    const watched: Call = (...parameters) => {
      pass(moments.before(said));
      const result = call(...parameters);
      pass(moments.after(said));
      return result;
    };
    Object.defineProperty(statement, name, { value: watched });
  }
  return statement;
};

/** Each connection has transactions of its own. */
const connections = new WeakMap<object, Moments>();
const connection = Connection.prototype as { query: (...args: unknown[]) => unknown };
const { query } = connection;
connection.query = function (this: object, ...args: unknown[]): unknown {
  const [text] = args;
  const result = () => query.apply(this, args);
  if (typeof text !== 'string') return result();
  const own = connections.get(this) ?? new Moments();
  connections.set(this, own);
  const said = read(text);
  pass(own.before(said));
  return Promise.resolve(result()).then((told) => {
    pass(own.after(said));
    return told;
  });
};

if (log !== null) process.on('exit', () => writeFileSync(log, JSON.stringify(Object.fromEntries(seen))));
