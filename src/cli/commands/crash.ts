import { environment } from '../../config.ts';
import { InputError } from '../../contract/index.ts';
import { inLanes } from '../../pipeline/lanes.ts';
import { wholeNumber } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import type { Difference } from '../crash/compare.ts';
import type { Scenario } from '../crash/life.ts';
import { choose, stepOf } from '../crash/points.ts';
import { startRedis } from '../crash/redis.ts';
import { type Calm, type Kill, live, undisturbed, type Verdict } from '../crash/trial.ts';
import { crmNamed } from '../crm.ts';
import { cut } from '../format.ts';
import { EXIT, type Io } from '../io.ts';

interface CrashArguments {
  crm?: string;
  kills: string;
  seed: string;
  accounts: string;
  only?: string;
  crmOnly?: boolean;
  redis?: boolean;
  postgres?: boolean;
}

/** Lives at once: one for each core of a small machine. */
const LANES = 2;
const SHOWN = 8;
const SHOWN_TEXT = 300;

/** `crash`: kills a sync at seeded points of every step, runs it again, and compares with a world in which nobody pulled the plug. */
export async function crash({ io, signal }: CommandContext, options: CrashArguments): Promise<number> {
  const began = performance.now();
  const count = wholeNumber('--kills', options.kills, 1);
  const run: Run = {
    crm: crmNamed(options.crm),
    count,
    seed: wholeNumber('--seed', options.seed),
    accounts: wholeNumber('--accounts', options.accounts, 1),
    only: options.only === undefined ? null : wholeNumber('--only', options.only, 1, count),
    crmOnly: options.crmOnly === true,
    redis: options.redis === true,
    postgres: options.postgres === true,
  };
  const redis = run.redis ? await startRedis() : null;
  try {
    const verdicts = await measure(io, run, scenarioOf(run, redis?.url ?? null, signal));
    const bad = verdicts.filter(isBad);
    for (const verdict of bad) sayBad(io, verdict, run);
    const result = resultOf(verdicts, run);
    io.say(
      `${result.kills} kills: ${result.lost} lost, ${result.duplicateWrites} written twice, ${result.duplicateTasks} tasks twice.`,
    );
    io.result({ ok: bad.length === 0, ...result, seconds: Math.round((performance.now() - began) / 100) / 10 });
    return bad.length === 0 ? EXIT.done : EXIT.failed;
  } finally {
    await redis?.stop();
  }
}

interface Run {
  crm: string;
  count: number;
  seed: number;
  accounts: number;
  only: number | null;
  crmOnly: boolean;
  redis: boolean;
  postgres: boolean;
}

/** Each life makes a schema there and drops it again; nothing else of the database is touched. */
function databaseUrl(): string {
  const url = environment().DATABASE_URL;
  if (!url)
    throw new InputError('--postgres needs the address of a PostgreSQL, and DATABASE_URL is not set', {
      hint: 'Set it to a database in which this user may create schemas, or leave --postgres out.',
    });
  return url;
}

const scenarioOf = (
  { crm, accounts, seed, crmOnly, postgres }: Run,
  redis: string | null,
  signal: AbortSignal,
): Scenario => ({
  crm,
  accounts,
  seed,
  crmOnly,
  days: 2,
  inFlight: 2,
  writeBatch: 5,
  minPages: 3,
  redis,
  postgres: postgres ? databaseUrl() : null,
  signal,
});

async function measure(io: Io, run: Run, scenario: Scenario): Promise<Verdict[]> {
  io.note(`an undisturbed run of ${run.accounts} accounts …`);
  const calm = await undisturbed(scenario);
  const verdicts: Verdict[] = [];
  for (let left = livesOf(killsOf(calm, run), run.only); left.length > 0; ) {
    const ends = await inLanes(left, LANES, async (life) => {
      scenario.signal.throwIfAborted();
      const end = await live(scenario, calm, life);
      for (const verdict of end.verdicts) say(io, verdict, run.count);
      return end;
    });
    verdicts.push(...ends.flatMap((end) => end.verdicts));
    // Two streams are read at once, so a run may pass a moment once less than another: an earlier one will do.
    left = ends.flatMap((end) => end.missed.map((kill) => [{ ...kill, nth: earlier(kill) }]));
  }
  return verdicts;
}

/** Kill 1 on the first day, kill 2 on the second, and so on: each life dies once a day. */
function killsOf(calm: readonly Calm[], { count, seed }: Run): Kill[] {
  const days = calm.map((day, i) => choose(day.counts, Math.ceil(count / calm.length), seed, i + 1));
  return Array.from({ length: count }, (_, i): Kill => {
    const day = i % calm.length;
    const point = days[day]?.[Math.floor(i / calm.length)];
    if (!point) throw new Error('the undisturbed run passed no moment to die at');
    return { number: i + 1, day: day + 1, ...point };
  });
}

/** Kills by life. `only`: the life of that kill up to it, so that it happens just as it did among the others. */
function livesOf(kills: readonly Kill[], only: number | null): Kill[][] {
  const lives: Kill[][] = [];
  for (const kill of kills)
    if (kill.day === 1) lives.push([kill]);
    else lives.at(-1)?.push(kill);
  if (only === null) return lives;
  return lives
    .filter((life) => life.some((kill) => kill.number === only))
    .map((life) => life.filter((kill) => kill.number <= only));
}

function earlier({ number, moment, nth }: Kill): number {
  if (nth > 1) return Math.floor(nth / 2);
  throw new Error(`kill ${number}: no run passed "${moment}", although the undisturbed one did`);
}

const isBad = (v: Verdict): boolean => v.lost + v.duplicateWrites + v.duplicateTasks > 0 || v.unexplained.length > 0;

function resultOf(verdicts: readonly Verdict[], { crm, seed, redis, postgres }: Run) {
  const sum = (of: (v: Verdict) => number) => verdicts.reduce((total, v) => total + of(v), 0);
  const byStep: Record<string, number> = {};
  for (const { kill } of [...verdicts].sort((a, b) => (stepOf(a.kill.moment) < stepOf(b.kill.moment) ? -1 : 1)))
    byStep[stepOf(kill.moment)] = (byStep[stepOf(kill.moment)] ?? 0) + 1;
  return {
    crm,
    kills: verdicts.length,
    byStep,
    lost: sum((v) => v.lost),
    duplicateWrites: sum((v) => v.duplicateWrites),
    duplicateTasks: sum((v) => v.duplicateTasks),
    extraReadCalls: sum((v) => v.extraReadCalls),
    extraWriteCalls: sum((v) => v.extraWriteCalls),
    unexplainedCalls: sum((v) => v.unexplained.length),
    seed,
    redis,
    postgres,
  };
}

const where = ({ number, day, moment, nth }: Kill): string => `kill ${number}: day ${day}, ${moment}, time ${nth}`;

function say(io: Io, verdict: Verdict, count: number): void {
  io.note(`  ${isBad(verdict) ? 'BAD' : 'ok '} ${where(verdict.kill)} (of ${count})`);
}

function sayBad(io: Io, verdict: Verdict, { crm, count, seed, accounts, crmOnly, redis, postgres }: Run): void {
  const { kill, lost, duplicateWrites, duplicateTasks, unexplained, differences } = verdict;
  io.note(`\n${where(kill)}: ${lost} lost, ${duplicateWrites} written twice, ${duplicateTasks} tasks twice`);
  for (const line of unexplained) io.note(`  ${line}`);
  for (const difference of differences.slice(0, SHOWN)) {
    const [expected, got] = apart(difference);
    io.note(
      `  ${difference.section}: ${cut(difference.key, 160)}\n    undisturbed: ${expected}\n    killed:      ${got}`,
    );
  }
  if (differences.length > SHOWN) io.note(`  … and ${differences.length - SHOWN} more differences`);
  io.note(
    `  Again: npm run crash -- --crm ${crm} --kills ${count} --seed ${seed} --accounts ${accounts}${crmOnly ? ' --crm-only' : ''}${redis ? ' --redis' : ''}${postgres ? ' --postgres' : ''} --only ${kill.number}`,
  );
}

const BEFORE = 60;

/** The two contents from shortly before the place where they part. */
function apart({ undisturbed: expected, killed }: Difference): [string, string] {
  if (expected === null || killed === null)
    return [cut(expected ?? 'not there', SHOWN_TEXT), cut(killed ?? 'not there', SHOWN_TEXT)];
  let at = 0;
  while (at < expected.length && expected[at] === killed[at]) at += 1;
  const from = Math.max(0, at - BEFORE);
  const part = (text: string) => `${from ? '…' : ''}${cut(text.slice(from), SHOWN_TEXT)}`;
  return [part(expected), part(killed)];
}
