import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Redis of one's own on a free port, which can go away and come back; its folder goes with it. */
export class PrivateRedis {
  readonly url: string;
  readonly #port: number;
  readonly #dir: string;
  #child: ChildProcess | null = null;

  private constructor(port: number, dir: string) {
    this.#port = port;
    this.#dir = dir;
    this.url = `redis://127.0.0.1:${port}`;
  }

  /** @throws where there is no `redis-server`, in one line that says what to install. */
  static async start(): Promise<PrivateRedis> {
    if (spawnSync('redis-server', ['--version']).error)
      throw new Error(
        'These tests need redis-server: run `apt-get install redis-server`, or install Redis from https://redis.io',
      );
    const redis = new PrivateRedis(await freePort(), mkdtempSync(join(tmpdir(), 'pulseback-redis-')));
    await redis.up();
    return redis;
  }

  async up(): Promise<void> {
    const settings = [
      '--port',
      `${this.#port}`,
      '--bind',
      '127.0.0.1',
      '--dir',
      this.#dir,
      '--appendonly',
      'yes',
      '--appendfsync',
      'always',
      '--save',
      '',
    ];
    const child = spawn('redis-server', settings, { stdio: 'ignore' });
    this.#child = child;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`);
      if (await answers(this.#port)) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** @param forget whether it loses all that it had */
  async down(forget = false): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child && child.exitCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    if (forget) rmSync(join(this.#dir, 'appendonlydir'), { recursive: true, force: true });
  }

  /** Open connections, this question's own apart. */
  async clients(): Promise<number> {
    const list = spawnSync('redis-cli', ['-p', `${this.#port}`, 'client', 'list'], { encoding: 'utf8' }).stdout;
    return list.trim().split('\n').length - 1;
  }

  async close(): Promise<void> {
    await this.down();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.end('PING\r\n'));
    socket.once('data', (data) => {
      socket.destroy();
      resolve(String(data).startsWith('+PONG'));
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
