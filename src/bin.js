#!/usr/bin/env node
// @ts-check
// Entry of `npx pulseback`. Plain JavaScript for Node 18 and later, because it must be able to explain what is missing.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { outdated } from './install.js';

const NEEDED = /** @type {const} */ ([22, 18]); // runs TypeScript as it is
const MARK = 'pulseback-node'; // argv0 of the Node that this file has started, so that it is not started for ever
/**
 * Keep the process small: V8 by itself lets garbage grow to several times the live heap (measured while syncing 10,000 accounts: 50 MB
 * live, 250 MB held), and glibc gives each thread an arena of its own. Unlike a heap limit, this never fails a larger book.
 */
const SMALL = ['--max-semi-space-size=2', '--heap-growing-percent=10'];

const here = dirname(fileURLToPath(import.meta.url));
const built = existsSync(join(here, 'main.js'));
const root = findRoot(here);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const tooOld = major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1]);
const pinned = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

const reason = outdated(root, { dev: false });
if (reason !== null)
  explain(`Packages are not installed as package-lock.json says (${reason}).`, `cd ${root} && npm ci`);
else if (!tooOld && process.argv0 === MARK) {
  // Whoever kills the command means this process too.
  process.on('disconnect', () => process.exit(1));
  process.channel?.unref();
  await import(built ? './main.js' : './main.ts');
} else if (process.argv0 !== MARK && (!tooOld || existsSync(pinned))) handOver(tooOld ? pinned : process.execPath);
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

/**
 * The same command under a Node that is new enough, told to stay small; exit code and signals pass through.
 * @param {string} node
 */
function handOver(node) {
  // Big blocks go back to the system when they are freed (237 MB instead of 256). What was compiled once starts in half the time, and without the memory that compiling takes.
  const cache = join(root, 'node_modules', '.cache', 'pulseback');
  const env = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '262144', NODE_COMPILE_CACHE: cache, ...process.env };
  const child = spawn(node, [...SMALL, ...process.argv.slice(1)], {
    argv0: MARK,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env,
  });
  // A terminal sends Ctrl-C to both processes by itself; sent twice, it would mean "stop at once".
  const forward = process.stdin.isTTY ? ['SIGTERM', 'SIGHUP'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const name of forward) process.on(name, () => child.kill(/** @type {NodeJS.Signals} */ (name)));
  if (process.stdin.isTTY) process.on('SIGINT', () => {});
  child.on('error', (error) => explain(`${node} cannot be started (${error.message}).`, `cd ${root} && npm ci`));
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
