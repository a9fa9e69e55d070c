import { spawnSync } from 'node:child_process';
import { chromiumProgram } from './chromium.ts';
import { postgresPrograms } from './postgres.ts';

/**
 * Brings what tests need beside npm packages: redis-server, PostgreSQL, and Chromium with a font, from the system's packages, where they are missing and may be
 * installed. Where they may not, the tests that need it fail and say what to install; none is skipped.
 */
export default function install(): void {
  const missing = [
    ...(spawnSync('redis-server', ['--version']).error ? ['redis-server'] : []),
    ...(postgresPrograms() === null ? ['postgresql'] : []),
    ...(chromiumProgram() === null ? ['chromium', 'fonts-dejavu-core'] : []),
  ];
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).error) return;
  process.stderr.write(`Installing ${missing.join(', ')} for the tests …\n`);
  const apt = (...args: string[]) =>
    spawnSync('apt-get', args, { stdio: ['ignore', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  apt('update', '-qq');
  apt('install', '-y', '-qq', '--no-install-recommends', ...missing);
}
