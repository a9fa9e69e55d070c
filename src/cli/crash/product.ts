import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PACKAGE_ROOT, practiceEnvironment } from '../../config.ts';

/** TypeScript in the work tree, JavaScript once built. */
const EXTENSION = extname(import.meta.filename);
const MAIN = join(PACKAGE_ROOT, EXTENSION === '.ts' ? 'src' : 'dist/src', `main${EXTENSION}`);
const PRELOAD = pathToFileURL(join(import.meta.dirname, `preload${EXTENSION}`)).href;
/** Hundreds of processes load the same modules: they need not be compiled each time. */
const CACHE = join(tmpdir(), 'pulseback-crash-modules');
const TOO_LONG_MS = 300_000;

export interface Start {
  args: string[];
  /** Goes to the preload module. */
  watch: Record<string, string>;
  env: Record<string, string>;
  signal: AbortSignal;
}

export interface Ended {
  /** It died where it should. */
  killed: boolean;
  code: number | null;
  err: string;
}

/** The unmodified product in a process of its own. */
export class Product {
  readonly #child: ChildProcess;
  readonly #ended: Promise<Ended>;
  #out = '';

  constructor({ args, watch, env, signal }: Start) {
    const preload = Object.keys(watch).length ? ['--import', `${PRELOAD}?${new URLSearchParams(watch)}`] : [];
    this.#child = spawn(process.execPath, [...preload, MAIN, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...practiceEnvironment(), NODE_COMPILE_CACHE: CACHE, ...env },
      timeout: TOO_LONG_MS,
      signal,
    });
    this.#ended = this.#end();
    this.#ended.catch(() => {}); // whoever waits for it is told; it may end before anybody does
  }

  async #end(): Promise<Ended> {
    let err = '';
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#out += chunk;
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      err += chunk;
    });
    const [code, by] = (await once(this.#child, 'close')) as [number | null, NodeJS.Signals | null];
    return { killed: by === 'SIGKILL', code, err };
  }

  /** Everything that it has said so far. */
  get said(): string {
    return this.#out;
  }

  get over(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Asks it to end. */
  stop(): void {
    this.#child.kill('SIGTERM');
  }

  /** At once, and only returns when nothing of it runs any more. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  ended(): Promise<Ended> {
    return this.#ended;
  }
}
