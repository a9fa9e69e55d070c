import { z } from 'zod';
import { type Connector, type Cursor, InputError, type Page, type StreamSpec } from '../../src/contract/index.ts';
import type { Fact } from '../../src/core/fact.ts';
import type { Subject } from './checks.ts';

/** The smallest honest connector: rows in memory, a (time, id) cursor, three rows a page. */

const T0 = Date.UTC(2026, 10, 1);
const HOUR = 3_600_000;
export const SECRET = 'memory-Secret-42';

interface Row {
  id: string;
  name: string;
  changedAt: number;
}
/** Rows 4 to 7 share one instant: a bare `time >` would lose some of them. */
export const ROWS: Row[] = Array.from({ length: 11 }, (_, i) => ({
  id: `a${String(i).padStart(2, '0')}`,
  name: i === 5 ? '' : `Account ${i}`,
  changedAt: T0 + HOUR * (i >= 4 && i <= 7 ? 4 : i),
}));

const MemoryCursor = z.strictObject({ at: z.int(), id: z.string() });
type MemoryCursor = z.infer<typeof MemoryCursor>;
const Config = z.strictObject({ label: z.string().default('memory') });
export type MemoryConfig = z.infer<typeof Config>;

const spec: StreamSpec = {
  title: 'Accounts in memory',
  kinds: ['account'],
  cursor: MemoryCursor,
  mode: 'incremental',
  overlapMs: HOUR,
  schedule: '0 2 * * *',
  deletions: 'ids',
};

export const factOf = (row: Row): Fact => ({
  kind: 'account',
  id: row.id,
  account: row.id,
  at: row.changedAt,
  knownAt: row.changedAt,
  data: { name: row.name },
});

export const after = (row: Row, from: MemoryCursor): boolean =>
  row.changedAt > from.at || (row.changedAt === from.at && row.id > from.id);

export function readCursor(from: Cursor | null): MemoryCursor | null {
  if (from === null) return null;
  const result = MemoryCursor.safeParse(from);
  if (!result.success)
    throw new InputError('The cursor of "accounts" cannot be read', { hint: 'Run: pulseback pull --reset accounts' });
  return result.data;
}

export function pageOf(rows: Row[], cursor: Cursor): Page {
  const bad = rows.filter((r) => r.name === '');
  return {
    facts: rows.filter((r) => r.name !== '').map(factOf),
    rejects: bad.map((r) => ({ where: `row ${r.id}`, reason: 'name is empty; expected a text' })),
    cursor,
  };
}

export const memory: Connector<MemoryConfig> = {
  name: 'memory',
  title: 'Memory',
  config: Config,
  secrets: { key: { env: 'MEMORY_KEY', description: 'Unlocks nothing', optional: false } },
  example: '# What it is called\nlabel: memory\n',
  streams: () => ({ accounts: spec }),
  async check() {
    return { items: [{ ok: true, level: 'error', what: 'memory answers' }] };
  },
  async *pull(ctx, _stream, from) {
    const start = readCursor(from);
    const overlap = start && ROWS.filter((r) => !after(r, start) && r.changedAt >= start.at - spec.overlapMs);
    if (start && overlap && overlap.length > 0) yield pageOf(overlap, start);
    const rows = ROWS.filter((r) => !start || after(r, start));
    for (let i = 0; i < rows.length; i += 3) {
      ctx.signal.throwIfAborted();
      const page = rows.slice(i, i + 3);
      const last = page.at(-1);
      if (last) yield pageOf(page, { at: last.changedAt, id: last.id });
    }
  },
  async *ids() {
    yield { kind: 'account', ids: ROWS.map((r) => r.id) };
  },
};

/** A subject on this connector, or on a variant of it. */
export function subjectOf(
  change: Partial<Connector<MemoryConfig>> = {},
  rejectsIn = ['accounts'],
): Subject<MemoryConfig> {
  return {
    name: 'memory',
    connector: { ...memory, ...change },
    rejectsIn,
    makeCtx: async ({ log, signal }) => ({
      ctx: {
        config: { label: 'memory' },
        secrets: { key: SECRET },
        log,
        signal,
        now: () => T0,
        timezone: 'UTC',
        currency: 'GBP',
        fields: [],
        file: (path) => path,
        attempt: (_, fn) => fn(signal),
        state: { get: async () => null, set: async () => true },
        credentials: { get: async () => null, set: async () => true },
      },
    }),
  };
}

/** A variant whose pages are changed on their way out. */
export function changing(change: (page: Page, n: number) => Page | null): Partial<Connector<MemoryConfig>> {
  return {
    async *pull(ctx, stream, from) {
      let n = 0;
      for await (const page of memory.pull(ctx, stream, from)) {
        const changed = change(page, n++);
        if (changed) yield changed;
      }
    },
  };
}

export const streamSpec = (change: Partial<StreamSpec>): Partial<Connector<MemoryConfig>> => ({
  streams: () => ({ accounts: { ...spec, ...change } }),
});
