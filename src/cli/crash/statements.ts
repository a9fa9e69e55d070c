/** What one SQL statement does, as far as a place to die is concerned. */
export interface Statement {
  does: 'begin' | 'commit' | 'rollback' | 'read' | 'write' | 'other';
  table: string;
  text: string;
}

/** Rows that a connection keeps for itself are no part of the store. */
const OWN = /^(?:pg_)?temp$/;
const WRITES = /^\s*(?:insert\s+into|update|delete\s+from)\s+"?(\w+)/i;
/** The table that rows come from; look-ups by a list of values name none before it. */
const READS = /\bfrom\s+"?(facts|scores|held|intents|plans|tasks|streams|links|runs|leases|account_keys)\b/i;

export function read(text: string): Statement {
  const of = (does: Statement['does'], table = ''): Statement => ({ does, table, text });
  const written = (table: string): Statement => (OWN.test(table) ? of('other') : of('write', table));
  const [word = ''] = /\w+/.exec(text) ?? [];
  switch (word.toLowerCase()) {
    case 'begin':
    case 'start':
      return of('begin');
    case 'commit':
      return of('commit');
    case 'rollback':
      return of('rollback');
    case 'insert':
    case 'update':
    case 'delete':
      return written(WRITES.exec(text)?.[1] ?? 'unknown');
    case 'select':
    case 'with':
      return of('read', READS.exec(text)?.[1] ?? '');
    default:
      return of('other');
  }
}

/** Tables that tell by themselves which step writes them, most telling first. */
const TELLING: [table: string, step: string][] = [
  ['tasks', 'record task'],
  ['intents', 'plan'],
  ['plans', 'plan'],
  ['scores', 'score'],
  ['models', 'score'],
  ['scorings', 'score'],
  ['links', 'match'],
  ['unmatched', 'match'],
  ['leases', 'lease'],
  ['runs', 'run log'],
  ['connector_state', 'state'],
];
/** The outbox is written by three steps: only the statement tells which. */
const DECIDED = /on conflict \(id\)/i;
const SENT = /status = 'sent'/i;

/** Which step of a sync a transaction belongs to, by what it has written so far. */
export function stepOf(writes: readonly Statement[]): string {
  const tables = new Set(writes.map((w) => w.table));
  if (tables.has('tasks')) return 'record task';
  for (const { table, text } of writes)
    if (table === 'intents') {
      if (DECIDED.test(text)) return 'record outcomes';
      if (SENT.test(text)) return 'mark sent';
    }
  const telling = TELLING.find(([table]) => tables.has(table));
  if (telling) return telling[1];
  return tables.size === 1 && tables.has('streams') ? 'end of stream' : 'page';
}

/**
 * Names every moment of the store's work, statement by statement: "store page: before commit". Told of each statement before and
 * after it has run.
 */
export class Moments {
  #open: Statement[] | null = null;

  before({ does }: Statement): string | null {
    return does === 'commit' && this.#open?.length ? `store ${stepOf(this.#open)}: before commit` : null;
  }

  after(statement: Statement): string | null {
    const open = this.#open;
    switch (statement.does) {
      case 'begin':
        this.#open = [];
        return null;
      case 'rollback':
        this.#open = null;
        return null;
      case 'commit':
        this.#open = null;
        return open?.length ? `store ${stepOf(open)}: after commit` : null;
      case 'write':
        if (!open) return `store ${stepOf([statement])}: after commit`;
        open.push(statement);
        return `store ${stepOf(open)}: in transaction`;
      case 'read':
        return open || statement.table === '' ? null : `store reads ${statement.table}: after`;
      default:
        return null;
    }
  }
}
