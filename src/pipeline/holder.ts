import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A name for this process as holder of a lease, telling enough for another to see whether it still lives. */
export const holderName = (): string => [place(), process.pid, randomUUID()].join(SEPARATOR);

const SEPARATOR = '|';

/** Where process ids mean the same: containers may share a host's name, but not its numbers. */
function place(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname(); // no Linux: the machine has one numbering
  }
}

/** Whether a holder's process is surely gone. One of another machine may live, whatever its number is here. */
export function isDead(holder: string): boolean {
  const [where, pid] = holder.split(SEPARATOR);
  if (where !== place() || !/^\d+$/.test(pid ?? '')) return false;
  try {
    process.kill(Number(pid), 0); // asks only
    return isZombie(Number(pid));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'; // EPERM: it lives, under another user
  }
}

/** Killed, but not yet collected by its parent: containers often have nobody that does. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function isZombie(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return /^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false; // no Linux, or it ended meanwhile: the next look tells
  }
}
