import { describe, expect, it } from 'vitest';
import { check, MAX_LINES, tell } from './architecture/rules.ts';
import { readSources, scan } from './architecture/scan.ts';

const root = new URL('..', import.meta.url).pathname;
const checkText = (files: Record<string, string>) =>
  check(Object.entries(files).map(([path, text]) => scan(path, text)));

describe('the house rules', () => {
  it('hold in src and connectors', () => {
    const files = readSources(root.replace(/\/$/, ''), ['src', 'connectors']);
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap((f) => f.imports).length).toBeGreaterThan(files.length);
    const violations = check(files);
    expect(violations.length, `${violations.length} broken\n\n${violations.map(tell).join('\n\n')}\n`).toBe(0);
  });
});

/** One violation of each rule: [what the message must say, files, and optionally a twin that is allowed]. */
const FIXTURES: [string, RegExp, Record<string, string>, Record<string, string>?][] = [
  [
    'core imports a room',
    /src\/core imports only itself/,
    { 'src/core/a.ts': "import { x } from '../kit/x.ts';" },
    { 'src/core/a.ts': "import { x } from './x.ts';\nimport { z } from 'zod';" },
  ],
  ['core imports a package', /no package but zod/, { 'src/core/a.ts': "import { DateTime } from 'luxon';" }],
  ['core reads a file', /no package but zod/, { 'src/core/a.ts': "import { readFileSync } from 'node:fs';" }],
  [
    'core imports a type from outside',
    /src\/core imports only/,
    { 'src/core/a.ts': "import type { Log } from '../contract/index.ts';" },
  ],
  ['core re-exports from outside', /src\/core imports only/, { 'src/core/a.ts': "export { x } from '../store/x.ts';" }],
  ['core loads lazily', /src\/core imports only/, { 'src/core/a.ts': "const x = await import('../store/x.ts');" }],
  [
    'core names an imported type inline',
    /src\/core imports only/,
    { 'src/core/a.ts': "type X = import('../store/x.ts').X;" },
  ],
  [
    'core asks the clock',
    /no clock/,
    { 'src/core/a.ts': 'const t = Date.now();' },
    { 'src/core/a.ts': 'const t = new Date(0); // not Date.now()' },
  ],
  ['core rolls dice', /no clock, no randomness/, { 'src/core/a.ts': 'const t = Math.random();' }],
  [
    'contract imports the store',
    /src\/contract imports only core/,
    { 'src/contract/a.ts': "import type { S } from '../store/types.ts';" },
  ],
  [
    'kit imports http',
    /src\/kit imports only contract, core/,
    { 'src/kit/a.ts': "import { r } from '../http/redact.ts';" },
  ],
  [
    'a report asks the pipeline',
    /src\/report imports only core/,
    { 'src/report/a.ts': "import type { x } from '../pipeline/x.ts';" },
    { 'src/report/a.ts': "import type { x } from '../core/x.ts';\nimport { scaleLinear } from 'd3-scale';" },
  ],
  [
    'sentiment imports the store',
    /src\/sentiment imports only/,
    { 'src/sentiment/a.ts': "import type { S } from '../store/types.ts';" },
    { 'src/sentiment/a.ts': "import type { H } from '../http/client.ts';" },
  ],
  [
    'store imports pipeline',
    /src\/store imports only/,
    { 'src/store/a.ts': "import { r } from '../pipeline/pull.ts';" },
  ],
  [
    'pipeline imports the log',
    /src\/pipeline imports only/,
    { 'src/pipeline/a.ts': "import { makeLog } from '../log.ts';" },
    { 'src/pipeline/a.ts': "import type { Log } from '../contract/index.ts';" },
  ],
  [
    'pipeline imports code of the store',
    /types of the store only/,
    { 'src/pipeline/a.ts': "import { open, type Store } from '../store/open.ts';" },
    { 'src/pipeline/a.ts': "import { type Store, type Link } from '../store/types.ts';" },
  ],
  [
    'the world imports the product',
    /src\/sandbox imports only/,
    { 'src/sandbox/a.ts': "import { score } from '../pipeline/score.ts';" },
  ],
  ['app imports a command', /src\/app\.ts imports only/, { 'src/app.ts': "import { run } from './cli/program.ts';" }],
  [
    'a connector imports the store',
    /contract alone/,
    { 'connectors/files/a.ts': "import type { S } from '../../src/store/types.ts';" },
  ],
  [
    'a connector imports another',
    /none may break another/,
    { 'connectors/files/a.ts': "import { x } from '../other/x.ts';" },
  ],
  [
    'a connector imports the world',
    /contract alone/,
    { 'connectors/files/a.ts': "import type { World } from '../../src/sandbox/world.types.ts';" },
    { 'connectors/files/sandbox.ts': "import type { World } from '../../src/sandbox/world.types.ts';" },
  ],
  [
    'a connector imports its own sandbox',
    /server that tests it/,
    { 'connectors/files/a.ts': "import { rows } from './sandbox.ts';" },
  ],
  [
    'src names a connector folder',
    /name concrete connectors/,
    { 'src/cli/a.ts': "import { files } from '../../connectors/files/index.ts';" },
    { 'src/cli/a.ts': "import { connectors } from '../../connectors/index.ts';" },
  ],
  [
    'pipeline sees the connector map',
    /only the wiring/,
    { 'src/pipeline/a.ts': "import { connectors } from '../../connectors/index.ts';" },
  ],
  [
    'the program starts with the sandboxes',
    /loaded lazily/,
    {
      'src/main.ts': "import { x } from './cli/a.ts';",
      'src/cli/a.ts': "import { sandboxes } from '../../connectors/sandboxes.ts';",
    },
    {
      'src/main.ts': "const x = await import('./cli/a.ts');",
      'src/cli/a.ts': "import { sandboxes } from '../../connectors/sandboxes.ts';",
    },
  ],
  ['src says a vendor’s name', /says "salesforceId"/, { 'src/core/a.ts': 'const salesforceId = 1;' }],
  [
    'a comment says a vendor’s name',
    /says "HubSpot"/,
    { 'src/core/a.ts': '// as HubSpot does' },
    { 'src/core/a.ts': '// a stripe of paint, he said delighted' },
  ],
  [
    'a setting is read elsewhere',
    /only src\/config\.ts reads/,
    { 'src/store/a.ts': 'const x = process.env.HOME;' },
    { 'src/config.ts': 'const x = process.env.HOME;' },
  ],
  [
    'a setting is read in a template',
    /only src\/config\.ts reads/,
    { 'src/store/a.ts': ['const x = `$', '{process.env.HOME}`;'].join('') },
  ],
  ['a setting is taken apart', /only src\/config\.ts reads/, { 'connectors/files/a.ts': 'const { env } = process;' }],
  ['a setting is imported', /only src\/config\.ts reads/, { 'src/store/a.ts': "import { env } from 'node:process';" }],
  [
    'a stray line on stdout',
    /console is for/,
    { 'src/pipeline/a.ts': "console.log('x');" },
    { 'src/cli/a.ts': "console.log('x');" },
  ],
  [
    'an exit in the middle',
    /only src\/main\.ts calls/,
    { 'src/cli/a.ts': 'process.exit(1);' },
    { 'src/main.ts': 'process.exit(1);' },
  ],
  [
    'a second import of pino',
    /only src\/log\.ts imports pino/,
    { 'src/pipeline/a.ts': "import pino from 'pino';" },
    { 'src/log.ts': "import { pino } from 'pino';" },
  ],
  [
    'a package with two owners',
    /every package has one owner/,
    {
      'src/kit/a.ts': "import { parse } from 'csv-parse/sync';",
      'connectors/files/a.ts': "import { parse } from 'csv-parse';",
    },
    {
      'connectors/files/b.ts': "import { parse } from 'csv-parse/sync';",
      'connectors/files/a.ts': "import { parse } from 'csv-parse';",
    },
  ],
  [
    'a cycle of types',
    /closes the cycle src\/core\/a\.ts → src\/core\/b\.ts → src\/core\/a\.ts/,
    { 'src/core/a.ts': "import type { B } from './b.ts';", 'src/core/b.ts': "import type { A } from './a.ts';" },
    { 'src/core/a.ts': "import type { B } from './b.ts';", 'src/core/b.ts': "import type { C } from './c.ts';" },
  ],
  [
    'a file that is too long',
    /has 401 lines/,
    { 'src/core/a.ts': '\n'.repeat(MAX_LINES).concat('x') },
    { 'src/core/a.ts': '\n'.repeat(MAX_LINES - 1).concat('x\n') },
  ],
  ['an import of test code', /stay inside/, { 'src/kit/a.ts': "import { x } from '../../test/x.ts';" }],
  ['an import without its ending', /end in \.ts/, { 'src/kit/a.ts': "import { x } from './x';" }],
  ['a computed import', /name their module/, { 'src/cli/a.ts': 'const x = await import(name);' }],
];

describe('the checker', () => {
  it.each(FIXTURES)('catches: %s', (_, message, bad, good) => {
    const told = checkText(bad).map(tell).join('\n');
    expect(told).toMatch(message);
    expect(told).toMatch(/:\d+: .+\n {4}rule: .+\n {4}why: .+\n {4}instead: .+/);
    if (good) expect(checkText(good)).toEqual([]);
  });

  it('reads every form of import, on its line, and none that stands in a comment or string', () => {
    const text = [
      "import a from 'a';",
      "import type { B } from './b.ts';",
      "import {\n  type C,\n  type D,\n} from '../c.ts';",
      "import { type E, e } from '@scope/e/deep';",
      "import './side-effect.ts';",
      "export * from './g.ts';",
      "export type { H } from './h.ts';",
      "// import x from 'comment';",
      "/* import x from 'block'; */",
      'const s = "import x from \'string\';";',
      "const t = `\nimport x from 'template';\n`;",
      'const r = /[\'"]/; // a quote in a regular expression',
      "const late = await import('./late.ts');",
      "let typed: import('./typed.ts').T;",
      "export const from = 'value';",
    ].join('\n');
    expect(scan('src/x/file.ts', text).imports.map((i) => [i.line, i.target ?? i.pkg, i.typeOnly, i.dynamic])).toEqual([
      [1, 'a', false, false],
      [2, 'src/x/b.ts', true, false],
      [3, 'src/c.ts', true, false],
      [7, '@scope/e', false, false],
      [8, 'src/x/side-effect.ts', false, false],
      [9, 'src/x/g.ts', false, false],
      [10, 'src/x/h.ts', true, false],
      [18, 'src/x/late.ts', false, true],
      [19, 'src/x/typed.ts', true, true],
    ]);
  });
});
