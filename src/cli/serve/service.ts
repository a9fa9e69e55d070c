import { makeMetrics } from '../../api/metrics.ts';
import { type Api, startApi } from '../../api/server.ts';
import type { Served } from '../../api/workspace.ts';
import { type App, openApp, VERSION } from '../../app.ts';
import { serviceSecrets } from '../../config.ts';
import { InputError } from '../../contract/index.ts';
import { bullQueue } from '../../jobs/bull.ts';
import { inlineQueue } from '../../jobs/inline.ts';
import { Ledger, queueName, SCHEDULE_STATE } from '../../jobs/ledger.ts';
import type { Queue } from '../../jobs/queue.ts';
import { schedulesOf } from '../../jobs/schedule.ts';
import type { Outcome } from '../../jobs/work.ts';
import { startWorker } from '../../jobs/worker.ts';

/** After a stop, calls under way may end for so long; Docker kills after 10 s. */
const GRACE_MS = 7_000;

export interface ServiceOptions {
  /** One configuration file a workspace; the first one's `api` section counts. */
  configs: string[];
  env: NodeJS.ProcessEnv;
  now: () => number;
  signal: AbortSignal;
  host?: string;
  port?: number;
  onOutcome?: (app: App, outcome: Outcome) => void | Promise<void>;
}

export interface Service {
  origin: string;
  /** Whether anybody may use what the token guards. */
  guarded: boolean;
  redis: boolean;
  workspaces: { app: App; schedules: number }[];
  /** Lets running jobs end, then closes queues, server and stores. */
  stop(): Promise<void>;
}

/** Builds and starts everything that `serve` runs. @throws InputError before anything runs where settings are wrong. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { redisUrl, apiToken } = serviceSecrets(options.env);
  const calls = new AbortController();
  options.signal.addEventListener('abort', () => {
    setTimeout(() => calls.abort(options.signal.reason), GRACE_MS).unref();
  });
  const closing: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (let close = closing.pop(); close; close = closing.pop()) await close();
  };
  try {
    const rooms: Room[] = [];
    for (const configPath of options.configs) {
      const { env, now, signal } = options;
      const app = await openApp({ configPath, env, now, signal, callSignal: calls.signal });
      closing.push(() => app.close());
      if (rooms.some((r) => r.app.config.workspace === app.config.workspace))
        throw new InputError(`${configPath}: the workspace "${app.config.workspace}" is served already`, {
          hint: 'Give each configuration a `workspace` of its own.',
        });
      rooms.push({ app, schedules: schedulesOf(app), queue: await queueFor(app, redisUrl) });
    }
    for (const { queue } of rooms) closing.push(() => queue.close());

    const served = rooms.map(servedOf);
    const metrics = await makeMetrics(served);
    let state: 'starting' | 'serving' | 'stopping' = 'starting';
    const [first] = rooms;
    if (!first) throw new InputError('no configuration file is named');
    const { config, log } = first.app;
    const api: Api = await startApi({
      host: options.host ?? config.api.host,
      port: options.port ?? config.api.port,
      metricsPublic: config.api.metrics.public,
      state: () => (options.signal.aborted ? 'stopping' : state),
      token: apiToken,
      version: VERSION,
      served,
      metrics,
      log,
    });
    // Closed after the queues: whoever asks meanwhile hears that it is stopping.
    closing.splice(rooms.length, 0, () => api.close());
    for (const { app, queue, schedules } of rooms) {
      for (const { text, command } of (await app.standing())?.notes ?? [])
        app.log.warn({ workspace: app.config.workspace, run: command }, text);
      const worker = await startWorker({
        deps: app,
        queue,
        schedules,
        onOutcome: async (outcome) => {
          metrics.observe(outcome);
          await options.onOutcome?.(app, outcome);
        },
      });
      closing.push(() => worker.stop());
    }
    state = 'serving';
    return {
      origin: api.origin,
      guarded: apiToken !== null,
      redis: redisUrl !== null,
      workspaces: rooms.map(({ app, schedules }) => ({ app, schedules: schedules.length })),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Room {
  app: App;
  queue: Queue;
  schedules: ReturnType<typeof schedulesOf>;
}

async function queueFor(app: App, redisUrl: string | null): Promise<Queue> {
  const state = app.store.state(SCHEDULE_STATE);
  if (redisUrl === null) {
    const ledger = new Ledger(state);
    return inlineQueue({ log: app.log, ledger, left: await ledger.asked() });
  }
  const name = await queueName(app.config.workspace, state);
  return bullQueue({ url: redisUrl, name, log: app.log });
}

const servedOf = ({ app, queue }: Room): Served => ({
  name: app.config.workspace,
  store: app.store,
  queue,
  sources: app.sources,
  calls: app.calls,
  now: app.now,
  standing: app.standing,
});
