import { ConnectorError, HeldError, InputError } from '../contract/index.ts';
import type { Standing } from '../core/publish/standing.ts';
import { LeaseLostError } from '../pipeline/lease.ts';
import { matchSources } from '../pipeline/match.ts';
import { describeFailure, type PullSummary } from '../pipeline/pull.ts';
import { type ReconcileSummary, reconcileAll } from '../pipeline/reconcile.ts';
import { syncResult, unwritten } from '../pipeline/result.ts';
import { type RunDeps, recordRun } from '../pipeline/run.ts';
import { type ScoreSummary, scoreAll } from '../pipeline/score.ts';
import { type ShadowSummary, scoreShadow } from '../pipeline/shadow.ts';
import { applyPlan, makePlan, pullAll, pullBound, type SyncDeps, sync } from '../pipeline/sync.ts';
import type { WriteBackSummary } from '../pipeline/write-back.ts';
import type { PlanHead } from '../store/types.ts';
import type { QueuedJob } from './queue.ts';
import { keyOf } from './schedule.ts';

export interface WorkDeps extends SyncDeps, RunDeps {
  /** What scores as of now: a model may have been published since this process began. Absent = what stands here. */
  current?: () => Promise<Pick<SyncDeps, 'model' | 'playbook' | 'sources' | 'primary' | 'rules' | 'crm'>>;
  config: SyncDeps['config'] & { workspace: string; write: { enabled: boolean } };
}

/** What came of a job's turn, for the log, the metrics and people. */
export interface Outcome {
  job: QueuedJob;
  /** `skipped`: done already. `stopped`: this process is ending. `waiting`: the vendor allows no more calls for now. */
  status: 'done' | 'failed' | 'held' | 'waiting' | 'stopped' | 'skipped';
  /** Whether it came to its end: nothing but its next turn would mend what is left. */
  ended: boolean;
  seconds: number;
  /** Why it is not `done`, or what of it is left. */
  problem?: { message: string; hint?: string };
  retryAfterMs?: number;
  pulled?: PullSummary[];
  score?: ScoreSummary;
  shadow?: ShadowSummary | null;
  standing?: Standing | null;
  plan?: PlanHead;
  write?: WriteBackSummary;
  reconciled?: ReconcileSummary['sources'];
}
type Found = Pick<Outcome, 'pulled' | 'score' | 'shadow' | 'standing' | 'plan' | 'write' | 'reconciled'>;

/** Does a job's work and keeps its record. A fault of the work is its outcome. @throws only where the lease is lost. */
export async function runJob(deps: WorkDeps, job: QueuedJob): Promise<Outcome> {
  const began = performance.now();
  const found: Found = {};
  const outcome = (rest: Pick<Outcome, 'status' | 'ended' | 'problem' | 'retryAfterMs'>): Outcome => ({
    job,
    seconds: Math.round(performance.now() - began) / 1000,
    ...found,
    ...rest,
  });
  try {
    const problem = await recordRun(deps, keyOf(job), async () => {
      const summary = await WORK[job.kind]({ ...deps, ...(await deps.current?.()) }, job, found);
      const left = problemIn(summary);
      return { summary: { job: job.id, ...summary }, value: left, ok: left === null };
    });
    return problem ? outcome({ status: 'failed', ended: true, problem }) : outcome({ status: 'done', ended: true });
  } catch (error) {
    if (error instanceof LeaseLostError) throw error;
    if (deps.signal.aborted) return outcome({ status: 'stopped', ended: false });
    if (!(error instanceof ConnectorError || error instanceof InputError || error instanceof HeldError))
      deps.log.error({ err: error, job: keyOf(job) }, 'a job failed');
    const { error: message, hint } = describeFailure(error);
    const advice = error instanceof HeldError ? error.hint : hint;
    const problem = { message, ...(advice === undefined ? {} : { hint: advice }) };
    if (error instanceof HeldError) return outcome({ status: 'held', ended: true, problem });
    if (!(error instanceof ConnectorError && error.action === 'wait'))
      return outcome({ status: 'failed', ended: false, problem });
    const { retryAfterMs } = error;
    return outcome({
      status: 'waiting',
      ended: false,
      problem,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
}

type Problem = { message: string; hint: string };
type Summary = Record<string, unknown> & { error?: Problem };
const problemIn = (summary: Summary): Problem | null => summary.error ?? null;

/** Each fills in `found` as it goes, so that what was reached before a failure is known. */
const WORK: Record<QueuedJob['kind'], (deps: WorkDeps, job: QueuedJob, found: Found) => Promise<Summary>> = {
  sync: async (deps, _job, found) => {
    const before = deps.calls.summary();
    const done = await sync(deps, deps.config.write.enabled);
    const { pulled, score, plan, shadow, standing } = done;
    Object.assign(found, { pulled, score, plan, shadow, standing });
    if (done.write) found.write = done.write;
    if (deps.config.write.enabled) refuseHeld(done.plan);
    return syncResult(done, callsSince(before, deps.calls.summary()));
  },

  pull: async (deps, job, found) => {
    if (job.stream === undefined) found.pulled = await pullAll(deps);
    else {
      const [name, ...stream] = job.stream.split('.');
      const source = deps.sources.find((s) => s.name === name);
      if (!source) throw new InputError(`there is no source "${name}" any more`);
      found.pulled = [await pullBound(deps, source, [stream.join('.')])];
      await deps.store.expireTexts(deps.now()); // also where the source brings nothing any more
    }
    for (const { failure } of found.pulled) if (failure) throw failure;
    return { sources: found.pulled.map(({ source, streams }) => ({ source, streams })) };
  },

  score: async (deps, _job, found) => {
    await matchSources(deps);
    const { summary } = await scoreAll(deps, deps.now());
    found.score = summary;
    found.shadow = await scoreShadow(deps, Date.parse(summary.asOf));
    const { accounts, bands, notScored } = summary;
    return { accounts, bands, notScored, shadow: found.shadow };
  },

  plan: async (deps, _job, found) => {
    const { plan, score } = await makePlan(deps);
    Object.assign(found, { plan, score });
    return { plan: plan.number, bands: score.bands, notScored: score.notScored };
  },

  apply: async (deps, _job, found) => {
    if (!deps.config.write.enabled)
      throw new InputError('writing is off', { hint: 'Set `write.enabled: true`; until then plans wait.' });
    const [plan] = await deps.store.plans(1);
    if (!plan || plan.status === 'applied') return { written: 0 };
    found.plan = plan;
    refuseHeld(plan);
    found.write = await applyPlan(deps, plan, false);
    const left = unwritten(found.write);
    return { ...found.write, ...(left ? { error: left } : {}) };
  },

  reconcile: async (deps, _job, found) => {
    const { sources, failure } = await reconcileAll(deps);
    found.reconciled = sources;
    if (failure) throw failure;
    return { sources };
  },
};

/** A held plan waits for a person; the schedule never releases it. */
function refuseHeld(plan: PlanHead): void {
  if (plan.status === 'held')
    throw new HeldError(
      `plan ${plan.number} is held: ${String(plan.summary.held)}`,
      `Look at it with \`npx pulseback plan show ${plan.number}\`; if it is right, \`npx pulseback apply ${plan.number} --yes --release\` writes it.`,
    );
}

type Calls = Record<string, { read: number; write: number }>;
const callsSince = (before: Calls, after: Calls): Calls =>
  Object.fromEntries(
    Object.entries(after).map(([vendor, { read, write }]) => [
      vendor,
      { read: read - (before[vendor]?.read ?? 0), write: write - (before[vendor]?.write ?? 0) },
    ]),
  );
