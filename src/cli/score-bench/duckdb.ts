import { join } from 'node:path';
import { TABLES } from './tables.ts';

/**
 * What scoring by `weighted-formula` needs, aggregated by DuckDB from a file, on two threads, for today and for thirty days
 * before. Run in a process of its own, so that memory is told apart: `node duckdb.ts DIR TODAY`. Prints one line of JSON.
 */
const [, , dir = '.', day = '0'] = process.argv;
const today = Number(day);
const DAYS = [today, today - 30];

/** Days in [t − from, t − to). */
const within = (column: string, t: number, from: number, to = 0): string =>
  `${column} >= ${t - from} and ${column} < ${t - to}`;
const workday = '(day + 3) % 7 < 5';
const each = (columns: (t: number) => string[]): string => DAYS.flatMap((t) => columns(t)).join(', ');
/** The version of each record that held at the end of a day. */
const held = (table: string, columns: string[], t: number): string =>
  `(select a, id, ${columns.map((c) => `arg_max(${c}, since) as ${c}`).join()} from ${table} where since <= ${t} group by a, id)`;

const TICKET_FLAGS = [
  `count(*) filter (${within('openedOn', today, 7)})`,
  `count(*) filter (severe and openedOn <= ${today - 15} and (solvedOn is null or solvedOn >= ${today}))`,
  ...['openedOn', 'solvedOn'].flatMap((date) =>
    ['>= 50', '< 50'].map((rated) => `max(${date}) filter (satisfaction ${rated} and ${within(date, today, 90)})`),
  ),
].join();
const WEEKS = [14, 21, 28, 35, 42, 49, 56, 63, 70, 77, 84, 91];
const LAST_DAYS = Array.from({ length: 14 }, (_, i) => i + 1);
const TOUCH = `type in ('call', 'email', 'meeting') and not cancelled`;

/** Everything that scoring by `weighted-formula` asks of the same facts: its signals on both days, flags and coverage on today's. */
const QUERIES: Record<string, string> = {
  usage: `select a, min(day), ${each((t) => [
    `sum(activeUsers) filter (${within('day', t, 28)} and ${workday})`,
    `sum(featuresUsed) filter (${within('day', t, 28)} and ${workday})`,
    `arg_max(featuresAvailable, day) filter (${within('day', t, 28)})`,
    `sum(logins) filter (${within('day', t, 28)})`,
    `sum(advancedUses) filter (${within('day', t, 28)})`,
    `sum(uses - advancedUses) filter (${within('day', t, 28)})`,
    `sum(activeUsers) filter (${within('day', t, 90)} and ${workday})`,
  ])}, ${[
    ...['activeUsers', 'advancedUses', 'featuresUsed', '*'].map(
      (told) => `count(${told}) filter (${within('day', today, 28)})`,
    ),
    ...['advancedUses', 'featuresUsed'].flatMap((use) =>
      [0, 28].map((to) => `sum(${use}) filter (${within('day', today, to + 28, to)} and ${workday})`),
    ),
    ...[
      [14, 0],
      [56, 28],
      [98, 14],
      ...WEEKS.map((to) => [to + 7, to]),
      ...LAST_DAYS.map((from) => [from, from - 1]),
    ].map(([from = 0, to]) => `sum(activeUsers) filter (${within('day', today, from, to)} and ${workday})`),
  ].join()} from usage group by a`,
  activity: `select a, ${each((t) => [
    `count(*) filter (${within('day', t, 120)} and ${TOUCH})`,
    `max(day) filter (${within('day', t, 270)} and executive)`,
    `count(*) filter (${within('day', t, 365)})`,
    `count(*) filter (${within('day', t, 365)} and type = 'email')`,
  ])}, count(*) filter (${within('day', today, 180)} and ${TOUCH}),
    count(contact) filter (${within('day', today, 180)} and ${TOUCH}),
    count(*) filter (${within('day', today, 180)} and ${TOUCH} and executive),
    count(distinct contact) filter (${within('day', today, 180)} and ${TOUCH}),
    count(*) filter (${within('day', today, 30)} and type in ('call', 'meeting') and not cancelled)
    from (select x.*, c.executive from activity x left join contact c using (a, contact)) group by a`,
  contact: `select a, count(*), count(*) filter (executive) from contact where since <= ${today} group by a`,
  survey: `select a, ${each((t) => [
    `avg(case when score >= 9 then 100 when score <= 6 then -100 else 0 end) filter (${within('day', t, 365)} and type = 'nps')`,
    `avg((score - 1) * 25) filter (${within('day', t, 180)} and type = 'csat')`,
  ])} from survey group by a`,
  ...Object.fromEntries(
    DAYS.flatMap((t) => [
      [
        `ticket ${t}`,
        `select a, count(*), count(*) filter (${within('openedOn', t, 120)} and severe),
          avg(satisfaction) filter (${within('openedOn', t, 180)}),
          count(distinct (${t} - 1 - openedOn) // 7) filter (${within('openedOn', t, 21)} and escalated)
          ${t === today ? `, ${TICKET_FLAGS}` : ''}
          from ${held('ticket', ['openedOn', 'solvedOn', 'severe', 'escalated', 'satisfaction'], t)} group by a`,
      ],
      [
        `invoice ${t}`,
        `select a, count(*), count(*) filter (${within('dueOn', t, 365)} and (paidOn <= ${t} or dueOn < ${t})),
          count(*) filter (${within('dueOn', t, 365)} and paidOn <= least(dueOn, ${t})),
          ${(t === today ? [30, 60] : [60]).map((late) => `count(*) filter (${t} - dueOn >= ${late} and (paidOn is null or paidOn > ${t}))`).join()}
          from ${held('invoice', ['dueOn', 'paidOn'], t)} group by a`,
      ],
      [
        `subscription ${t}`,
        `select a, sum(arr) filter (startOn <= ${t}), sum(arr) filter (startOn <= ${t - 365}), sum(seats) filter (startOn <= ${t})
          from ${held('subscription', ['arr', 'seats', 'startOn'], t)} group by a`,
      ],
      [
        `opportunity ${t}`,
        `select a, count(*) filter (won and expansion and ${within('closeOn', t, 365)}) from ${held('opportunity', ['closeOn', 'won', 'expansion'], t)} group by a`,
      ],
      [
        `account ${t}`,
        `select a, ${['seats', 'training', 'community', 'advocacy'].map((c) => `arg_max(${c}, since)`).join()} from account where since <= ${t} group by a`,
      ],
    ]),
  ),
};

const { DuckDBInstance } = await import('@duckdb/node-api');
const instance = await DuckDBInstance.create(join(dir, 'bench.duckdb'), { threads: '2' });
const connection = await instance.connect();
for (const [table, columns] of Object.entries(TABLES)) {
  const names = columns.split(', ').map((column) => column.split(' '));
  const types = names.map(([name, type]) => `'${name}': '${type}'`).join();
  await connection.run(
    `create table ${table} as select * from read_csv('${join(dir, `${table}.csv`)}', header = false, columns = {${types}})`,
  );
}
await connection.run('checkpoint');

/** Until every value has arrived: what a program that goes on with them waits for. */
async function seconds(query: string): Promise<{ seconds: number; sums: number[] }> {
  const began = performance.now();
  const result = await connection.stream(query);
  const sums: number[] = [];
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    for (const [i, column] of chunk.getColumns().entries())
      for (const value of column) sums[i] = (sums[i] ?? 0) + Number(value ?? 0);
  }
  return { seconds: (performance.now() - began) / 1000, sums };
}

const told: Record<string, { seconds: number; sums: number[] }> = {};
for (const round of ['cold', 'warm'])
  for (const [name, query] of Object.entries(QUERIES)) {
    const one = await seconds(query);
    // Of two rounds the quicker one: DuckDB at its best.
    const before = round === 'cold' ? null : told[name];
    told[name] = before && before.seconds < one.seconds ? before : one;
  }
const total = Object.values(told).reduce((sum, { seconds }) => sum + seconds, 0);
process.stdout.write(`${JSON.stringify({ seconds: total, queries: told })}\n`);
