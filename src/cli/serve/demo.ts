import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, openApp } from '../../app.ts';
import { practiceEnvironment } from '../../config.ts';
import { counted } from '../../core/format.ts';
import type { Outcome } from '../../jobs/work.ts';
import { wholeNumber } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { crmNamed, crmTitle } from '../crm.ts';
import { EXIT, type Io } from '../io.ts';
import { sayIntent, wordsOf } from '../plan-text.ts';
import { type SandboxHost, startSandbox } from '../sandbox-host.ts';
import { address, type ServeArguments, sayService } from './common.ts';
import { startService } from './service.ts';
import { outcomeLine } from './words.ts';

const HOUR = 3_600_000;
/** The same morning for everybody. */
const START = Date.parse('2026-11-02T07:00:00Z');
/** An hour of the world each second: what is daily comes about every 20 seconds. */
const STREAMS = '*/20 * * * * *';
const SYNC = '10,30,50 * * * * *';
const SHOWN = 2;

/** `serve --demo`: the service on the sandbox, a day in 24 seconds. */
export async function serveDemo({ io, signal }: CommandContext, options: ServeArguments): Promise<number> {
  const crm = crmNamed(options.crm);
  const dir = mkdtempSync(join(tmpdir(), 'pulseback-serve-'));
  const accounts = wholeNumber('--accounts', options.accounts, 1);
  io.say(
    `Starting ${crmTitle(crm)} on loopback with ${accounts} customer accounts; one hour of its world passes each second …`,
  );
  const host = await startSandbox({
    accounts,
    seed: wholeNumber('--seed', options.seed),
    now: START,
    dir,
    usageDays: 120,
    crm,
  });
  const time = passing(host, io);
  try {
    const env = { ...practiceEnvironment(), ...host.env };
    const configPath = join(dir, 'pulseback.yaml');
    const settings = { write: { enabled: true }, tasks: { start: '2026-11-03' }, logLevel: 'warn' };
    writeFileSync(configPath, host.yaml(settings));
    const streams = await setUp(configPath, env, host);
    const schedule = { sync: SYNC, streams: Object.fromEntries(streams.map((name) => [name, STREAMS])) };
    writeFileSync(configPath, host.yaml({ ...settings, schedule, api: { port: 0 } }));

    const sum = { jobs: 0, syncs: 0, written: 0, tasks: 0, failed: 0 };
    const service = await startService({
      configs: [configPath],
      env,
      now: host.world.now,
      signal,
      ...address(options),
      onOutcome: async (app, outcome) => {
        sum.jobs += 1;
        sum.written += outcome.write?.written ?? 0;
        sum.tasks += outcome.write?.tasks ?? 0;
        if (outcome.status === 'failed') sum.failed += 1;
        if (outcome.job.kind === 'sync' && outcome.status === 'done') sum.syncs += 1;
        await tell(io, app, outcome);
      },
    });
    sayService(io, service);
    if (!signal.aborted) await once(signal, 'abort');
    io.say('Stopping: what is under way ends first …');
    await service.stop();
    const hours = Math.round((host.world.now() - START) / HOUR);
    io.say(
      `Stopped after ${counted(hours, 'hour')} of the world: ${counted(sum.syncs, 'sync', 'syncs')}, ${counted(sum.written, 'account')} written, ${counted(sum.tasks, 'manager task')} raised.`,
    );
    io.result({ ok: sum.failed === 0, crm: host.crmName, worldHours: hours, ...sum });
    return sum.failed === 0 ? EXIT.done : EXIT.failed;
  } finally {
    await time.stop();
    await host.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Lets the world go on; its nightly exports come every day of it. */
function passing(host: SandboxHost, io: Io): { stop(): Promise<void> } {
  let exporting: Promise<void> = Promise.resolve();
  let day = Math.floor(host.world.now() / (24 * HOUR));
  const tick = setInterval(() => {
    host.world.advance(HOUR);
    const today = Math.floor(host.world.now() / (24 * HOUR));
    if (today === day) return;
    day = today;
    exporting = exporting.then(() => host.export()).catch((error: unknown) => io.note(`export: ${String(error)}`));
  }, 1000);
  return {
    stop: async () => {
      clearInterval(tick);
      await exporting;
    },
  };
}

/** Creates our fields, as `setup --yes` would. @returns the names of all streams. */
async function setUp(configPath: string, env: NodeJS.ProcessEnv, host: SandboxHost): Promise<string[]> {
  const app = await openApp({ configPath, env, now: host.world.now });
  try {
    const { provision } = app.crm();
    for await (const outcome of provision.apply(await provision.plan()))
      if (!outcome.ok) throw new Error(`set-up step ${outcome.step} failed: ${outcome.reason ?? ''}`);
    return app.sources.flatMap((s) => Object.keys(s.connector.streams(s.ctx)).map((stream) => `${s.name}.${stream}`));
  } finally {
    await app.close();
  }
}

/** Syncs with the first of what they wrote; pulls only where something is wrong, or every turn would be nine lines. */
async function tell(io: Io, app: App, outcome: Outcome): Promise<void> {
  const line = outcomeLine(app, outcome);
  if (line === null || (outcome.job.kind === 'pull' && outcome.status === 'done')) return;
  io.say(line);
  const { plan, write } = outcome;
  if (io.json || !plan || !write || write.written + write.tasks === 0) return;
  const words = await wordsOf(app, plan.asOf);
  for (const type of ['task', 'fields'] as const) {
    let left = SHOWN;
    for await (const chunk of app.store.intents(plan.number, type, ['written']))
      for (const intent of chunk) if (left-- > 0) sayIntent(io, words, intent);
  }
  io.say();
}
