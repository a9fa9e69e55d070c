import { spawnSync } from 'node:child_process';

/**
 * Brings what tests need beside npm packages: a redis-server, from the system's packages, where it is missing and may be installed.
 * Where it may not, the tests that need it fail and say what to install; none is skipped.
 */
export default function install(): void {
  if (!spawnSync('redis-server', ['--version']).error) return;
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).error) return;
  process.stderr.write('Installing redis-server for the tests …\n');
  const apt = (...args: string[]) =>
    spawnSync('apt-get', args, { stdio: ['ignore', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  apt('update', '-qq');
  apt('install', '-y', '-qq', '--no-install-recommends', 'redis-server');
}
