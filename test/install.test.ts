import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const repo = new URL('..', import.meta.url).pathname;
type Packages = Record<string, { version: string; optional?: boolean; dev?: boolean }>;
const lock = (packages: Packages): string => JSON.stringify({ packages: { '': { version: '1.0.0' }, ...packages } });

/** A project with install.js and an npm that only notes how it was called. */
function project(npmExit = 0) {
  const root = mkdtempSync(join(tmpdir(), 'install-'));
  mkdirSync(join(root, 'src'));
  mkdirSync(join(root, 'bin'));
  copyFileSync(join(repo, 'src/install.js'), join(root, 'src/install.js'));
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'package-lock.json'), lock({ 'node_modules/a': { version: '1.0.0' } }));
  const npm = join(root, 'bin/npm');
  writeFileSync(npm, `#!/bin/sh\necho "npm says: $*"\npwd -P > "${root}/called"\nexit ${npmExit}\n`);
  chmodSync(npm, 0o755);
  const installed = (packages: Packages, ageSeconds: number): void => {
    mkdirSync(join(root, 'node_modules'), { recursive: true });
    const file = join(root, 'node_modules/.package-lock.json');
    writeFileSync(file, lock(packages));
    const lockAt = Date.now() / 1_000;
    utimesSync(join(root, 'package-lock.json'), lockAt, lockAt);
    utimesSync(file, lockAt - ageSeconds, lockAt - ageSeconds);
  };
  const run = (path = `${root}/bin:/usr/bin:/bin`) =>
    spawnSync(process.execPath, [join(root, 'src/install.js')], {
      encoding: 'utf8',
      cwd: dirname(root),
      env: { PATH: path },
    });
  return { root, run, installed, called: () => existsSync(join(root, 'called')) };
}

describe('install.js', () => {
  it('installs where node_modules is missing: one line first, everything on stderr, in the project folder', () => {
    const { root, run } = project();
    const { status, stdout, stderr } = run();
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toMatch(
      /^Installing packages, once \(node_modules is missing\): npm ci\nnpm says: ci --no-audit --no-fund --loglevel=error\n$/,
    );
    expect(readFileSync(join(root, 'called'), 'utf8').trim()).toBe(root);
  });

  it('is silent where nothing is to do', () => {
    const { run, installed, called } = project();
    installed({ 'node_modules/a': { version: '1.0.0' } }, -5);
    expect(run()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(called()).toBe(false);
  });

  it('does not install again because git touched the lockfile', () => {
    const { run, installed, called } = project();
    installed({ 'node_modules/a': { version: '1.0.0' } }, 60);
    expect(run()).toMatchObject({ status: 0, stderr: '' });
    expect(called()).toBe(false);
  });

  it.each<[string, Packages]>([
    ['another version', { 'node_modules/a': { version: '0.9.0' } }],
    ['a package less', {}],
    ['a package more', { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '1.0.0' } }],
  ])('installs where the lockfile is newer and names %s', (_, packages) => {
    const { run, installed, called } = project();
    installed(packages, 60);
    expect(run().status).toBe(0);
    expect(called()).toBe(true);
  });

  it('does not miss optional packages of other platforms', () => {
    const { root, run, installed, called } = project();
    const other = { 'node_modules/only-darwin': { version: '1.0.0', optional: true } };
    writeFileSync(join(root, 'package-lock.json'), lock({ 'node_modules/a': { version: '1.0.0' }, ...other }));
    installed({ 'node_modules/a': { version: '1.0.0' } }, 60);
    expect(run().status).toBe(0);
    expect(called()).toBe(false);
  });

  it('says what to do when npm fails or is absent, and exits 1', () => {
    const failing = project(7).run();
    expect(failing.status).toBe(1);
    expect(failing.stdout).toBe('');
    expect(failing.stderr).toMatch(/installation failed.*then run: npm ci/);
    const { root, run } = project();
    rmSync(join(root, 'bin/npm'));
    const absent = run(`${root}/bin`);
    expect(absent.status).toBe(1);
    expect(absent.stderr).toMatch(/npm could not be started .*Install Node\.js 20 or later/);
  });
});
