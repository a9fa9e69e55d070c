// @ts-check
// Pre-step of npm scripts: installs what is missing, so that the README's two commands are all the set-up there is.
// Plain JavaScript for Node 18 and later, without dependencies: it runs before anything is installed. Never prints to stdout.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Why the installed packages do not match the lockfile; null where they do. Without a lockfile (an image) only their presence counts.
 * Time stamps decide first, since that is fast; git touches them, so contents decide after.
 * @param {string} root
 * @param {{ dev: boolean }} options whether development packages must be there too
 * @returns {string | null}
 */
export function outdated(root, { dev }) {
  const lockFile = join(root, 'package-lock.json');
  const installedFile = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(join(root, 'node_modules'))) return 'node_modules is missing';
  if (!existsSync(lockFile)) return null;
  if (!existsSync(installedFile)) return 'node_modules is incomplete';
  if (statSync(lockFile).mtimeMs <= statSync(installedFile).mtimeMs) return null;
  const wanted = packages(lockFile);
  const installed = packages(installedFile);
  for (const [path, entry] of Object.entries(wanted)) {
    const needed = path !== '' && !entry.optional && !entry.devOptional && (dev || !entry.dev);
    if (needed && installed[path]?.version !== entry.version) return `${path} is not at ${entry.version}`;
  }
  for (const [path, entry] of Object.entries(installed))
    if (wanted[path]?.version !== entry.version) return `${path} is not in package-lock.json`;
  return null;
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, dev?: boolean, optional?: boolean, devOptional?: boolean }>}
 */
function packages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
}

/** @param {string} text */
const say = (text) => process.stderr.write(`${text}\n`);

function install() {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const reason = outdated(root, { dev: true });
  if (reason === null) return 0;
  say(`Installing packages, once (${reason}): npm ci`);
  // File descriptor 2 twice: npm's own output must not mix with a command's result on stdout.
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (result.status === 0) return 0;
  if (result.error)
    say(
      `npm could not be started (${result.error.message}). Install Node.js 20 or later with npm, then run the command again.`,
    );
  else
    say('The installation failed; npm says why above. Check the network and the registry (npm ping), then run: npm ci');
  return 1;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) process.exitCode = install();
