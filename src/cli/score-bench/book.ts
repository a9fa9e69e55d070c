import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PACKAGE_ROOT } from '../../config.ts';
import { toYaml } from '../../kit/yaml.ts';
import type { Progress } from '../../pipeline/progress.ts';
import { SOURCES } from './facts.ts';

const MAPPING = `version: 1
defaults: { timezone: UTC }
accounts:
  segment:
    - { key: enterprise, when: { field: Segment, is: Enterprise } }
    - { key: smb, when: { field: Segment, is: SMB } }
files:
  accounts: { kind: account, file: accounts.jsonl, account: id, fields: { name: name } }
`;

export interface Book {
  dir: string;
  model: string;
  accounts: number;
  seed: number;
  now: number;
  /** `tables`: also those that DuckDB reads; `past`: customers of two years, some of whom have left. */
  book: 'plain' | 'tables' | 'past';
}

/** A workspace of four sources that nothing is pulled from: their facts are stored by the bench itself. @returns how many */
export async function fillBook(
  book: Book,
  env: NodeJS.ProcessEnv,
  progress: Progress,
  signal: AbortSignal,
): Promise<number> {
  const { dir, model, accounts, seed, now } = book;
  const sources: Record<string, unknown> = {};
  for (const source of SOURCES) {
    mkdirSync(join(dir, source));
    writeFileSync(join(dir, source, 'mapping.yaml'), MAPPING);
    sources[source] = { connector: 'files', config: { path: join(dir, source) } };
  }
  const settings = {
    workspace: 'bench',
    currency: 'GBP',
    store: join(dir, 'bench.db'),
    model,
    sources,
  };
  writeFileSync(join(dir, 'pulseback.yaml'), toYaml(settings));
  const bar = progress.start('store facts');
  const args = [dir, `${accounts}`, `${seed}`, `${now}`, book.book];
  let facts = 0;
  await child('fill.ts', args, env, signal, (line) => {
    facts = Number(line);
    bar.update(facts);
  });
  bar.done(`${facts} facts`);
  return facts;
}

/** Runs a script of the bench in a process of its own. */
export async function child(
  script: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<void> {
  const path = join(PACKAGE_ROOT, 'src/cli/score-bench', script);
  const running = spawn(process.execPath, [path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
    signal,
  });
  const ended = new Promise<number | null>((resolve, reject) => running.on('error', reject).on('close', resolve));
  for await (const line of createInterface({ input: running.stdout })) onLine(line);
  const code = await ended;
  if (code !== 0) throw new Error(`${script} did not come to an end (exit code ${code})`);
}
