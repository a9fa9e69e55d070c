import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli } from './e2e/harness.ts';

/** The README is the product's first promise: every command that it names is run here, in a copy of the checkout. */

const ROOT = join(import.meta.dirname, '..');
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const scripts: Record<string, string> = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts;
const ci = readFileSync(join(ROOT, '.ci/run'), 'utf8');

/** Commands in ```sh blocks, and those that sentences name. */
const blocks = [...readme.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].flatMap((m) => (m[1] ?? '').trim().split(/\n\s*/));
const named = [...readme.matchAll(/`((?:npx|npm) [^`\n]+)`/g)].map((m) => m[1] ?? '');
const commands = [...new Set([...blocks, ...named])];

/** In the order in which a newcomer meets them; `npx pulseback sandbox` comes first, since the rest needs an org. */
interface Step {
  command: string;
  /** Appended, so that a test is quick: fewer accounts than a newcomer gets. */
  smaller?: string;
  exit?: number;
  says: RegExp;
}
const STEPS: Step[] = [
  { command: 'npx pulseback init', says: /Wrote pulseback\.yaml/ },
  { command: 'npx pulseback init --crm hubspot', smaller: '--force', says: /HUBSPOT_TOKEN/ },
  {
    command: 'npx pulseback sandbox --write pulseback.yaml',
    smaller: '--accounts 30 --usage-days 60',
    says: /kept as pulseback\.yaml\.bak/,
  },
  { command: 'npx pulseback check', exit: 1, says: /Run `npx pulseback setup`/ },
  { command: 'npx pulseback setup', says: /Nothing was changed/ },
  { command: 'npx pulseback setup --yes', says: /\d+ done, 0 failed/ },
  { command: 'npx pulseback sync', says: /^Plan 1: 30 accounts to write/m },
  { command: 'npx pulseback plan show 1', says: /Health score +\(empty\) → \d+/ },
  { command: 'npx pulseback apply 1 --yes', says: /Written: 30 accounts in 1 call/ },
  { command: 'npx pulseback tasks start', says: /raised by every sync/ },
  {
    command: 'npx pulseback serve',
    smaller: '--for 4 --port 0',
    says: /Serving at http.*[\s\S]*only plans[\s\S]*Stopped\./,
  },
  {
    command: 'npm run serve:demo',
    smaller: '-- --for 20 --accounts 20',
    says: /20 accounts written in 1 call[\s\S]*Stopped after/,
  },
  { command: 'npx pulseback score --from ./exports --out scores.csv', says: /Wrote \d+ rows to scores\.csv/ },
  // So few days of use leave no horizon; test/e2e/backtest.test.ts has the figures.
  { command: 'npx pulseback backtest --from ./exports', says: /^Model five-dimension 1[\s\S]*^Outcome: /m },
  // In an org whose accounts keep no history nobody knows who had left.
  { command: 'npx pulseback model publish five-dimension', exit: 3, says: /^Below 1 floor\n {2}✗ five-dimension 1 /m },
  { command: 'npx pulseback model history', says: /^Live: five-dimension 1.*\n\nNothing has been published yet/m },
  {
    command: 'npx pulseback backtest --from ./exports --report backtest.html',
    says: /Wrote the report to backtest\.html/,
  },
  // Nobody left in so short a past, which it says and refuses; test/e2e/calibrate.test.ts has the figures.
  { command: 'npx pulseback calibrate --from ./exports --out proposal.yaml', exit: 2, says: /^exports +accounts/m },
  { command: 'npm run demo', smaller: '-- --accounts 30', says: /30 accounts read back from the CRM, 0 differ/ },
  {
    command: 'npm run demo -- --crm hubspot',
    smaller: '--accounts 30',
    says: /HubSpot[\s\S]*30 accounts read back from the CRM, 0 differ/,
  },
  {
    command: 'npm run -s demo -- --json',
    smaller: '--accounts 30',
    says: /"thirdRun":\{"written":0,"writeCalls":0,"tasks":0/,
  },
  {
    command: 'npm run -s bench -- sync --accounts 2000 --latency 20 --json',
    smaller: '--accounts 30 --usage-days 20', // the last of two options of one name counts
    says: /"written":30,.*"writeFloorRatio":/,
  },
  {
    command: 'npm run -s bench -- sync --crm hubspot --accounts 50000 --rate 190 --json',
    smaller: '--accounts 30 --usage-days 20',
    says: /"written":30,.*"writeCalls":1,.*"rateLimited":0/,
  },
  {
    command: 'npm run -s bench -- health --accounts 100000',
    smaller: '--accounts 60',
    says: /60 accounts, \d+ scored[\s\S]*\/healthz +\d+ requests, 0 failed/,
  },
  {
    command: 'npm run -s bench -- score --accounts 100000 --json',
    smaller: '--accounts 60',
    says: /"facts":3000,"accounts":60,.*"duckdbRatio":\d/,
  },
  {
    command: 'npm run -s bench -- backtest --accounts 50000 --dates 12 --json',
    smaller: '--accounts 60 --dates 2',
    says: /"accounts":60,"facts":\d+,"dates":\[.*"observations":1\d\d,/,
  },
  {
    command: 'npm run -s bench -- sentiment',
    smaller: '',
    says: /built-in +0\.\d\d +0\.\d\d/,
  },
];
/** They need a Docker engine; what they start is checked by test/image.test.ts. */
const DOCKER = ['docker compose up --build --detach'];
/** Not run here: they would run this test again, or are the CI's own steps. */
const ELSEWHERE: Record<string, string | null> = {
  'npm test': 'npm test',
  'npm run lint': 'npm run lint',
  'npm run typecheck': 'npm run typecheck',
  'npm run mutants': null, // test/mutants/*.test.ts prove its judge; the whole takes many minutes
};

describe('README', () => {
  it('names no command that is not run', () => {
    expect(commands.length).toBeGreaterThan(10);
    const known = [...STEPS.map((s) => s.command), ...Object.keys(ELSEWHERE), ...DOCKER];
    expect(commands.filter((c) => !known.includes(c))).toEqual([]);
    expect(known.filter((c) => !commands.includes(c))).toEqual([]);
  });

  it('starts with the two commands that are all the set-up there is', () => {
    expect(blocks.slice(0, 2)).toEqual(['npm run demo', 'npm test']);
    expect(ci).toContain('npm run demo -- --json');
  });

  it.each(Object.entries(ELSEWHERE))('%s is a script, and the CI runs what it should (%s)', (command, inCi) => {
    const script = command.replace(/^npm (run )?/, '');
    expect(scripts[script]).toBeDefined();
    const file = /node (\S+\.ts)/.exec(scripts[script] ?? '')?.[1];
    if (file) expect(existsSync(join(ROOT, file)), file).toBe(true);
    if (inCi !== null) expect(ci).toContain(inCi);
  });

  it('names only files and folders that exist', () => {
    const paths = [...readme.matchAll(/`((?:src|connectors|mappings|test)\/[\w./-]*)`/g)].map((m) => m[1] ?? '');
    expect(paths.length).toBeGreaterThan(5);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('lists exactly the commands that there are, with options that they know', async () => {
    const table = /\| command +\|[\s\S]*?\n\n/.exec(readme)?.[0] ?? '';
    const rows = table.trim().split('\n').slice(2);
    const listed = new Set(
      rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([a-z]+)/g)].map((m) => m[1])),
    );
    const help = (await cli(['--help'])).out;
    const real = [...help.matchAll(/^ {2}([a-z]+)\b.* {2}/gm)].map((m) => m[1]).filter((name) => name !== 'help');
    expect([...listed].sort()).toEqual(real.sort());
    for (const row of rows) {
      const [name = ''] = /`([a-z]+)/.exec(row)?.slice(1) ?? [];
      const known = (await cli([name, '--help'])).out;
      for (const [option] of row.matchAll(/--[a-z-]+/g)) expect(known, `${name} ${option}`).toContain(option);
    }
  });
});

describe('its commands, one after the other', () => {
  let dir: string;
  let sandbox: ChildProcess | null = null;

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'pulseback-readme-'));
    for (const part of ['src', 'connectors', 'mappings', 'test/bench/sentiment', 'package.json', 'package-lock.json'])
      cpSync(join(ROOT, part), join(dir, part), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
  });
  afterAll(async () => {
    if (sandbox?.pid) {
      const gone = new Promise((resolve) => sandbox?.once('exit', resolve));
      process.kill(-sandbox.pid, 'SIGTERM');
      await gone;
    }
    rmSync(dir, { recursive: true, force: true });
  });

  // Nothing may come from a registry: what runs is the checkout.
  const options = () => ({
    cwd: dir,
    env: { ...process.env, npm_config_offline: 'true', npm_config_update_notifier: 'false' },
  });

  it.each(STEPS)('$command', async ({ command, smaller = '', exit = 0, says }) => {
    const line = `${command} ${smaller}`.trim();
    if (command.includes('pulseback sandbox')) {
      sandbox = spawn('sh', ['-c', `exec ${line}`], {
        ...options(),
        detached: true,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      expect(await heardFrom(sandbox, /second terminal/)).toMatch(says);
      cpSync(join(dir, '.pulseback/sandbox/exports'), join(dir, 'exports'), { recursive: true });
      return;
    }
    const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { ...options(), encoding: 'utf8' });
    expect(status, stderr).toBe(exit);
    expect(stdout).toMatch(says);
    expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m); // a stack trace is a bug, never an answer
  });
});

/** What a process has said on stderr by the time it says `until`. */
function heardFrom(child: ChildProcess, until: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${text}`)));
    child.stderr?.on('data', (chunk) => {
      text += String(chunk);
      if (until.test(text)) resolve(text);
    });
  });
}
