import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { failureOf } from '../../src/cli/io.ts';
import { HeldError } from '../../src/contract/index.ts';
import { withRun } from '../../src/pipeline/run.ts';
import { memoryStore } from './book.ts';
import { deps } from './support.ts';

const ok = (value: string) => async () => ({ summary: { said: value }, value, ok: true });

describe('withRun', () => {
  it('keeps a record of what ran and how it ended', async () => {
    const store = await memoryStore();
    const set = { ...deps(), store };
    expect(await withRun(set, 'sync', ok('fine'))).toBe('fine');
    await withRun(set, 'pull', async () => ({ summary: {}, value: null, ok: false }));
    await expect(
      withRun(set, 'apply', async () => {
        throw new HeldError('too much', 'look');
      }),
    ).rejects.toThrow('too much');
    await expect(
      withRun(set, 'plan', async () => {
        throw new Error('broken');
      }),
    ).rejects.toThrow('broken');
    expect((await store.runs(9)).map((r) => [r.command, r.status, r.summary])).toEqual([
      ['plan', 'failed', { error: 'broken' }],
      ['apply', 'held', { error: 'too much' }],
      ['pull', 'failed', {}],
      ['sync', 'done', { said: 'fine' }],
    ]);
  });

  it('lets only one run at a workspace at a time: the other is held, exit 3, and does nothing', async () => {
    const set = { ...deps(), store: await memoryStore() };
    await withRun(set, 'sync', async () => {
      const second = withRun(set, 'sync', async () => expect.unreachable());
      await expect(second).rejects.toBeInstanceOf(HeldError);
      await second.catch((error: unknown) => expect(failureOf(error).exit).toBe(3));
      return { summary: {}, value: null, ok: true };
    });
    expect(await withRun(set, 'sync', ok('after'))).toBe('after');
    expect((await set.store.runs(9)).map((r) => r.status)).toEqual(['done', 'done']);
  });

  it('frees the lease after a failure too', async () => {
    const set = { ...deps(), store: await memoryStore() };
    const failing = async () => {
      throw new Error('broken');
    };
    await expect(withRun(set, 'sync', failing)).rejects.toThrow('broken');
    expect(await withRun(set, 'sync', ok('after'))).toBe('after');
  });

  it('is held by another living process, and goes on at once where that one was killed', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'pulseback-run-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const path = join(dir, 'store.db');
    const { openStore } = await import('../../src/store/open.ts');
    const other = spawn(process.execPath, [join(import.meta.dirname, 'holder-process.ts'), path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void other.kill('SIGKILL'));
    await new Promise((resolve) => other.stdout.once('data', resolve));
    const store = await openStore({ path });
    onTestFinished(() => store.close());
    const set = { ...deps(), store: await store.workspace('test') };
    await expect(withRun(set, 'sync', ok('never'))).rejects.toThrow('another pulseback process is running');
    const gone = new Promise((resolve) => other.once('exit', resolve));
    other.kill('SIGKILL');
    await gone;
    expect(await withRun(set, 'sync', ok('after'))).toBe('after');
    expect((await set.store.runs(9)).map((r) => r.status)).toEqual(['done', 'failed']);
  });
});
