import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { ROOT } from './mutant.ts';

const COPIED = ['src', 'connectors', 'mappings', 'test', 'package.json', 'tsconfig.json'];
/** A mutant that runs for ever is killed as well. */
const TEST_TIMEOUT_MS = 20_000;
const RUN_TIMEOUT_MS = 120_000;

const Report = z.object({
  numPassedTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(''),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

export type Verdict =
  | { result: 'passed'; tests: number }
  /** `test` = the first that failed, "pull.test.ts › a pull reaches back". */
  | { result: 'failed'; test: string }
  /** No test ran: the tree does not even load, which proves nothing about the tests. */
  | { result: 'broken'; why: string };

/** A copy of the tree in which one mutant at a time is tried; the work tree itself is never touched. */
export class Lane {
  readonly #dir: string;
  readonly #tree: string;
  #child: ChildProcess | null = null;

  constructor(dir: string) {
    this.#dir = dir;
    this.#tree = join(dir, 'tree');
    mkdirSync(this.#tree, { recursive: true });
    for (const name of COPIED) cpSync(join(ROOT, name), join(this.#tree, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(this.#tree, 'node_modules'));
    const shared = resolve(ROOT, '../shared');
    if (existsSync(shared)) symlinkSync(shared, join(dir, 'shared')); // where tests look for it
  }

  source(file: string): string {
    return readFileSync(join(this.#tree, file), 'utf8');
  }

  /** Runs tests with one file replaced, and puts it back. */
  async try(file: string, content: string, tests: string[]): Promise<Verdict> {
    const path = join(this.#tree, file);
    const original = readFileSync(path);
    writeFileSync(path, content);
    try {
      return await this.run(tests);
    } finally {
      writeFileSync(path, original);
    }
  }

  async run(tests: string[]): Promise<Verdict> {
    const report = join(this.#dir, 'report.json');
    rmSync(report, { force: true });
    const { output, timedOut } = await this.#vitest([
      ...['run', '--config', 'test/vitest.config.ts', '--bail', '1', '--maxWorkers', '1'],
      ...['--testTimeout', String(TEST_TIMEOUT_MS), '--hookTimeout', String(TEST_TIMEOUT_MS)],
      ...['--reporter', 'json', '--outputFile', report],
      ...tests,
    ]);
    if (timedOut) return { result: 'failed', test: `no end within ${RUN_TIMEOUT_MS / 1000} s` };
    if (!existsSync(report)) return { result: 'broken', why: output.trim().slice(-400) };
    return verdict(JSON.parse(readFileSync(report, 'utf8')));
  }

  /** For a run that is stopped: nothing is left running in a tree that is about to go. */
  stop(): void {
    this.#child?.kill('SIGKILL');
  }

  #vitest(args: string[]): Promise<{ output: string; timedOut: boolean }> {
    return new Promise((done, fail) => {
      const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', ...args], {
        cwd: this.#tree,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      this.#child = child;
      let output = '';
      let timedOut = false;
      const clock = setTimeout(() => {
        timedOut = true;
        child.kill('SIGKILL');
      }, RUN_TIMEOUT_MS);
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
      child.on('error', fail);
      child.on('close', () => {
        clearTimeout(clock);
        this.#child = null;
        done({ output, timedOut });
      });
    });
  }
}

function verdict(json: unknown): Verdict {
  const { numPassedTests, testResults } = Report.parse(json);
  for (const file of testResults) {
    const failed = file.assertionResults.find((a) => a.status === 'failed');
    if (failed) return { result: 'failed', test: `${file.name.split('/').at(-1)} › ${failed.fullName}` };
  }
  const unloaded = testResults.find((f) => f.status === 'failed');
  if (unloaded) return { result: 'broken', why: unloaded.message.slice(0, 400) };
  if (numPassedTests === 0) return { result: 'broken', why: 'no test ran' };
  return { result: 'passed', tests: numPassedTests };
}
