import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { holderName, isDead } from '../../src/pipeline/holder.ts';

/** A holder's name as the process of that number would bear it. */
const named = (pid: number | undefined): string => holderName().replace(`|${process.pid}|`, `|${pid}|`);
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const stateOf = (pid: number): string => /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '';

describe('the holder of a lease', () => {
  it('lives while its process does, also one that stands still', async () => {
    expect(isDead(holderName())).toBe(false);
    const child = spawn('sleep', ['60']);
    onTestFinished(() => void child.kill('SIGKILL'));
    child.kill('SIGSTOP');
    expect(isDead(named(child.pid))).toBe(false);
  });

  it('is dead once its process is gone', async () => {
    const child = spawn('sleep', ['60']);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isDead(named(child.pid))).toBe(true);
  });

  it.skipIf(process.platform !== 'linux')('is dead when it was killed, though nobody has collected it', async () => {
    // The shell becomes a process that knows nothing of its child and never asks how it ended.
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(String(line));
    expect(isDead(named(pid))).toBe(false);
    process.kill(pid, 'SIGKILL');
    while (stateOf(pid) !== 'Z') await sleep(10);
    process.kill(pid, 0); // its number is still taken
    expect(isDead(named(pid))).toBe(true);
  });

  it('may live where its number means nothing here', () => {
    expect(isDead('another-machine|999999999|x')).toBe(false);
    expect(isDead('')).toBe(false);
    expect(isDead(holderName().replace(`|${process.pid}|`, '|not a number|'))).toBe(false);
  });
});
