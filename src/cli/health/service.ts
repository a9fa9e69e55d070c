import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { PACKAGE_ROOT, practiceEnvironment } from '../../config.ts';

const EXTENSION = extname(import.meta.filename);
const MAIN = join(PACKAGE_ROOT, EXTENSION === '.ts' ? 'src' : 'dist/src', `main${EXTENSION}`);
const LOOK_MS = 50;
const Asked = z.object({ job: z.string() });

/** `serve` in a process of its own, with the same Node settings as this one and the queue in its own process. */
export class ServedProcess {
  readonly headers: Record<string, string>;
  readonly #child: ChildProcess;
  #said = '';
  origin = '';

  private constructor(config: string, now: number, signal: AbortSignal) {
    const token = randomBytes(16).toString('hex');
    this.headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const { REDIS_URL: _, ...env } = practiceEnvironment();
    const args = [MAIN, 'serve', '--config', config, '--now', new Date(now).toISOString()];
    this.#child = spawn(process.execPath, [...process.execArgv, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...env, PULSEBACK_API_TOKEN: token },
      signal,
      killSignal: 'SIGTERM',
    });
    this.#child.on('error', () => {}); // stopped on purpose; whoever waits sees that it is over
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#said += chunk;
    });
  }

  /** @throws where it ends before it serves. */
  static async start(config: string, now: number, signal: AbortSignal): Promise<ServedProcess> {
    const service = new ServedProcess(config, now, signal);
    for (;;) {
      const origin = /Serving at (\S+);/.exec(service.#said)?.[1];
      if (origin) return Object.assign(service, { origin });
      service.alive();
      await sleep(LOOK_MS);
    }
  }

  /** @throws where it has ended. */
  alive(): void {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null)
      throw new Error(`the service ended with ${signalCode ?? exitCode}: ${this.#said.trim()}`);
  }

  /** Asks for a job. @returns its id. */
  async ask(kind: 'pull' | 'plan'): Promise<string> {
    const answer = await fetch(`${this.origin}/runs`, {
      method: 'POST',
      headers: this.headers,
      body: JSON.stringify({ kind }),
    });
    if (answer.status !== 202) throw new Error(`POST /runs answers ${answer.status}: ${await answer.text()}`);
    return Asked.parse(await answer.json()).job;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }
}
