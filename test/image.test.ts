import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadYaml } from '../src/kit/yaml.ts';
import { cli } from './e2e/harness.ts';

/** No Docker engine here: what an engine would be told is read and checked against the product. */

const ROOT = join(import.meta.dirname, '..');
const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
const Service = z.looseObject({
  user: z.string(),
  read_only: z.boolean(),
  healthcheck: z.looseObject({ test: z.array(z.string()) }),
  volumes: z.array(z.string()),
  ports: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  env_file: z.array(z.string()).default([]),
  command: z.array(z.string()).default([]),
});
const compose = loadYaml(join(ROOT, 'compose.yaml'), z.looseObject({ services: z.record(z.string(), Service) }));

describe('the image', () => {
  it('runs `serve` with options that there are, as an ordinary user', async () => {
    const args: unknown = JSON.parse(/^CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? 'null');
    const [command, ...options] = z.array(z.string()).parse(args);
    expect(command).toBe('serve');
    const help = (await cli(['serve', '--help'])).out;
    for (const option of options.filter((o) => o.startsWith('--'))) expect(help).toContain(option);
    const [last] = dockerfile.split(/^FROM /m).slice(-1);
    expect(last).toMatch(/^USER node$/m);
    expect(dockerfile.match(/^FROM /gm)).toHaveLength(2);
  });
});

describe('compose.yaml', () => {
  it('runs every service as an ordinary user on a read-only disk, watched, with its data on a volume', () => {
    expect(Object.keys(compose.services).sort()).toEqual(['postgres', 'pulseback', 'redis']);
    for (const service of Object.values(compose.services)) {
      expect(service.user).not.toBe('root');
      expect(service.read_only).toBe(true);
      expect(service.healthcheck.test[0]).toBe('CMD');
      expect(service.volumes.some((v) => /^\w+:(\/data|\/var\/lib\/postgresql\/data)$/.test(v))).toBe(true);
    }
  });

  it('keeps Redis inside and its jobs on disk; secrets come from a file of their own', () => {
    const { pulseback, redis } = compose.services;
    expect(pulseback?.environment.REDIS_URL).toBe('redis://redis:6379');
    expect(pulseback?.env_file).toEqual(['.env']);
    expect(readFileSync(join(ROOT, '.gitignore'), 'utf8').split('\n')).toContain('.env');
    expect(redis?.ports).toEqual([]);
    expect(redis?.command.join(' ')).toContain('--appendonly yes --maxmemory-policy noeviction');
  });

  it('starts PostgreSQL only when it is asked for, inside, and never with a password of ours', () => {
    const { pulseback, postgres } = compose.services;
    expect(postgres).toMatchObject({ profiles: ['postgres'], ports: [] });
    expect(postgres?.environment.POSTGRES_PASSWORD).toBe('$'.concat('{POSTGRES_PASSWORD:-}'));
    expect(pulseback?.environment).not.toHaveProperty('DATABASE_URL');
    expect(pulseback?.depends_on).toMatchObject({ postgres: { required: false } });
  });

  it('publishes the port that `serve` listens on, on loopback only', () => {
    const port = /^EXPOSE (\d+)$/m.exec(dockerfile)?.[1];
    expect(compose.services.pulseback?.ports).toEqual([`127.0.0.1:${port}:${port}`]);
    expect(compose.services.pulseback?.healthcheck.test.join(' ')).toContain(`:${port}/readyz`);
  });
});
