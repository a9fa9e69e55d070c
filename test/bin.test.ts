import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, copyFileSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const repo = new URL('..', import.meta.url).pathname;

const MAIN = `
const [what] = process.argv.slice(2);
if (what === 'wait') { process.on('SIGTERM', () => { process.stdout.write(' stopped'); process.exit(130); }); setInterval(() => {}, 1000); }
if (what === 'die') process.kill(process.pid, 'SIGKILL');
const typed: string = JSON.stringify({ node: process.argv0, args: process.argv.slice(2) });
process.stdout.write(typed);
if (what === 'fail') process.exitCode = 3;
`;
/** Makes a Node believe that it is old, without the same for the processes that it starts. */
const old = (version: string): string[] => [
  '--import',
  `data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"${version}"}})`,
];

function project(options: { installed?: boolean; pinned?: string } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'bin-'));
  mkdirSync(join(root, 'src'));
  for (const file of ['bin.js', 'install.js']) copyFileSync(join(repo, 'src', file), join(root, 'src', file));
  writeFileSync(join(root, 'src/main.ts'), MAIN);
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'package-lock.json'), '{"packages":{"":{}}}');
  if (options.installed !== false) {
    mkdirSync(join(root, 'node_modules/node/bin'), { recursive: true });
    writeFileSync(join(root, 'node_modules/.package-lock.json'), '{"packages":{}}');
    if (options.pinned) symlinkSync(options.pinned, join(root, 'node_modules/node/bin/node'));
  }
  const bin = join(root, 'src/bin.js');
  const run = (args: string[], nodeArgs: string[] = []) =>
    spawnSync(process.execPath, [...nodeArgs, bin, ...args], { encoding: 'utf8' });
  return { root, bin, run };
}

describe('bin.js', () => {
  it('may be executed', () => accessSync(join(repo, 'src/bin.js'), constants.X_OK));

  it('runs the program with its arguments and exit code', () => {
    const { status, stdout, stderr } = project().run(['fail', '--json', 'a b']);
    expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
    expect(JSON.parse(stdout).args).toEqual(['fail', '--json', 'a b']);
  });

  it('says exactly what to run where packages are missing', () => {
    const { root, run } = project({ installed: false });
    expect(run([])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining(`Run: cd ${root} && npm ci\n`),
    });
  });

  it('hands over to the pinned Node where its own is too old', () => {
    const { run } = project({ pinned: process.execPath });
    const { status, stdout, stderr } = run(['fail', 'x y'], old('20.20.2'));
    expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({ node: 'pulseback-node', args: ['fail', 'x y'] });
  });

  it('explains and exits 2 where Node is too old and none is pinned', () => {
    for (const version of ['18.0.0', '20.20.2', '22.17.9']) {
      const { status, stdout, stderr } = project().run([], old(version));
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(new RegExp(`Node 22\\.18 or later is needed; this is ${version}[^]*Run: .*npm ci`));
    }
    expect(project().run([], old('22.18.0')).status).toBe(0);
  });

  it('passes a signal on to the pinned Node, and ends the way that it ends', async () => {
    const { bin, run } = project({ pinned: process.execPath });
    const child = spawn(process.execPath, [...old('20.20.2'), bin, 'wait'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      if (out === '') child.kill('SIGTERM');
      out += chunk;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(130);
    expect(out).toMatch(/ stopped$/);
    expect(run(['die'], old('20.20.2')).signal).toBe('SIGKILL');
  });

  it('runs a built program as it is', () => {
    const { root, bin, run } = project();
    writeFileSync(join(root, 'src/main.js'), 'process.stdout.write("built")');
    expect(run([]).stdout).toBe('built');
    expect(bin).toContain(root);
  });
});
