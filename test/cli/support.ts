import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { Io } from '../../src/cli/io.ts';
import type { AccountScore } from '../../src/core/result.ts';

/** A folder of this test's own. */
export function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'pulseback-cli-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** An Io whose words can be read. */
export function heard(json = false): { io: Io; out: () => string; err: () => string } {
  const sink = () => {
    let text = '';
    const stream = new Writable({
      write(chunk, _encoding, done) {
        text += String(chunk);
        done();
      },
    });
    return { stream, text: () => text };
  };
  const [stdout, stderr] = [sink(), sink()];
  const io = new Io({ stdout: stdout.stream, stderr: stderr.stream, signal: new AbortController().signal }, json);
  return { io, out: stdout.text, err: stderr.text };
}

export const score = (over: Partial<AccountScore> = {}): AccountScore => ({
  account: '001A',
  name: 'Acme',
  asOf: Date.parse('2026-11-25T08:00:00Z'),
  model: 'm 1',
  modelHash: 'abc',
  segment: 'smb',
  points: 721_234,
  score: 72,
  band: 'yellow',
  trend: 'stable',
  change30: -5_000,
  confidence: 0.8,
  dimensions: [{ dimension: 'usage', label: 'Usage', weight: 1, score: 721_234 }],
  contributions: [],
  caps: [],
  flags: ['champion-left', 'single-threaded'],
  reasons: ['Active users fell.', 'Renewal 14 Jan.'],
  action: { code: 'check-in', text: 'Speak with Ann by Fri 27 Nov.', ownerRole: 'csm', why: 'quiet' },
  coverage: 'no support data',
  renewal: { on: '2027-01-14', daysAway: 50, arr: null, source: 'account field' },
  arr: { minor: 595_100, currency: 'GBP' },
  csmId: '005A',
  managerId: null,
  ownerId: null,
  ...over,
});
