import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { runCli } from '../../src/cli/program.ts';
import { type SandboxHost, type SandboxOptions, startSandbox } from '../../src/cli/sandbox-host.ts';
import { sideOf } from './crm/index.ts';
import type { Person, Side } from './crm/side.ts';

export const DAY = 86_400_000;
export const HOUR = 3_600_000;
/** Every end-to-end world starts on this morning. */
export const START = Date.parse('2026-11-02T07:00:00Z');

export interface CliResult {
  code: number;
  /** The last line of stdout, parsed. */
  // biome-ignore lint/suspicious/noExplicitAny: each command's own shape, asserted by the test
  json: any;
  out: string;
  err: string;
}

/** Runs one command line in this process, as a person at the given instant would. */
export async function cli(args: string[], signal = new AbortController().signal): Promise<CliResult> {
  const sink = () => {
    const chunks: string[] = [];
    const stream = new Writable({
      write(chunk, _encoding, done) {
        chunks.push(String(chunk));
        done();
      },
    });
    return { stream, text: () => chunks.join('') };
  };
  const [stdout, stderr] = [sink(), sink()];
  const code = await runCli(args, { stdout: stdout.stream, stderr: stderr.stream, signal });
  const out = stdout.text();
  const last = out.trimEnd().split('\n').at(-1) ?? '';
  return { code, out, err: stderr.text(), json: last.startsWith('{') ? JSON.parse(last) : null };
}

/** A sandbox with a configuration that points at it. */
export class Loop {
  readonly host: SandboxHost;
  /** Its CRM, as seen from outside. */
  readonly side: Side;
  readonly dir: string;
  readonly config: string;

  private constructor(host: SandboxHost, dir: string, config: string) {
    this.host = host;
    this.side = sideOf(host.crmName);
    this.dir = dir;
    this.config = config;
  }

  static async start(options: Partial<SandboxOptions> = {}, settings: Record<string, unknown> = {}): Promise<Loop> {
    const dir = mkdtempSync(join(tmpdir(), 'pulseback-e2e-'));
    const host = await startSandbox({ accounts: 60, seed: 11, now: START, dir, usageDays: 120, ...options });
    const loop = new Loop(host, dir, join(dir, 'pulseback.yaml'));
    loop.configure(settings);
    return loop;
  }

  /** Rewrites pulseback.yaml: writing on and tasks started from day two, unless told otherwise. */
  configure(settings: Record<string, unknown>): void {
    writeFileSync(
      this.config,
      this.host.yaml({ write: { enabled: true }, tasks: { start: '2026-11-03' }, ...settings }),
    );
  }

  /** A command at the world's present instant. */
  run(...args: string[]): Promise<CliResult> {
    return cli([...args, '--json', '--config', this.config, '--now', new Date(this.host.world.now()).toISOString()]);
  }

  /** Somebody who works in the CRM beside us. */
  person(): Promise<Person> {
    return this.side.logIn(this.host);
  }

  async later(ms: number): Promise<void> {
    this.host.world.advance(ms);
    await this.host.export();
  }

  async close(): Promise<void> {
    await this.host.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
