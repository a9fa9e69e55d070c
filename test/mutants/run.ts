/**
 * `npm run mutants`: makes each mistake of the list in a copy of the tree and expects a test to notice.
 *   --only NAME   mutants whose name contains NAME; may be repeated
 *   --in PATH     mutants of files below PATH (connectors/hubspot); may be repeated
 *   --seed N      another order
 *   --json        one object as the last line of stdout
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Lane } from './lane.ts';
import { type Mutant, mutated } from './mutant.ts';
import { MUTANTS } from './mutants.ts';

const LANES = Math.min(2, availableParallelism());
const lanes: Lane[] = [];

interface Line {
  name: string;
  file: string;
  why: string;
  result: 'killed' | 'survived' | 'broken';
  /** The test that killed it, or what is wrong. */
  by: string;
  seconds: number;
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    in: { type: 'string', multiple: true },
    seed: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const say = (text: string): void => void (values.json ? process.stderr : process.stdout).write(`${text}\n`);

/** The same order for the same seed. */
function shuffled<T>(items: T[], seed: number): T[] {
  const all = [...items];
  let state = seed >>> 0;
  for (let i = all.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const j = state % (i + 1);
    [all[i], all[j]] = [all[j] as T, all[i] as T];
  }
  return all;
}

function chosen(): Mutant[] {
  const { only, in: places } = values;
  const some = MUTANTS.filter(
    ({ name, file }) =>
      (!only || only.some((part) => name.includes(part))) &&
      (!places || places.some((place) => file.startsWith(place))),
  );
  if (some.length === 0) throw new Error(`no mutant fits ${[...(only ?? []), ...(places ?? [])].join(', ')}`);
  if (values.seed !== undefined && !/^\d+$/.test(values.seed)) throw new Error('--seed takes a whole number');
  return values.seed === undefined ? some : shuffled(some, Number(values.seed));
}

async function attempt(lane: Lane, mutant: Mutant): Promise<Line> {
  const started = performance.now();
  const verdict = await lane.try(mutant.file, mutated(mutant, lane.source(mutant.file)), mutant.tests);
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  const { name, file, why } = mutant;
  if (verdict.result === 'failed') return { name, file, why, result: 'killed', by: verdict.test, seconds };
  if (verdict.result === 'passed')
    return { name, file, why, result: 'survived', by: `${verdict.tests} tests noticed nothing`, seconds };
  return { name, file, why, result: 'broken', by: verdict.why, seconds };
}

async function main(dir: string): Promise<number> {
  const mutants = chosen();
  const misfits = mutants.flatMap((mutant) => {
    try {
      mutated(mutant);
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  });
  if (misfits.length > 0) {
    for (const text of misfits) say(text);
    return 1;
  }
  for (let i = 0; i < LANES; i++) lanes.push(new Lane(join(dir, String(i))));
  const tests = [...new Set(mutants.flatMap((m) => m.tests))].sort();
  const [first] = lanes;
  const sound = first ? await first.run(tests) : null;
  if (sound?.result !== 'passed') {
    say(
      `The tests must pass before the first mistake is made: ${sound?.result === 'failed' ? sound.test : sound?.why}`,
    );
    return 1;
  }
  say(
    `${tests.length} test files pass (${sound.tests} tests); now ${mutants.length} mistakes, each in a copy of the tree.`,
  );
  const waiting = [...mutants];
  const lines: Line[] = [];
  await Promise.all(
    lanes.map(async (lane) => {
      for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
        const line = await attempt(lane, mutant);
        lines.push(line);
        const word = line.result === 'killed' ? 'killed  ' : line.result.toUpperCase();
        say(
          `${word} ${line.name} (${line.seconds} s): ${line.by}${line.result === 'killed' ? '' : `\n         ${line.file}: ${line.why}`}`,
        );
      }
    }),
  );
  const killed = lines.filter((l) => l.result === 'killed').length;
  const survived = lines.length - killed;
  if (survived > 0)
    say('Strengthen the tests that a survivor names, or correct the mutant where it does not even load.');
  say(`${killed} killed, ${survived} survived`);
  if (values.json) process.stdout.write(`${JSON.stringify({ killed, survived, mutants: lines })}\n`);
  return survived > 0 ? 1 : 0;
}

const dir = mkdtempSync(join(tmpdir(), 'pulseback-mutants-'));
const clean = (): void => rmSync(dir, { recursive: true, force: true });
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    for (const lane of lanes) lane.stop();
    clean();
    process.exit(130);
  });
try {
  process.exitCode = await main(dir);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  clean();
}
