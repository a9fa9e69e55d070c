import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wholeNumber } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import { writeBook } from '../health/book.ts';
import { type Phase, watch } from '../health/phase.ts';
import type { Latency } from '../health/probe.ts';
import { ServedProcess } from '../health/service.ts';
import { EXIT } from '../io.ts';

interface HealthArguments {
  accounts: string;
  seed: string;
}

/**
 * `bench health`: whether a service answers while it works. The real `serve` in a process of its own pulls a book of accounts, then
 * matches, scores and plans it, both asked for over HTTP; all the while `/healthz` is asked every 20 ms.
 */
export async function benchHealth({ io, now, signal }: CommandContext, options: HealthArguments): Promise<number> {
  const customers = wholeNumber('--accounts', options.accounts, 1);
  const seed = wholeNumber('--seed', options.seed);
  const dir = mkdtempSync(join(tmpdir(), 'pulseback-health-'));
  try {
    const at = now();
    io.note(`writing exports of ${customers} customers …`);
    const config = await writeBook({ dir, customers, seed, now: at });
    const service = await ServedProcess.start(config, at, signal);
    try {
      io.note('the service pulls them …');
      const pull = await watch(service, 'pull', signal);
      io.note('the service matches, scores and plans …');
      const plan = await watch(service, 'plan', signal);
      const bands = Object.values(plan.summary.bands ?? {}).reduce((sum, n) => sum + n, 0);
      const notScored = plan.summary.notScored ?? 0;
      const result = {
        accounts: bands + notScored,
        scored: bands,
        seconds: plan.seconds,
        ...plan.healthz,
        proberMs: plan.proberMs,
        readyz: plan.readyz,
        metrics: plan.metrics,
        rssMb: Math.max(pull.rssMb, plan.rssMb),
        pull: {
          seconds: pull.seconds,
          ...pull.healthz,
          proberMs: pull.proberMs,
          readyz: pull.readyz,
          metrics: pull.metrics,
        },
      };
      io.say(`${result.accounts} accounts, ${result.scored} scored; peak ${result.rssMb} MB`);
      sayPhase(io.say.bind(io), 'pull', pull);
      sayPhase(io.say.bind(io), 'match, score, plan', plan);
      io.result(result);
      return EXIT.done;
    } finally {
      await service.stop();
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function sayPhase(say: (text: string) => void, title: string, phase: Phase): void {
  const line = (path: string, { requests, failed, p50, p99, max, over100 }: Latency): string =>
    `  ${path.padEnd(9)} ${requests} requests, ${failed} failed; p50 ${p50} ms, p99 ${p99} ms, max ${max} ms; ${over100} over 100 ms`;
  say(`${title}: ${phase.seconds} s`);
  say(line('/healthz', phase.healthz));
  say(line('/readyz', phase.readyz));
  say(line('/metrics', phase.metrics));
  say(`  whoever asked was itself late by up to ${phase.proberMs} ms`);
}
