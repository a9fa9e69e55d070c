import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { openApp } from '../../app.ts';
import { PACKAGE_ROOT, practiceEnvironment } from '../../config.ts';
import { InputError } from '../../contract/index.ts';
import { withRun } from '../../pipeline/run.ts';
import { sync } from '../../pipeline/sync.ts';
import { CONTROL_PATH } from '../../sandbox/kit-control.ts';
import { wholeNumber } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { crmNamed } from '../crm.ts';
import { EXIT } from '../io.ts';
import { sayPortfolio } from '../portfolio.ts';
import { writeFloor } from '../write-floor.ts';

interface BenchArguments {
  crm?: string;
  accounts: string;
  rate?: string;
  latency?: string;
  perRecord?: string;
  inFlight?: string;
  usageDays: string;
  seed: string;
}

/** `bench sync`: a first sync, the sandbox in a process of its own, so that time and memory are the product's alone. */
export async function bench({ io, signal }: CommandContext, options: BenchArguments): Promise<number> {
  const crmName = crmNamed(options.crm);
  const rate = options.rate === undefined ? null : wholeNumber('--rate', options.rate, 1);
  // How fast a limit lets us be is measured with nothing else in the way.
  const latency = wholeNumber('--latency', options.latency ?? (rate === null ? '200' : '0'));
  const perRecord = wholeNumber('--per-record', options.perRecord ?? (rate === null ? '1' : '0'));
  const inFlight = wholeNumber('--in-flight', options.inFlight ?? (rate === null ? '5' : '10'), 1);
  const dir = mkdtempSync(join(tmpdir(), 'pulseback-bench-'));
  io.note(`building a world with ${options.accounts} customers …`);
  const child = spawn(
    process.execPath,
    [
      join(PACKAGE_ROOT, 'src/main.ts'),
      'sandbox',
      '--crm-only',
      '--json',
      '--crm',
      crmName,
      ...(rate === null ? [] : ['--rate', `${rate}`]),
      '--accounts',
      options.accounts,
      '--seed',
      options.seed,
      '--latency',
      `${latency}`,
      '--per-record',
      `${perRecord}`,
      '--usage-days',
      options.usageDays,
      '--in-flight',
      `${inFlight}`,
      '--dir',
      dir,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: practiceEnvironment() },
  );
  try {
    const ready = readyOf(await firstLine(child.stdout, child));
    const configPath = join(dir, 'pulseback.yaml');
    writeFileSync(configPath, ready.config);
    const app = await openApp({
      configPath,
      env: { ...practiceEnvironment(), ...ready.env },
      progress: io.progress(),
      signal,
    });
    try {
      const crm = app.crm();
      for await (const outcome of crm.provision.apply(await crm.provision.plan()))
        if (!outcome.ok) throw new Error(`set-up: ${outcome.reason ?? outcome.step}`);
      const before = app.calls.summary()[app.primary.connector.name] ?? { read: 0, write: 0 };
      const summary = await withRun(app, 'bench', async (app) => ({
        summary: {},
        value: await sync(app, true),
        ok: true,
      }));
      const after = app.calls.summary()[app.primary.connector.name] ?? { read: 0, write: 0 };
      const written = summary.write?.written ?? 0;
      const writeCalls = summary.write?.writeCalls ?? 0;
      const perCall = (latency + perRecord * Math.min(crm.writeBatch, written)) / 1000;
      const floor = writeFloor({ calls: writeCalls, lanes: inFlight, perCall, rate: ready.rate });
      const seconds = { ...summary.seconds, write: summary.write?.fieldsSeconds ?? 0 };
      const rssMb = Math.round(process.resourceUsage().maxRSS / 1024);
      sayPortfolio(io, summary.score);
      const result = {
        crm: crmName,
        accounts: summary.score.accounts,
        scored: summary.score.scored,
        written,
        rejected: summary.write?.rejected ?? 0,
        calls: { read: after.read - before.read, write: after.write - before.write },
        writeCalls,
        seconds,
        rssMb,
        rateLimited: await refusedForRate(ready.origin),
        writeFloorRatio: floor > 0 ? Math.round((seconds.write / floor) * 1000) / 1000 : null,
      };
      io.say(
        `\npull ${result.seconds.pull} s, score ${result.seconds.score} s, write ${result.seconds.write} s (${result.writeFloorRatio} × the floor); ${result.calls.read} reads, ${result.calls.write} writes, ${result.rateLimited} refused for their rate; peak ${rssMb} MB`,
      );
      io.result(result);
      return EXIT.done;
    } finally {
      await app.close();
    }
  } finally {
    child.kill('SIGTERM');
    rmSync(dir, { recursive: true, force: true });
  }
}

/** What the sandbox tells once it is ready. */
const Ready = z.object({
  origin: z.url(),
  config: z.string(),
  env: z.record(z.string(), z.string()),
  rate: z.object({ calls: z.number(), perMs: z.number() }).nullable(),
});

const Refusal = z.object({ error: z.object({ message: z.string(), hint: z.string().optional() }) });

/** @throws InputError in the sandbox's own words where it could not be served as asked */
function readyOf(line: unknown): z.infer<typeof Ready> {
  const refusal = Refusal.safeParse(line);
  if (!refusal.success) return Ready.parse(line);
  const { message, hint } = refusal.data.error;
  throw new InputError(message, hint === undefined ? {} : { hint });
}

/** How many calls the served CRM has answered with 429, by its own count. */
async function refusedForRate(origin: string): Promise<number> {
  const state = z.object({ answers: z.record(z.string(), z.number()) });
  const response = await fetch(`${origin}${CONTROL_PATH}`);
  return state.parse(await response.json()).answers['429'] ?? 0;
}

/** The sandbox's own JSON line. */
async function firstLine(stdout: NodeJS.ReadableStream, child: ReturnType<typeof spawn>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the sandbox ended with code ${code} before it was ready`)));
    createInterface({ input: stdout }).once('line', (line) => resolve(JSON.parse(line)));
  });
}
