import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Latency, Probe } from './probe.ts';
import type { ServedProcess } from './service.ts';

const HEALTH_EVERY_MS = 20;
const REST_EVERY_MS = 1_000;
const RUNS_EVERY_MS = 500;
/** Of the monitor: how often it looks; its figures include that. */
const RESOLUTION_MS = 5;

const Runs = z.object({
  runs: z.array(
    z.object({
      command: z.string(),
      status: z.string(),
      summary: z.looseObject({
        job: z.string().optional(),
        error: z.unknown().optional(),
        bands: z.record(z.string(), z.number()).optional(),
        notScored: z.number().optional(),
      }),
    }),
  ),
});
type Run = z.infer<typeof Runs>['runs'][number];

/** What was seen while one job ran. */
export interface Phase {
  seconds: number;
  healthz: Latency;
  readyz: Latency;
  metrics: Latency;
  /** How late this process itself was at worst: an answer is no faster than whoever waits for it. */
  proberMs: number;
  /** Largest resident memory that the service told of. */
  rssMb: number;
  /** The job's own summary. */
  summary: Run['summary'];
}

/** Asks for a job, and asks how the service is until the job has ended. @throws where the job fails or the service ends. */
export async function watch(service: ServedProcess, kind: 'pull' | 'plan', signal: AbortSignal): Promise<Phase> {
  const { origin, headers } = service;
  const late = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const probes = {
    healthz: new Probe(`${origin}/healthz`, HEALTH_EVERY_MS),
    readyz: new Probe(`${origin}/readyz`, REST_EVERY_MS),
    metrics: new Probe(`${origin}/metrics`, REST_EVERY_MS, headers),
    runs: new Probe(`${origin}/runs?limit=1`, RUNS_EVERY_MS, headers),
  };
  late.enable();
  const began = performance.now();
  let rssMb = 0;
  let ended: Run | null = null;
  try {
    await service.ask(kind);
    while (ended === null) {
      await sleep(RUNS_EVERY_MS / 5, undefined, { signal });
      service.alive();
      rssMb = Math.max(rssMb, residentMb(probes.metrics.last ?? ''));
      ended = endedRun(probes.runs.last, kind);
    }
  } finally {
    late.disable();
    await Promise.all(Object.values(probes).map((probe) => probe.stop()));
  }
  rssMb = Math.max(rssMb, residentMb(probes.metrics.last ?? ''));
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  if (ended.status !== 'done') throw new Error(`${kind} is ${ended.status}: ${JSON.stringify(ended.summary.error)}`);
  const [healthz, readyz, metrics] = [probes.healthz.latency(), probes.readyz.latency(), probes.metrics.latency()];
  const proberMs = Math.max(0, Math.round(late.max / 1e6) - RESOLUTION_MS);
  return { seconds, healthz, readyz, metrics, proberMs, rssMb, summary: ended.summary };
}

/** The newest run, once it is this job's and over. */
function endedRun(body: string | null, command: string): Run | null {
  const [run] = body === null ? [] : Runs.parse(JSON.parse(body)).runs;
  return run?.command === command && run.status !== 'running' ? run : null;
}

const residentMb = (metrics: string): number =>
  Math.round(Number(/^process_resident_memory_bytes (\S+)/m.exec(metrics)?.[1] ?? 0) / 2 ** 20);
