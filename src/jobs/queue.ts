/** What a job can do; each is safe to repeat. */
export const JOB_KINDS = ['sync', 'pull', 'score', 'plan', 'apply', 'reconcile'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** Small and free of data: everything else is read from the store when it runs. */
export interface Job {
  workspace: string;
  kind: JobKind;
  /** Only this stream, "crm.accounts"; absent = every one. */
  stream?: string;
}

export interface QueuedJob extends Job {
  id: string;
  /** Epoch ms (machine clock): when it was due or asked for. A run that began later has done its work. */
  due: number;
  /** Whether a schedule asked for it; one that is no longer in force has nothing to ask. */
  scheduled: boolean;
}

/** One cron schedule of one workspace. */
export interface Schedule {
  /** "sync", "pull crm.accounts": unique in its workspace. */
  key: string;
  cron: string;
  timezone: string;
  job: Job;
}

/** Jobs by state. */
export interface Depth {
  waiting: number;
  running: number;
  /** Asked for later: the next turn of each schedule where the queue keeps these itself. */
  delayed: number;
}

/** `done`: nothing is left to do. `again`: it could not be finished here, so another process may, or this one after a restart. */
export type Turn = 'done' | 'again';

/** The jobs of one workspace, one at a time in this process. A job may come twice: whoever works on it must not mind. */
export interface Queue {
  /** @throws where the queue cannot be reached. @returns the job's id. */
  enqueue(job: Job, options?: { due?: number; delayMs?: number }): Promise<string>;
  process(handler: (job: QueuedJob) => Promise<Turn>): void;
  /** From now on exactly these schedules are in force; what was scheduled before and is not among them ends. */
  schedule(schedules: Schedule[]): Promise<void>;
  /** Calls back whenever the queue can be reached again after it could not: turns may have been missed. */
  onReturn(call: () => void): void;
  depth(): Promise<Depth>;
  /** @throws where the queue cannot be reached. */
  ping(): Promise<void>;
  /** Takes no new job, lets the running one end, then lets go of everything. */
  close(): Promise<void>;
}
