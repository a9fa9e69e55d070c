import { DatabaseSync } from 'node:sqlite';
import { SCHEDULE_STATE } from '../../jobs/ledger.ts';
import type { RunningSandbox } from '../../sandbox/world.types.ts';

/** What must come out the same whether or not somebody pulled the plug: section → key → content, or how many of a kind. */
export type Contents = Map<string, Map<string, string>>;

/** Instants at which runs began, in order: what a run stamps with its own clock is told by its number. */
type Mornings = readonly number[];
const RUN_MS = 3_600_000;

/**
 * Keys and content of each table by what they mean. Left out: numbers that a store gives out by itself, and when a fact was last
 * seen unchanged, which a page that is read again moves on.
 */
const TABLES: Record<string, string> = {
  facts: `select s.name || ' ' || f.kind || ' ' || r.key || ' ' || f.version as key,
      json_array(a.key, f.at, f.known_at, f.deleted, f.load is null, f.data) as content
    from facts as f join sources as s on s.id = f.source join record_keys as r on r.id = f.record
    left join account_keys as a on a.id = f.account`,
  cursors: `select s.name || '.' || stream as key, json_array(cursor_json, completed_at is not null) as content
    from streams join sources as s on s.id = source`,
  rejects: `select s.name || '.' || stream || ' ' || place as key, json_array(reason, at) as content
    from rejects join sources as s on s.id = source`,
  links: `select s.name || ' ' || source_account as key, json_array(account, reason) as content
    from links join sources as s on s.id = source
    union all select s.name || ' ' || source_account, json_array(reason, suggestions_json)
    from unmatched join sources as s on s.id = source`,
  scores: `select account || ' ' || day || ' ' || model_hash || ' ' || inputs_hash as key, score_json as content from scores`,
  held: `select account as key, json_array(values_json, written_at) as content from held`,
  'known tasks': `select key, account as content from tasks`,
  // Of the schedules only which there are: when they were due is a matter of the machine's clock.
  state: `select s.name || '.' || key as key, iif(s.name = '${SCHEDULE_STATE}', '', value) as content
    from connector_state join sources as s on s.id = source`,
  leases: `select name as key, holder as content from leases`,
  'plan state': `select 'latest plan' as key, status as content from plans where id = (select max(id) from plans)
    union all select 'intents without outcome', count(*) from intents where status in ('planned', 'sent', 'retry')
    union all select 'plans half built', count(*) from plans where number is null
    union all select 'runs that never ended', count(*) from runs where status = 'running'`,
  // Of fields the last value that was confirmed: a plan that was cut off is finished by another one.
  outcomes: `select i.type || ' ' || i.account || ' ' || coalesce(f.key, i.payload_json ->> 'key') as key,
      json_array(case when i.status = 'rejected' then 'rejected' else 'confirmed' end, f.value ->> 'to') as content
    from intents as i left join json_each(i.payload_json, '$.changes') as f on i.type = 'fields'
    where i.status in ('written', 'unchanged', 'rejected') order by i.id`,
};

export function contentsOf(path: string, crm: RunningSandbox, mornings: Mornings): Contents {
  const contents: Contents = new Map();
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    for (const [section, sql] of Object.entries(TABLES)) {
      const rows = db.prepare(sql).all();
      const told = rows.map((r): Told => [timeless(String(r.key), mornings), timeless(String(r.content), mornings)]);
      contents.set(section, section === 'outcomes' ? new Map(told) : numbered(told));
    }
  } finally {
    db.close();
  }
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

/** Accounts whose fields were confirmed, and which were sent, by intents after a given one. */
export function writesAfter(path: string, intent: number): { confirmed: Set<string>; sent: Set<string>; last: number } {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const rows = db
      .prepare(`select id, account, status from intents where type = 'fields' and id > ? order by id`)
      .all(intent);
    const accounts = (statuses: string[]) =>
      new Set(rows.filter((r) => statuses.includes(String(r.status))).map((r) => String(r.account)));
    return {
      confirmed: accounts(['written', 'unchanged']),
      sent: accounts(['sent', 'written', 'unchanged', 'rejected', 'retry']),
      last: Math.max(intent, ...rows.map((r) => Number(r.id))),
    };
  } finally {
    db.close();
  }
}

/**
 * The newest entry of the run log (0 = the workspace is new), and whether a job was begun and never brought to its end: both start a
 * sync by themselves when the service comes back.
 */
export function leftBehind(path: string): { run: number; cutOff: boolean } {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const run = db.prepare('select max(id) as id from runs').get()?.id ?? 0;
    const notes = db
      .prepare('select key, value from connector_state where source in (select id from sources where name = ?)')
      .all(SCHEDULE_STATE);
    const note = (key: string) => notes.find((n) => n.key === key)?.value;
    const open = note('open');
    const due = typeof open === 'string' ? Number(JSON.parse(open).due) : null;
    return { run: Number(run), cutOff: due !== null && !(Date.parse(String(note('done sync'))) >= due) };
  } finally {
    db.close();
  }
}
