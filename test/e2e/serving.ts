import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished } from 'vitest';
import { openApp } from '../../src/app.ts';
import type { SandboxOptions } from '../../src/cli/sandbox-host.ts';
import { openStore } from '../../src/store/open.ts';
import type { RunRecord } from '../../src/store/types.ts';
import { Loop } from './harness.ts';

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;
const TOKEN = 'a-token-of-sixteen-or-more';
export const NEVER = '0 0 1 1 *';

/** `serve` in a process of its own. */
export class Serving {
  out = '';
  err = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor(loop: Loop, env: Record<string, string> = {}, ...args: string[]) {
    const now = new Date(loop.host.world.now()).toISOString();
    this.#child = spawn(process.execPath, [MAIN, 'serve', '--config', loop.config, '--now', now, ...args], {
      env: { ...process.env, PULSEBACK_API_TOKEN: TOKEN, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.out += chunk));
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.err += chunk));
    this.#ended = once(this.#child, 'exit');
    onTestFinished(async () => {
      this.#child.kill('SIGKILL');
      await this.#ended;
    });
  }

  async says(what: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = what.exec(this.out);
      if (found) return found;
      if (this.#child.exitCode !== null) throw new Error(`ended with ${this.#child.exitCode}: ${this.out}${this.err}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async ask(path: string, init: RequestInit = {}): Promise<Response> {
    const [, origin] = await this.says(/Serving at (\S+);/);
    return fetch(`${origin}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    });
  }

  post(kind: string): Promise<Response> {
    return this.ask('/runs', { method: 'POST', body: JSON.stringify({ kind }) });
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    await this.#ended;
    return this.#child.exitCode;
  }
}

/** A business of 20 customers whose workspace is set up; nothing is scheduled but what is asked for. */
export async function world(
  schedule: Record<string, unknown>,
  settings: Record<string, unknown> = {},
  options: Partial<SandboxOptions> = {},
): Promise<Loop> {
  const loop = await Loop.start({ accounts: 20, usageDays: 30, ...options });
  onTestFinished(() => loop.close());
  const streams = Object.fromEntries((await streamsOf(loop)).map((name) => [name, NEVER]));
  loop.configure({ schedule: { sync: NEVER, reconcile: NEVER, streams, ...schedule }, api: { port: 0 }, ...settings });
  expect((await loop.run('setup', '--yes')).code).toBe(0);
  return loop;
}

export async function streamsOf(loop: Loop): Promise<string[]> {
  const app = await openApp({ configPath: loop.config });
  try {
    return app.sources.flatMap((s) => Object.keys(s.connector.streams(s.ctx)).map((stream) => `${s.name}.${stream}`));
  } finally {
    await app.close();
  }
}

export async function runsOf(loop: Loop): Promise<RunRecord[]> {
  const store = await openStore({ path: `${loop.dir}/pulseback.db` });
  try {
    return (await (await store.workspace('sandbox')).runs(100)).reverse();
  } finally {
    await store.close();
  }
}

/** No two runs were under way at one time. */
export function oneAtATime(runs: RunRecord[]): void {
  for (const [i, run] of runs.entries())
    if (i > 0)
      expect(run.startedAt, `run ${run.id}`).toBeGreaterThanOrEqual(runs[i - 1]?.endedAt ?? Number.POSITIVE_INFINITY);
}
