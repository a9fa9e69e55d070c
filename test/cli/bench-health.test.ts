import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { latencyOf, Probe } from '../../src/cli/health/probe.ts';
import { cli } from '../e2e/harness.ts';

it('bench health: the served book is scored to the last account, and every question is answered', async () => {
  const { code, json, err } = await cli(['bench', 'health', '--accounts', '300', '--json']);
  expect(code, err).toBe(0);
  expect(json).toMatchObject({ accounts: 300, failed: 0, pull: { failed: 0 } });
  const { scored, requests, p50, p99, max, over100, seconds, rssMb, readyz, metrics, pull } = json;
  expect(scored).toBeGreaterThan(200);
  expect(scored).toBeLessThanOrEqual(300);
  expect(rssMb).toBeGreaterThan(20);
  expect(seconds).toBeGreaterThan(0);
  expect(requests).toBeGreaterThan(0);
  expect(pull.requests).toBeGreaterThan(0);
  expect(p50).toBeLessThanOrEqual(p99);
  expect(p99).toBeLessThanOrEqual(max);
  expect(over100 > 0).toBe(max > 100);
  expect([readyz.failed, metrics.failed]).toEqual([0, 0]);
}, 60_000);

it('bench health says what is wrong with its arguments', async () => {
  const { code, err } = await cli(['bench', 'health', '--accounts', 'many']);
  expect([code, err]).toEqual([2, expect.stringMatching(/--accounts many: expected a whole number/)]);
});

it('percentiles are answers that were measured', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i + 0.04);
  expect(latencyOf(hundred, 2)).toEqual({ requests: 102, failed: 2, p50: 50, p99: 99, max: 100, over100: 1 });
  expect(latencyOf([7], 0)).toEqual({ requests: 1, failed: 0, p50: 7, p99: 7, max: 7, over100: 0 });
  expect(latencyOf([], 3)).toEqual({ requests: 3, failed: 3, p50: 0, p99: 0, max: 0, over100: 0 });
});

it('a probe counts what is refused as failed, and goes on asking while an answer is late', async () => {
  let asked = 0;
  let release = (): void => {};
  const late = new Promise<void>((resolve) => {
    release = resolve;
  });
  const server = createServer(async (_req, res) => {
    asked += 1;
    if (asked === 1) await late;
    res.statusCode = asked === 2 ? 503 : 200;
    res.end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  const probe = new Probe(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 5);
  while (asked < 4) await sleep(5); // would never come if the first were waited for
  release();
  await probe.stop();
  const { requests, failed } = probe.latency();
  expect(requests).toBe(asked);
  expect(failed).toBe(1);
  expect(probe.last).toBe('ok');
});
