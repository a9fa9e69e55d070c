import { ConnectorError, type Crm, HeldError, InputError, type Log } from '../contract/index.ts';
import type { Rates } from '../core/currency.ts';
import type { MatchRules } from '../core/match.ts';
import type { Model } from '../core/model.ts';
import type { Playbook } from '../core/playbook.ts';
import type { Standing } from '../core/publish/standing.ts';
import type { AccountRules } from '../core/rules.ts';
import type { Triggers } from '../core/tasks.ts';
import type { PlanHead, WorkspaceStore } from '../store/types.ts';
import type { CallCounter } from './calls.ts';
import { CRM_STATE, type DecideSummary, decide } from './decide.ts';
import { guard } from './guard.ts';
import type { TextJudge } from './judge-texts.ts';
import { matchSources } from './match.ts';
import { bindOrg } from './org.ts';
import type { Progress } from './progress.ts';
import { type PullSummary, pullSource, type Source } from './pull.ts';
import { type ScoreSummary, scoreAll } from './score.ts';
import { settle } from './settle.ts';
import { type ShadowSummary, scoreShadow } from './shadow.ts';
import { type WriteBackSummary, writeBack } from './write-back.ts';

/** What the five steps share; built by the composition root. */
export interface SyncDeps {
  store: WorkspaceStore;
  log: Log;
  textJudge: TextJudge;
  progress: Progress;
  signal: AbortSignal;
  now: () => number;
  calls: CallCounter;
  sources: Source[];
  primary: Source;
  rules: AccountRules;
  model: Model;
  playbook: Playbook;
  triggers: Triggers;
  matchRules: MatchRules;
  config: {
    timezone: string;
    currency: string;
    rates: Rates;
    crm?: { org?: string | undefined; kind?: 'production' | 'sandbox' | undefined } | undefined;
    tasks: { start: string; fallbackOwner?: string | undefined };
    breaker: { bandChangeShare: number; atLeast: number };
    quota: { orgShare: number; ownShare: number };
  };
  crm(): Crm;
  /** How well the live model is proven. Absent = nobody knows. */
  standing?: () => Promise<Standing | null>;
}

export interface SyncSummary {
  pulled: PullSummary[];
  score: ScoreSummary;
  decided: DecideSummary;
  plan: PlanHead;
  /** null = writing is off: the plan waits. */
  write: WriteBackSummary | null;
  /** What a model on trial makes of the same book; null = there is none. */
  shadow: ShadowSummary | null;
  /** How well the live model is proven; null = nobody knows. */
  standing: Standing | null;
  seconds: { pull: number; score: number; write: number };
}

/** Pull, match, score, decide and, where `apply` says so and the plan is not held, write back. Each step can be repeated safely after a crash. */
export async function sync(deps: SyncDeps, apply: boolean): Promise<SyncSummary> {
  const clock = stopwatch();
  const pulled = await pullAll(deps);
  const pull = clock();
  const { score, decided, plan } = await makePlan(deps);
  const scoring = clock();
  const write = apply && plan.status !== 'held' ? await applyPlan(deps, plan, false) : null;
  const seconds = { pull, score: scoring, write: clock() };
  // After all that counts is done: a model on trial delays nothing.
  const shadow = await scoreShadow(deps, Date.parse(score.asOf));
  const standing = (await deps.standing?.()) ?? null;
  return { pulled, score, decided, plan, write, shadow, standing, seconds };
}

/** Reads every source. Only the primary source's failure ends the run; another's leaves it stale (P4). */
export async function pullAll(deps: SyncDeps): Promise<PullSummary[]> {
  const pulled: PullSummary[] = [];
  for (const source of deps.sources) pulled.push(await pullBound(deps, source));
  await deps.store.expireTexts(deps.now());
  const own = pulled.find((p) => p.source === deps.primary.name);
  if (own?.failure) throw own.failure;
  return pulled;
}

/** One source; a CRM only once it has proved to be this workspace's org. */
export async function pullBound(deps: SyncDeps, source: Source, only?: string[]): Promise<PullSummary> {
  try {
    if (source.connector.crm) await bindOrg(deps, source.connector.crm(source.ctx));
  } catch (failure) {
    deps.signal.throwIfAborted();
    return { source: source.name, streams: [], notes: [], failure };
  }
  return pullSource(deps, source, only);
}

/** Match, score and decide from what is stored; the CRM is asked only for answers that a killed process had missed. */
export async function makePlan(
  deps: SyncDeps,
): Promise<{ score: ScoreSummary; decided: DecideSummary; plan: PlanHead }> {
  const asOf = deps.now();
  await settle({ ...deps, fields: deps.primary.ctx.fields, crm: () => boundCrm(deps) });
  await matchSources(deps);
  const { summary, scored, outside } = await scoreAll(deps, asOf);
  const { decided, plan } = await decide(deps, { asOf, scored, outside });
  const held = await guard(deps, plan, { bandChanges: decided.bandChanges, scored: scored.size });
  return { score: summary, decided, plan: held };
}

/** Carries out a stored plan. @throws HeldError, or InputError where the org is not the pinned one. */
export async function applyPlan(deps: SyncDeps, plan: PlanHead, release: boolean): Promise<WriteBackSummary> {
  if (plan.status === 'superseded')
    throw new InputError(`plan ${plan.number} was superseded by a newer one`, {
      hint: 'Run `npx pulseback plan` for the current one.',
    });
  if (plan.status === 'held' && !release)
    throw new HeldError(
      `plan ${plan.number} is held: ${String(plan.summary.held)}`,
      `Look at it with \`npx pulseback plan show ${plan.number}\`, then \`npx pulseback apply ${plan.number} --yes --release\`.`,
    );
  const crm = await boundCrm(deps);
  await withinQuota(deps, crm, plan);
  const summary = await writeBack({ ...deps, crm }, plan).catch((error: unknown) => {
    throw error instanceof ConnectorError ? withRest(error, plan) : error;
  });
  const state = deps.store.state(CRM_STATE);
  if (!summary.retry && !(await state.get('baseline')))
    await state.set('baseline', null, new Date(deps.now()).toISOString());
  return summary;
}

async function boundCrm(deps: SyncDeps): Promise<Crm> {
  const crm = deps.crm();
  await bindOrg(deps, crm);
  return crm;
}

/** A write-back that broke off: what the vendor said, and how the rest gets there. */
function withRest(error: ConnectorError, plan: PlanHead): ConnectorError {
  const { action, code, ambiguous, retryAfterMs } = error;
  const rest = `\`npx pulseback apply ${plan.number} --yes\` sends the rest of the plan; what was written stays written.`;
  return new ConnectorError(error.message, {
    action,
    ambiguous,
    cause: error,
    hint: error.hint ? `${error.hint} Then ${rest}` : rest,
    ...(code === undefined ? {} : { code }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** W8: stop where the whole org nears its daily calls, and never take more than our share of them. */
async function withinQuota(deps: SyncDeps, crm: Crm, plan: PlanHead): Promise<void> {
  const { used, limit } = await crm.quota();
  if (used === null || limit === null || limit === 0) return;
  const needed = Number(plan.summary.calls ?? 0);
  const go = `Run \`npx pulseback apply ${plan.number} --yes\` later, or raise \`quota\` in pulseback.yaml.`;
  if (used + needed > limit * deps.config.quota.orgShare)
    throw new HeldError(
      `the org has used ${used} of its ${limit} calls today, and the plan needs ${needed} more: above ${deps.config.quota.orgShare * 100} %`,
      go,
    );
  if (needed > limit * deps.config.quota.ownShare)
    throw new HeldError(
      `the plan needs ${needed} calls, more than ${deps.config.quota.ownShare * 100} % of the org's ${limit} a day`,
      go,
    );
}

function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const seconds = (now - last) / 1000;
    last = now;
    return Math.round(seconds * 100) / 100;
  };
}
