import { type Difference, differences, lostOf, moreRecords } from './compare.ts';
import type { Contents } from './contents.ts';
import { type Calls, Life, type Scenario } from './life.ts';
import type { Counts, Point } from './points.ts';
import type { Ended } from './product.ts';

/** Pages that two streams may have had on their way at the moment of death. */
const PAGES_UNDER_WAY = 2;
/** Rows of a page that may each need a call of its own; a CRM's do not. */
const DETAILS = 100;
/** Lists in which a repeated run looks up what the dead one had sent without hearing the answer: accounts, tasks. */
const LOOK_UPS = 2;

/** A day on which nobody pulled the plug. */
export interface Calm {
  contents: Contents;
  counts: Counts;
  calls: Calls;
  /** What a sync costs that finds nothing new: overlaps read again, and what it asks before it reads. */
  again: Calls;
}

export interface Kill extends Point {
  number: number;
  day: number;
}

export interface Verdict {
  kill: Kill;
  lost: number;
  duplicateWrites: number;
  duplicateTasks: number;
  extraReadCalls: number;
  extraWriteCalls: number;
  /** Calls beyond what the kill explains. */
  unexplained: string[];
  differences: Difference[];
}

export async function undisturbed(scenario: Scenario): Promise<Calm[]> {
  const life = await Life.start(scenario);
  try {
    const days: Calm[] = [];
    while (days.length < scenario.days) {
      await life.morning();
      const { ended, calls, counts } = await life.sync();
      mustEnd(ended);
      const contents = await life.contents();
      const again = await life.sync();
      mustEnd(again.ended);
      if (again.calls.write) throw new Error(`a sync with nothing new made ${again.calls.write} write calls`);
      days.push({ contents, counts, calls, again: again.calls });
    }
    return days;
  } finally {
    await life.close();
  }
}

function mustEnd({ code, err }: Ended): void {
  if (code !== 0) throw new Error(`an undisturbed sync ended with ${code}: ${err.slice(-2_000)}`);
}

/** One life with at most one kill a day. `missed`: the run went by without passing the point. */
export async function live(
  scenario: Scenario,
  calm: readonly Calm[],
  kills: readonly Kill[],
): Promise<{ verdicts: Verdict[]; missed: Kill[] }> {
  const life = await Life.start(scenario);
  const [verdicts, missed]: [Verdict[], Kill[]] = [[], []];
  const lastDay = Math.max(...kills.map((k) => k.day));
  try {
    for (const [i, day] of calm.slice(0, lastDay).entries()) {
      await life.morning();
      const kill = kills.find((k) => k.day === i + 1);
      if (!kill) mustEnd((await life.sync()).ended);
      else {
        const verdict = await dieAndGoOn(life, scenario, day, kill);
        if (verdict) verdicts.push(verdict);
        else missed.push(kill);
      }
    }
    return { verdicts, missed };
  } finally {
    await life.close();
  }
}

async function dieAndGoOn(life: Life, scenario: Scenario, calm: Calm, kill: Kill): Promise<Verdict | null> {
  const { last: before } = await life.writes(0);
  const first = await life.die(kill);
  if (!first.ended.killed) {
    mustEnd(first.ended);
    return null;
  }
  const { confirmed, last } = await life.writes(before);
  const second = await life.sync();
  const { sent } = await life.writes(last);

  const found = differences(calm.contents, await life.contents());
  if (second.ended.code !== 0)
    found.unshift({
      section: 'rerun',
      key: `exit code ${second.ended.code}`,
      undisturbed: '0',
      killed: second.ended.err.slice(-1_000),
    });
  const extraReadCalls = first.calls.read + second.calls.read - calm.calls.read;
  const extraWriteCalls = first.calls.write + second.calls.write - calm.calls.write;
  const unexplained: string[] = [];
  const reads = explainedReads(scenario, calm);
  if (extraReadCalls > reads)
    unexplained.push(
      `${extraReadCalls} more read calls (${mostOf(first.calls, second.calls, calm)}); the kill explains ${reads}`,
    );
  if (extraWriteCalls > scenario.inFlight)
    unexplained.push(`${extraWriteCalls} more write calls; ${scenario.inFlight} can have been under way`);
  return {
    kill,
    lost: lostOf(found),
    duplicateWrites: [...sent].filter((account) => confirmed.has(account)).length,
    duplicateTasks: moreRecords(found),
    extraReadCalls,
    extraWriteCalls,
    unexplained,
    differences: found,
  };
}

/** The kinds of call that were made more often than undisturbed, most first. */
function mostOf(first: Calls, second: Calls, calm: Calm): string {
  const more = Object.keys(second.byKind).map((kind): [string, number] => [
    kind,
    (first.byKind[kind] ?? 0) + (second.byKind[kind] ?? 0) - (calm.calls.byKind[kind] ?? 0),
  ]);
  return more
    .filter(([, n]) => n > 0)
    .sort((a, b) => b[1] - a[1])
    .slice(0, 4)
    .map(([kind, n]) => `${n} ${kind}`)
    .join(', ');
}

/** Read calls that one kill may cost: asking anew, the pages that were under way, and reading answers back. */
function explainedReads({ crmOnly, redis, minPages }: Scenario, { calls, counts, again }: Calm): number {
  // What a CRM's page takes: the list itself, and what its rows are associated with.
  const ofCrm = Math.ceil(calls.read / (counts['store page: after commit'] ?? 1));
  const page = crmOnly ? ofCrm : Math.min(DETAILS, Math.max(...Object.values(calls.byKind)));
  // A service may find the dead one's job beside the one that it was asked for: a sync with nothing new.
  const syncs = redis === null ? 1 : 2;
  return syncs * again.read + PAGES_UNDER_WAY * page + LOOK_UPS * minPages;
}
