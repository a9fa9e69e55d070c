import { spawnSync } from 'node:child_process';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** No call of its own leaves the machine: what a page asks for is then the page's. */
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A browser to look with: the one that CHROMIUM_PATH names, else the first that the path has; null = there is none. */
export const chromiumProgram = (): string | null =>
  [process.env.CHROMIUM_PATH, ...NAMES].find(
    (name): name is string => name !== undefined && name !== '' && !spawnSync(name, ['--version']).error,
  ) ?? null;

/** @throws where there is no browser, in one line that says what to install. */
export async function startChromium(): Promise<Browser> {
  const name = chromiumProgram();
  if (name === null)
    throw new Error('These tests need Chromium: run `apt-get install chromium`, or name the program in CHROMIUM_PATH');
  const executablePath = name.includes('/') ? name : spawnSync('which', [name], { encoding: 'utf8' }).stdout.trim();
  return chromium.launch({ executablePath, args: QUIET });
}
