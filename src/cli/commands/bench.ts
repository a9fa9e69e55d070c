import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openApp } from '../../app.ts';
import { environment, PACKAGE_ROOT } from '../../config.ts';
import { withRun } from '../../pipeline/run.ts';
import { sync } from '../../pipeline/sync.ts';
import { wholeNumber } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { EXIT } from '../io.ts';
import { sayPortfolio } from '../portfolio.ts';

interface BenchArguments {
  accounts: string;
  latency: string;
  perRecord: string;
  inFlight: string;
  usageDays: string;
  seed: string;
}

/** `bench sync`: a first sync, the sandbox in a process of its own, so that time and memory are the product's alone. */
export async function bench({ io, signal }: CommandContext, options: BenchArguments): Promise<number> {
  const latency = wholeNumber('--latency', options.latency);
  const perRecord = wholeNumber('--per-record', options.perRecord);
  const inFlight = wholeNumber('--in-flight', options.inFlight, 1);
  const dir = mkdtempSync(join(tmpdir(), 'pulseback-bench-'));
  io.note(`building a world with ${options.accounts} customers …`);
  const child = spawn(
    process.execPath,
    [
      join(PACKAGE_ROOT, 'src/main.ts'),
      'sandbox',
      '--crm-only',
      '--json',
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
    { stdio: ['ignore', 'pipe', 'inherit'], env: environment() },
  );
  try {
    const ready = await firstLine(child.stdout, child);
    const configPath = join(dir, 'pulseback.yaml');
    writeFileSync(configPath, String(ready.config));
    const app = await openApp({
      configPath,
      env: { ...environment(), ...(ready.env as Record<string, string>) },
      progress: io.progress(),
      signal,
    });
    try {
      const crm = app.crm();
      for await (const outcome of crm.provision.apply(await crm.provision.plan()))
        if (!outcome.ok) throw new Error(`set-up: ${outcome.reason ?? outcome.step}`);
      const before = app.calls.summary()[app.primary.connector.name] ?? { read: 0, write: 0 };
      const summary = await withRun(app, 'bench', async () => ({
        summary: {},
        value: await sync(app, true),
        ok: true,
      }));
      const after = app.calls.summary()[app.primary.connector.name] ?? { read: 0, write: 0 };
      const written = summary.write?.written ?? 0;
      const writeCalls = summary.write?.writeCalls ?? 0;
      // The floor: as many rounds as calls fit into the lanes, each as long as the vendor takes for one full call.
      const perCall = (latency + perRecord * Math.min(crm.writeBatch, written)) / 1000;
      const floor = Math.ceil(writeCalls / inFlight) * perCall;
      const seconds = { ...summary.seconds, write: summary.write?.fieldsSeconds ?? 0 };
      const rssMb = Math.round(process.resourceUsage().maxRSS / 1024);
      sayPortfolio(io, summary.score);
      const result = {
        accounts: summary.score.accounts,
        scored: summary.score.scored,
        written,
        rejected: summary.write?.rejected ?? 0,
        calls: { read: after.read - before.read, write: after.write - before.write },
        writeCalls,
        seconds,
        rssMb,
        writeFloorRatio: floor > 0 ? Math.round((seconds.write / floor) * 1000) / 1000 : null,
      };
      io.say(
        `\npull ${result.seconds.pull} s, score ${result.seconds.score} s, write ${result.seconds.write} s (${result.writeFloorRatio} × the floor); ${result.calls.read} reads, ${result.calls.write} writes; peak ${rssMb} MB`,
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

/** The sandbox's own JSON line: it is ready. */
async function firstLine(
  stdout: NodeJS.ReadableStream,
  child: ReturnType<typeof spawn>,
): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the sandbox ended with code ${code} before it was ready`)));
    createInterface({ input: stdout }).once('line', (line) => resolve(JSON.parse(line)));
  });
}
