import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { StaleSource } from '../core/coverage.ts';
import type { Outcome } from '../jobs/work.ts';
import { staleSources } from '../pipeline/stale.ts';
import { depthOf, inTime, LateError, type Served } from './workspace.ts';

/** How long a look at the sources' age holds while no job ends. */
const STALE_FOR_MS = 300_000;

export interface Metrics {
  registry: Registry;
  /** Counts what came of a job. */
  observe(outcome: Outcome): void;
}

/** Everything that /metrics shows. Figures of runs are counted as they happen; what is a state is read when it is asked for. */
export async function makeMetrics(served: Served[]): Promise<Metrics> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const ran = new Counter({
    name: 'pulseback_runs_total',
    help: 'Jobs by how they ended.',
    labelNames: ['workspace', 'kind', 'status'],
    registers,
  });
  const seconds = new Histogram({
    name: 'pulseback_run_seconds',
    help: 'How long jobs took.',
    labelNames: ['workspace', 'kind'],
    buckets: [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600],
    registers,
  });
  const outcomes = new Counter({
    name: 'pulseback_outcomes_total',
    help: 'CRM records by what became of them.',
    labelNames: ['workspace', 'outcome'],
    registers,
  });
  const accounts = new Gauge({
    name: 'pulseback_accounts',
    help: 'Accounts by band, as last scored.',
    labelNames: ['workspace', 'band'],
    registers,
  });
  const success = new Gauge({
    name: 'pulseback_last_success_timestamp_seconds',
    help: 'When a job of this kind was last done.',
    labelNames: ['workspace', 'kind'],
    registers,
  });
  new Gauge({
    name: 'pulseback_queue_up',
    help: 'Whether the queue can be reached.',
    labelNames: ['workspace'],
    registers,
    async collect() {
      for (const one of served)
        this.set(
          { workspace: one.name },
          await inTime('the queue', one.queue.ping()).then(
            () => 1,
            () => 0,
          ),
        );
    },
  });

  new Counter({
    name: 'pulseback_vendor_calls_total',
    help: 'Calls that left for a vendor, retries included.',
    labelNames: ['workspace', 'vendor', 'kind'],
    registers,
    collect() {
      this.reset();
      for (const { name: workspace, calls } of served)
        for (const [vendor, count] of Object.entries(calls.summary()))
          for (const kind of ['read', 'write'] as const) this.inc({ workspace, vendor, kind }, count[kind]);
    },
  });
  new Gauge({
    name: 'pulseback_queue_jobs',
    help: 'Jobs by state.',
    labelNames: ['workspace', 'state'],
    registers,
    async collect() {
      this.reset();
      for (const one of served) {
        const depth = await depthOf(one).catch(() => null); // told by pulseback_queue_up
        for (const [state, jobs] of Object.entries(depth ?? {})) this.set({ workspace: one.name, state }, jobs);
      }
    },
  });
  new Gauge({
    name: 'pulseback_source_stale',
    help: 'Whether a source has not delivered for longer than it may.',
    labelNames: ['workspace', 'source'],
    registers,
    async collect() {
      for (const one of served) {
        const stale = await staleOf(one);
        if (stale === null) continue; // the store is at work: the last value stands
        for (const { name } of one.sources)
          this.set({ workspace: one.name, source: name }, stale.some((s) => s.source === name) ? 1 : 0);
      }
    },
  });

  new Gauge({
    name: 'pulseback_model_proof_age_days',
    help: 'Days since the live model was last judged by past renewals, or where it never was, since it first scored.',
    labelNames: ['workspace'],
    registers,
    async collect() {
      this.reset();
      for (const one of served) {
        if (!one.standing) continue;
        const standing = await inTime('the store', one.standing()).catch((error: unknown) => {
          if (error instanceof LateError) return null;
          throw error;
        });
        if (standing && standing.ageDays !== null) this.set({ workspace: one.name }, standing.ageDays);
      }
    },
  });

  const known = new Map<string, { at: number; stale: StaleSource[] }>();
  const looking = new Map<string, Promise<StaleSource[]>>();
  /**
   * Counting facts reads them all: now and then is enough, and never twice at once. A look that takes longer than a scrape may wait goes
   * on for the next one.
   */
  const staleOf = async (one: Served): Promise<StaleSource[] | null> => {
    const before = known.get(one.name);
    if (before && Date.now() - before.at < STALE_FOR_MS) return before.stale;
    try {
      return await inTime('the store', looking.get(one.name) ?? look(one));
    } catch (error) {
      if (error instanceof LateError) return null;
      throw error; // a store that cannot be read is no old figure: the scrape fails and says so
    }
  };
  const look = (one: Served): Promise<StaleSource[]> => {
    const found = staleSources(one.store, one.sources, one.now())
      .then((stale) => {
        if (looking.get(one.name) === found) known.set(one.name, { at: Date.now(), stale });
        return stale;
      })
      .finally(() => {
        if (looking.get(one.name) === found) looking.delete(one.name);
      });
    looking.set(one.name, found);
    return found;
  };

  const band = (workspace: string, bands: Record<string, unknown>, notScored: unknown): void => {
    for (const [name, count] of Object.entries({ ...bands, 'not scored': notScored }))
      if (typeof count === 'number') accounts.set({ workspace, band: name }, count);
  };
  // After a restart the last score's figures still hold.
  for (const one of served) {
    const last = (await one.store.runs(50)).find(
      (run) => typeof run.summary.bands === 'object' && run.summary.bands !== null,
    );
    if (last) band(one.name, last.summary.bands as Record<string, unknown>, last.summary.notScored);
  }

  return {
    registry,
    observe: (outcome) => {
      const labels = { workspace: outcome.job.workspace, kind: outcome.job.kind };
      ran.inc({ ...labels, status: outcome.status });
      known.delete(labels.workspace);
      looking.delete(labels.workspace); // it began before what has just been done
      if (outcome.status === 'skipped') return;
      seconds.observe(labels, outcome.seconds);
      if (outcome.status === 'done') success.set(labels, Date.now() / 1000);
      if (outcome.score) band(labels.workspace, outcome.score.bands, outcome.score.notScored);
      const { write } = outcome;
      if (!write) return;
      const counts = {
        written: write.written,
        unchanged: write.unchanged,
        rejected: write.rejected,
        retry: write.retry,
        task: write.tasks,
      };
      for (const [name, count] of Object.entries(counts))
        outcomes.inc({ workspace: labels.workspace, outcome: name }, count);
    },
  };
}
