import { z } from 'zod';
import type { Convert } from './amount.ts';
import { type AccountScore, judgedScore, type Renewal } from './result.ts';
import type { People } from './roles.ts';
import { finish } from './steps.ts';
import { knownPeriods, taskKey } from './task-key.ts';
import { type TaskText, taskText } from './task-text.ts';

/** A2: a manager task for each account whose score is low while its renewal nears. A condition, not a crossing. */
export const ManagerTaskRules = z.strictObject({
  below: z.number().min(1).max(100).default(70).describe("Score below this, in the model's 0–100."),
  withinDays: z.int().min(1).max(365).default(90).describe('Renewal at most this many days away.'),
  overdueDays: z.int().min(0).max(365).default(30).describe('Renewal at most this many days overdue.'),
  minTermDays: z.int().min(0).default(90).describe('Contracts known to run for less raise no task.'),
  maxPerManager: z.int().min(1).default(10).describe('New tasks per manager and run; the rest is reported.'),
});
export type ManagerTaskRules = z.infer<typeof ManagerTaskRules>;

/** mappings/triggers.yaml */
export const Triggers = z.strictObject({ managerTask: ManagerTaskRules });
export type Triggers = z.infer<typeof Triggers>;

export interface PlannedTask extends TaskText {
  type: 'task';
  key: string;
  ownerId: string;
  why: string;
}
export interface TaskIntent {
  account: string;
  payload: PlannedTask;
}
/** An account that meets the condition but gets no task now, and why. */
export interface TaskLeft {
  account: string;
  name: string;
  why: string;
}

export interface TaskDecision {
  /** Tasks to create, largest renewing ARR first within each manager. */
  intents: TaskIntent[];
  /** Accounts that already have their task for this renewal. */
  raised: number;
  /** Beyond a manager's cap, for one digest. */
  overCap: (TaskLeft & { managerId: string; subject: string })[];
  /** Nobody active could be found to receive the task. */
  unresolved: TaskLeft[];
  /** Not scored, though the renewal is near: for the digest too. */
  unscored: TaskLeft[];
  /** Tasks that wait until tasks are started (A6). */
  heldBack: number;
}

export interface TaskOptions {
  rules: ManagerTaskRules;
  /** Org or portal id: part of each task's identity. */
  org: string;
  /** Company-zone date, `YYYY-MM-DD`. */
  today: string;
  /** Epoch ms. */
  now: number;
  /** Receives tasks of accounts without an active manager; null = none is configured. */
  fallbackOwner: string | null;
  people: People;
  /** Reporting currency, for the ranking. */
  toReporting: Convert;
  /** false = first run, or tasks were not started: nothing is created (A6). */
  started: boolean;
}

/** Nightly runs are a day apart; a run again on the same day must not hand out a second ration. */
const SAME_RUN_MS = 20 * 3_600_000;

type NearRenewal = AccountScore & { renewal: Renewal };

/** Whether an account concerns managers: renewal near, term not short, score low or unknown. Lets a caller keep only these. */
export function isTaskCandidate(score: AccountScore, rules: ManagerTaskRules): score is NearRenewal {
  const { renewal } = score;
  if (!renewal || renewal.daysAway > rules.withinDays || renewal.daysAway < -rules.overdueDays) return false;
  if (renewal.termDays !== undefined && renewal.termDays < rules.minTermDays) return false;
  const judged = judgedScore(score);
  return judged === null || judged < rules.below;
}

/**
 * A2, A3, A6: which manager tasks to create. The same scores and known tasks give the same answer; known tasks are never created
 * again, open or closed.
 *
 * @param known tasks that exist or existed (the store's knownTasks), from any run
 */
export const decideTasks = (...input: Parameters<typeof taskSteps>): TaskDecision => finish(taskSteps(...input));

/** Accounts decided without a break: some milliseconds. */
const PART = 500;

/** The same in steps, for books with thousands of renewals ahead. */
export function* taskSteps(
  accounts: Iterable<{ score: AccountScore }>,
  known: Iterable<{ key: string; createdAt: number }>,
  options: TaskOptions,
): Generator<void, TaskDecision> {
  const { rules, people, today } = options;
  const createdAt = new Map([...known].map((k) => [k.key, k.createdAt]));
  const periods = knownPeriods(createdAt.keys());
  const given = new Map<string, number>();
  const decision: TaskDecision = { intents: [], raised: 0, overCap: [], unresolved: [], unscored: [], heldBack: 0 };
  const wanted: { score: NearRenewal; key: string; recipient: string; rank: number | null }[] = [];

  let at = 0;
  for (const { score } of accounts) {
    if (++at % PART === 0) yield;
    if (!isTaskCandidate(score, rules)) continue;
    const { account, name, renewal } = score;
    if (judgedScore(score) === null) {
      decision.unscored.push({ account, name, why: `not scored, renewal ${renewal.on}` });
      continue;
    }
    const recipient = recipientOf(score, options);
    const parts = { org: options.org, account, cause: 'risk', renewalOn: renewal.on, termDays: renewal.termDays };
    const key = taskKey(parts, periods);
    const raisedAt = createdAt.get(key);
    if (raisedAt !== undefined) {
      decision.raised++;
      if (recipient.id !== null && options.now - raisedAt < SAME_RUN_MS)
        given.set(recipient.id, (given.get(recipient.id) ?? 0) + 1);
    } else if (recipient.id === null) decision.unresolved.push({ account, name, why: recipient.why });
    else wanted.push({ score, key, recipient: recipient.id, rank: rankOf(renewal, options.toReporting) });
  }

  if (!options.started) return { ...decision, heldBack: wanted.length };
  wanted.sort((a, b) => (b.rank ?? -1) - (a.rank ?? -1) || (a.score.account < b.score.account ? -1 : 1));
  for (const { score, key, recipient } of wanted) {
    if (++at % PART === 0) yield;
    const text = taskText(score, {
      today,
      csm: people.get(score.csmId ?? '')?.name ?? null,
    });
    const count = given.get(recipient) ?? 0;
    given.set(recipient, count + 1);
    const { account, name } = score;
    if (count >= rules.maxPerManager) {
      const why = `beyond ${rules.maxPerManager} new tasks for one manager`;
      decision.overCap.push({ account, name, why, managerId: recipient, subject: text.subject });
    } else
      decision.intents.push({
        account,
        payload: { type: 'task', key, ownerId: recipient, ...text, why: whyOf(score, rules) },
      });
  }
  return decision;
}

function whyOf({ score, band, override, renewal }: NearRenewal, rules: ManagerTaskRules): string {
  const low =
    override?.standsFor === undefined ? `score ${score} is below ${rules.below}` : `band ${band} was set by a person`;
  return `${low} and the renewal is on ${renewal.on}`;
}

function recipientOf(score: AccountScore, { people, fallbackOwner }: TaskOptions): { id: string | null; why: string } {
  for (const id of [score.managerId, fallbackOwner]) if (id !== null && people.get(id)?.active) return { id, why: '' };
  const manager = score.managerId === null ? 'no manager was found' : 'the manager is not an active user';
  const fallback = fallbackOwner === null ? 'no fallback owner is set' : 'the fallback owner is not an active user';
  return { id: null, why: `${manager}, and ${fallback}` };
}

/** Renewing ARR in the reporting currency; null = unknown, ranked last. */
const rankOf = ({ arr }: Renewal, toReporting: Convert): number | null =>
  arr === null ? null : (toReporting(arr)?.minor ?? null);
