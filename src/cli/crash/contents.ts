import { SCHEDULE_STATE } from '../../jobs/ledger.ts';
import type { RunningSandbox } from '../../sandbox/world.types.ts';
import type { StorePlace } from '../../store/open.ts';
import { type Look, lookInto } from '../../store/practice.ts';
import type { IntentPayload } from '../../store/types.ts';

/** What must come out the same whether or not somebody pulled the plug: section → key → content, or how many of a kind. */
export type Contents = Map<string, Map<string, string>>;

/** Instants at which runs began, in order: what a run stamps with its own clock is told by its number. */
type Mornings = readonly number[];
const RUN_MS = 3_600_000;

interface Section {
  sql: string;
  /** Columns that tell a row apart; the others are what it says. */
  key: string[];
}

/**
 * Keys and content of each table by what they mean. Left out: numbers that a store gives out by itself, and when a fact was last
 * seen unchanged, which a page that is read again moves on.
 */
const SECTIONS: Record<string, Section> = {
  facts: {
    key: ['source', 'kind', 'record', 'version'],
    sql: `select s.name as source, f.kind, r.key as record, f.version, a.key as account, f.at, f.known_at, f.deleted,
        case when f.load is null then 1 else 0 end as loose, f.data
      from facts as f join sources as s on s.id = f.source join record_keys as r on r.id = f.record
      left join account_keys as a on a.id = f.account`,
  },
  cursors: {
    key: ['stream'],
    sql: `select s.name || '.' || stream as stream, cursor_json, case when completed_at is null then 0 else 1 end as complete
      from streams join sources as s on s.id = source`,
  },
  rejects: {
    key: ['source', 'stream', 'place'],
    sql: `select s.name as source, stream, place, reason, at from rejects join sources as s on s.id = source`,
  },
  links: {
    key: ['source', 'source_account'],
    sql: `select s.name as source, source_account, account, reason from links join sources as s on s.id = source
      union all select s.name, source_account, reason, suggestions_json from unmatched join sources as s on s.id = source`,
  },
  scores: {
    key: ['account', 'day', 'model_hash', 'inputs_hash'],
    sql: 'select account, day, model_hash, inputs_hash, score_json from scores',
  },
  held: { key: ['account'], sql: 'select account, values_json, written_at from held' },
  'known tasks': { key: ['key'], sql: 'select key, account from tasks' },
  // Of the schedules only which there are: when they were due is a matter of the machine's clock.
  state: {
    key: ['source', 'key'],
    sql: `select s.name as source, key, case when s.name = '${SCHEDULE_STATE}' then '' else value end as value
      from connector_state join sources as s on s.id = source`,
  },
  leases: { key: ['name'], sql: 'select name, holder from leases' },
  'plan state': {
    key: ['what'],
    sql: `select 'latest plan' as what, status as told from plans where id = (select max(id) from plans)
      union all select 'intents without outcome', cast(count(*) as text) from intents where status in ('planned', 'sent', 'retry')
      union all select 'plans half built', cast(count(*) as text) from plans where number is null
      union all select 'runs that never ended', cast(count(*) as text) from runs where status = 'running'`,
  },
};
const OUTCOMES = `select type, account, payload_json, status from intents
  where status in ('written', 'unchanged', 'rejected') order by id`;

export async function contentsOf(place: StorePlace, crm: RunningSandbox, mornings: Mornings): Promise<Contents> {
  const contents: Contents = new Map();
  const plain = (text: string): string => timeless(text, mornings);
  await looking(place, async (look) => {
    for (const [section, { key, sql }] of Object.entries(SECTIONS)) {
      const told = (await look.rows(sql)).map((row): Told => {
        const said = Object.keys(row).filter((column) => !key.includes(column));
        return [plain(key.map((column) => row[column]).join(' ')), plain(JSON.stringify(said.map((c) => row[c])))];
      });
      contents.set(section, numbered(told));
    }
    const decided = (await look.rows(OUTCOMES)).flatMap(outcomes);
    contents.set('outcomes', new Map(decided.map(([key, content]) => [plain(key), plain(content)])));
  });
  // Ids are given in order of creation, which a crash may change: a record is what it says.
  for (const { object, ids } of crm.written ?? []) {
    const records = new Map<string, number>();
    for (const row of crm.rows(object)) {
      const said = Object.entries(row).filter(([field]) => !ids.includes(field));
      const record = timeless(JSON.stringify(Object.fromEntries(said)), mornings);
      records.set(record, (records.get(record) ?? 0) + 1);
    }
    contents.set(`CRM ${object}`, new Map([...records].map(([record, n]) => [record, `${n}`])));
  }
  return contents;
}

type Told = [key: string, content: string];

/** Keys that are the same once times are left out are told apart by number. */
function numbered(told: Told[]): Map<string, string> {
  const rows = new Map<string, string>();
  for (const [key, content] of told.sort(([, a], [, b]) => (a < b ? -1 : 1))) {
    let name = key;
    for (let n = 2; rows.has(name); n++) name = `${key} #${n}`;
    rows.set(name, content);
  }
  return rows;
}

const INSTANT = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)|\b1\d{12}\b/g;

/** Two runs of the same morning do not happen in the same second. */
function timeless(text: string, mornings: Mornings): string {
  return text.replace(INSTANT, (said) => {
    const at = said.includes('T') ? Date.parse(said) : Number(said);
    const run = mornings.findIndex((morning) => at >= morning && at < morning + RUN_MS);
    return run < 0 ? said : `<run ${run + 1}>`;
  });
}

/** Of fields the last value that was confirmed: a plan that was cut off is finished by another one. */
function outcomes(row: Record<string, unknown>): Told[] {
  const payload = JSON.parse(String(row.payload_json)) as IntentPayload;
  const how = row.status === 'rejected' ? 'rejected' : 'confirmed';
  const of = (what: string, to: unknown): Told => [`${row.type} ${row.account} ${what}`, JSON.stringify([how, to])];
  if (payload.type === 'task') return [of(payload.key, null)];
  return Object.entries(payload.changes).map(([field, { to }]) => of(field, to));
}

async function looking<T>(place: StorePlace, work: (look: Look) => Promise<T>): Promise<T> {
  const look = lookInto(place);
  try {
    return await work(look);
  } finally {
    await look.close();
  }
}

/** Accounts whose fields were confirmed, and which were sent, by intents after a given one. */
export function writesAfter(
  place: StorePlace,
  intent: number,
): Promise<{ confirmed: Set<string>; sent: Set<string>; last: number }> {
  return looking(place, async (look) => {
    const rows = await look.rows(
      `select id, account, status from intents where type = 'fields' and id > ${intent} order by id`,
    );
    const accounts = (statuses: string[]) =>
      new Set(rows.filter((r) => statuses.includes(String(r.status))).map((r) => String(r.account)));
    return {
      confirmed: accounts(['written', 'unchanged']),
      sent: accounts(['sent', 'written', 'unchanged', 'rejected', 'retry']),
      last: Math.max(intent, ...rows.map((r) => Number(r.id))),
    };
  });
}

/**
 * The newest entry of the run log (0 = the workspace is new), and whether a job was begun and never brought to its end: both start a
 * sync by themselves when the service comes back.
 */
export function leftBehind(place: StorePlace): Promise<{ run: number; cutOff: boolean }> {
  return looking(place, async (look) => {
    const [newest] = await look.rows('select max(id) as id from runs');
    const notes = await look.rows(
      `select key, value from connector_state where source in (select id from sources where name = '${SCHEDULE_STATE}')`,
    );
    const note = (key: string) => notes.find((n) => n.key === key)?.value;
    const open = note('open');
    const due = typeof open === 'string' ? Number(JSON.parse(open).due) : null;
    return { run: Number(newest?.id ?? 0), cutOff: due !== null && !(Date.parse(String(note('done sync'))) >= due) };
  });
}
