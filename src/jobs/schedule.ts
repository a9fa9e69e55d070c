import { type Connector, type Ctx, InputError } from '../contract/index.ts';
import { cronProblem } from '../kit/cron.ts';
import { adviceOn } from '../kit/nearest.ts';
import { JOB_KINDS, type Job, type Schedule } from './queue.ts';

/** `off` = never by itself. */
export interface ScheduleSettings {
  sync: string;
  score: string;
  plan: string;
  apply: string;
  reconcile: string;
  /** By stream, "crm.accounts"; absent = what its connector says. */
  streams: Record<string, string>;
}

export interface ScheduleDeps {
  sources: { name: string; connector: Pick<Connector, 'streams'>; ctx: Ctx<unknown> }[];
  config: { workspace: string; timezone: string; schedule: ScheduleSettings };
}

/** What a job is called in schedules, ledger and run log: "sync", "pull crm.accounts". */
export const keyOf = (job: Pick<Job, 'kind' | 'stream'>): string =>
  job.stream === undefined ? job.kind : `${job.kind} ${job.stream}`;

/**
 * Every schedule of a workspace: one for each stream, as its connector or the configuration says, and those of the steps after.
 * @throws InputError for a stream that does not exist.
 */
export function schedulesOf(deps: ScheduleDeps): Schedule[] {
  const { workspace, timezone, schedule } = deps.config;
  const defaults = new Map<string, string>();
  for (const source of deps.sources)
    for (const [stream, spec] of Object.entries(source.connector.streams(source.ctx))) {
      const problem = cronProblem(spec.schedule);
      if (problem) throw new Error(`${source.name}.${stream}: schedule ${spec.schedule}: ${problem}`);
      defaults.set(`${source.name}.${stream}`, spec.schedule);
    }
  for (const name of Object.keys(schedule.streams))
    if (!defaults.has(name))
      throw new InputError(`schedule.streams: there is no stream "${name}"`, {
        hint: `${adviceOn(name, [...defaults.keys()])}.`,
      });

  const one = (job: Omit<Job, 'workspace'>, cron: string): Schedule[] =>
    cron === 'off' ? [] : [{ key: keyOf(job), cron, timezone, job: { workspace, ...job } }];
  return [
    ...JOB_KINDS.flatMap((kind) => (kind === 'pull' ? [] : one({ kind }, schedule[kind]))),
    ...[...defaults].flatMap(([stream, cron]) => one({ kind: 'pull', stream }, schedule.streams[stream] ?? cron)),
  ];
}
