#!/usr/bin/env node
// @ts-check
// Entry of `npx pulseback`. Plain JavaScript for Node 18 and later, because it must be able to explain what is missing.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { outdated } from './install.js';

const NEEDED = /** @type {const} */ ([22, 18]); // runs TypeScript as it is
const MARK = 'pulseback-node'; // argv0 of the pinned Node, so that one that is too old itself is not started for ever

const here = dirname(fileURLToPath(import.meta.url));
const built = existsSync(join(here, 'main.js'));
const root = findRoot(here);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const tooOld = major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1]);
const pinned = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

const reason = outdated(root, { dev: false });
if (reason !== null)
  explain(`Packages are not installed as package-lock.json says (${reason}).`, `cd ${root} && npm ci`);
else if (!tooOld) await import(built ? './main.js' : './main.ts');
else if (process.argv0 !== MARK && existsSync(pinned)) handOver();
else
  explain(
    `Node ${NEEDED.join('.')} or later is needed; this is ${process.versions.node}.`,
    `cd ${root} && npm ci   (brings a Node 24 of its own), or install Node 24 from https://nodejs.org`,
  );

/** @param {string} what @param {string} run */
function explain(what, run) {
  process.stderr.write(`pulseback: ${what}\n  Run: ${run}\n`);
  process.exitCode = 2;
}

/** The same command under the Node that the project pins; exit code and signals pass through. */
function handOver() {
  const child = spawn(pinned, process.argv.slice(1), { argv0: MARK, stdio: 'inherit' });
  // A terminal sends Ctrl-C to both processes by itself; sent twice, it would mean "stop at once".
  const forward = process.stdin.isTTY ? ['SIGTERM', 'SIGHUP'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const name of forward) process.on(name, () => child.kill(/** @type {NodeJS.Signals} */ (name)));
  if (process.stdin.isTTY) process.on('SIGINT', () => {});
  child.on('error', (error) => explain(`${pinned} cannot be started (${error.message}).`, `cd ${root} && npm ci`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exitCode = code ?? 1;
    else {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
  });
}

/** @param {string} from */
function findRoot(from) {
  for (let folder = from; folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(join(folder, 'package.json'))) return folder;
  return dirname(from);
}
