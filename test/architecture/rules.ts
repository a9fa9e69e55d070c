import { type Import, lineAt, type SourceFile } from './scan.ts';

/** A broken rule, told so that its author learns what to do. */
export interface Violation {
  rule: string;
  file: string;
  line: number;
  what: string;
  why: string;
  instead: string;
}

export const tell = (v: Violation): string =>
  `${v.file}:${v.line}: ${v.what}\n    rule: ${v.rule}\n    why: ${v.why}\n    instead: ${v.instead}`;

/** The room of a file: "core", "cli", "main.ts", or "connectors/NAME" for a connector's folder. */
export function roomOf(path: string): string {
  const [top = '', second = ''] = path.split('/');
  return top === 'src' ? second : `${top}/${second}`;
}
const isConnector = (room: string): boolean => room.startsWith('connectors/') && !room.endsWith('.ts');
const isSandbox = (path: string): boolean => /^connectors\/[^/]+\/sandbox(\.ts$|\/)/.test(path);

/** Room → rooms of src that it may import, itself apart. `cli` and later ones are wiring and may use more. */
const MAY_IMPORT: Record<string, { rooms: string[]; why: string; instead: string }> = {
  core: {
    rooms: [],
    why: 'core is pure, so that every score can be computed again for any past date and tested without a machine around it',
    instead: 'pass the value in as an argument, or move the effect to src/pipeline',
  },
  contract: {
    rooms: ['core'],
    why: 'the contract is all that a connector author reads; it must not pull the application in',
    instead: 'put shared types into src/core, and behaviour behind Ctx',
  },
  kit: {
    rooms: ['contract', 'core'],
    why: 'kit is small pure helpers, usable from any room above the contract',
    instead: 'move what needs more than types and errors to src/http or src/pipeline',
  },
  http: {
    rooms: ['contract', 'core', 'kit'],
    why: 'the HTTP client knows calls, not the business',
    instead: 'hand the client what it needs as an argument',
  },
  'log.ts': {
    rooms: ['contract', 'http', 'kit'],
    why: 'logging stands below everything that logs',
    instead: 'pass values to the log call',
  },
  'config.ts': {
    rooms: ['contract', 'core', 'kit'],
    why: 'configuration is read before anything is built',
    instead: 'build it in src/app.ts from the configuration',
  },
  store: {
    rooms: ['contract', 'core', 'kit'],
    why: 'the store keeps what the pipeline decides, and knows nothing of connectors or rules of the run',
    instead: 'move the decision to src/pipeline and give the store a method',
  },
  pipeline: {
    rooms: ['contract', 'core', 'kit', 'store'],
    why: 'steps receive store, connector, clock and log as arguments, so that jobs, API and tests call the same functions',
    instead: 'take it as an argument; src/app.ts is where it is built',
  },
  sandbox: {
    rooms: ['contract', 'core', 'kit', 'http'],
    why: 'the world and the server kit must not depend on the product that they test',
    instead: 'compute the expected value from the world itself',
  },
  jobs: {
    rooms: ['contract', 'core', 'kit', 'store', 'pipeline'],
    why: 'jobs run pipeline steps',
    instead: 'wire it in src/app.ts',
  },
  api: {
    rooms: ['contract', 'core', 'kit', 'store', 'pipeline', 'jobs'],
    why: 'the API reads and enqueues',
    instead: 'wire it in src/app.ts',
  },
  'app.ts': {
    rooms: ['contract', 'core', 'kit', 'http', 'store', 'pipeline', 'jobs', 'api', 'config.ts', 'log.ts'],
    why: 'the composition root builds things and has no logic; commands call it, not the other way round',
    instead: 'move the logic to src/pipeline, or the command to src/cli',
  },
};

const layers: Rule = (file) => {
  const room = roomOf(file.path);
  const allowed = MAY_IMPORT[room];
  if (!allowed || !file.path.startsWith('src/')) return [];
  return file.imports.flatMap((i) => {
    if (i.target === null || i.target.startsWith('connectors/')) return [];
    const target = i.target.startsWith('src/') ? roomOf(i.target) : i.target;
    if (target === room || allowed.rooms.includes(target)) return [];
    const may = [...allowed.rooms, 'itself'].join(', ');
    return [found(file, i, `src/${room} imports only ${may}`, `imports ${i.target}`, allowed.why, allowed.instead)];
  });
};

const packages: Rule = (file) => {
  const room = roomOf(file.path);
  const only = room === 'core' || room === 'contract' ? ['zod'] : null;
  if (!only || !file.path.startsWith('src/')) return [];
  const why = 'core and contract stay pure and small: no I/O, no clock, no library that a connector author must learn';
  return file.imports
    .filter((i) => i.pkg !== null && !only.includes(i.pkg))
    .map((i) =>
      found(
        file,
        i,
        `src/${room} imports no package but zod`,
        `imports ${i.pkg}`,
        why,
        'use it in src/kit or src/pipeline and pass the result in',
      ),
    );
};

const storeTypes: Rule = (file) => {
  if (roomOf(file.path) !== 'pipeline' || !file.path.startsWith('src/')) return [];
  return file.imports
    .filter((i) => i.target?.startsWith('src/store/') && !i.typeOnly)
    .map((i) =>
      found(
        file,
        i,
        'src/pipeline imports types of the store only',
        `imports code of ${i.target}`,
        'a step that opens its own store cannot be tested or run in two workspaces',
        'write `import type`, and take the store as an argument',
      ),
    );
};

const CONNECTOR_MAY = ['contract', 'core', 'http', 'kit'];
const connectors: Rule = (file) => {
  const room = roomOf(file.path);
  if (!isConnector(room)) return [];
  const may = isSandbox(file.path) ? [...CONNECTOR_MAY, 'sandbox'] : CONNECTOR_MAY;
  return file.imports.flatMap((i) => {
    if (i.target === null) return [];
    const rule = `a connector imports only its own folder, src/{${CONNECTOR_MAY.join(',')}}, its SDK and, in sandbox.ts only, src/sandbox`;
    const other = roomOf(i.target);
    if (other === room) {
      if (!isSandbox(i.target) || isSandbox(file.path)) return [];
      const why = 'the product must not depend on the server that tests it';
      return [
        found(file, i, rule, `imports its sandbox ${i.target}`, why, 'move what both need to a file beside them'),
      ];
    }
    if (i.target.startsWith('src/') && may.includes(other)) return [];
    if (i.target.startsWith('src/'))
      return [
        found(
          file,
          i,
          rule,
          `imports ${i.target}`,
          'connectors are written against the contract alone, so that a newcomer reads 200 lines',
          'use what Ctx gives (log, attempt, state, fields); extend Ctx if it lacks something',
        ),
      ];
    return [
      found(
        file,
        i,
        rule,
        `imports ${i.target}`,
        'connectors come and go one by one; none may break another',
        'move what both need to src/kit or src/http',
      ),
    ];
  });
};

const REGISTRIES = ['connectors/index.ts', 'connectors/sandboxes.ts'];
const registry: Rule = (file) => {
  if (!file.path.startsWith('src/')) return [];
  const room = roomOf(file.path);
  const wiring = ['app.ts', 'cli', 'main.ts', 'config.ts'].includes(room);
  return file.imports.flatMap((i) => {
    if (!i.target?.startsWith('connectors/')) return [];
    if (!REGISTRIES.includes(i.target))
      return [
        found(
          file,
          i,
          'only connectors/index.ts and connectors/sandboxes.ts name concrete connectors',
          `imports ${i.target}`,
          'adding a source is a folder and one line, never an edit in src',
          'look the connector up in connectors/index.ts by its configured name',
        ),
      ];
    if (wiring) return [];
    return [
      found(
        file,
        i,
        'only the wiring (app, cli) sees the connector map',
        `imports ${i.target}`,
        'everything else works on the Connector interface and runs against any source',
        'take the connector as an argument',
      ),
    ];
  });
};

const VENDORS =
  /\b\w*(?:salesforce|hubspot|zendesk|chargebee|chartmogul|mixpanel|qualtrics|gainsight|totango|churnzero|jsforce)\w*|\b(?:Intercom|Stripe|Amplitude|Pendo|Delighted)\b/i;
const ENGLISH = /^(?:intercom|stripe|amplitude|delighted)$/;
const vendors: Rule = (file) => {
  if (!file.path.startsWith('src/')) return [];
  return file.text.split('\n').flatMap((line, i) => {
    const name = VENDORS.exec(line)?.[0];
    if (name === undefined || ENGLISH.test(name)) return [];
    return [
      {
        rule: 'nothing in src says a vendor’s name, comments included',
        file: file.path,
        line: i + 1,
        what: `says "${name}"`,
        why: 'what is true of one vendor only belongs to its connector, or the second vendor will find it in its way',
        instead: `say what it is ("the CRM", "the source"), or move the code to connectors/`,
      },
    ];
  });
};

interface Ban {
  pattern: RegExp;
  applies: (path: string) => boolean;
  rule: string;
  why: string;
  instead: string;
}
const BANS: Ban[] = [
  {
    pattern:
      /\bprocess\s*(?:\.\s*env\b|\[)|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b|import\s*\{[^}]*\benv\b[^}]*\}\s*from\s*['"] *['"]/g,
    applies: (path) => path !== 'src/config.ts',
    rule: 'only src/config.ts reads process.env',
    why: 'every setting is described, checked and documented in one place, and secrets do not leak into rooms that need none',
    instead:
      'add a described key to src/config.ts, or a secret to the connector’s `secrets`, and take the value as an argument',
  },
  {
    pattern: /\bconsole\s*\.\s*\w+/g,
    applies: (path) => !path.startsWith('src/cli/') && path !== 'src/main.ts',
    rule: 'console is for src/cli and src/main.ts',
    why: 'stdout belongs to a command’s result; a stray line breaks --json',
    instead: 'use the log that is passed in',
  },
  {
    pattern: /\bprocess\s*\.\s*(?:exit|abort)\s*\(/g,
    applies: (path) => path !== 'src/main.ts',
    rule: 'only src/main.ts calls process.exit',
    why: 'an exit in the middle loses committed work’s last answer and cannot be tested',
    instead: 'throw InputError, HeldError or ConnectorError; src/main.ts turns it into an exit code',
  },
  {
    pattern:
      /\bDate\s*\.\s*now\b|\bnew\s+Date\s*\(\s*\)|\bMath\s*\.\s*random\b|\bperformance\s*\.\s*now\b|\bcrypto\s*\.\s*random\w+|\bfetch\s*\(/g,
    applies: (path) => path.startsWith('src/core/'),
    rule: 'core has no clock, no randomness, no I/O',
    why: 'a score must come out the same for the same facts and date, today and in a backtest',
    instead: 'take the instant or the number as an argument',
  },
];
const bans: Rule = (file) =>
  BANS.filter((ban) => ban.applies(file.path)).flatMap((ban) =>
    [...file.code.matchAll(ban.pattern)].map((m) => ({
      rule: ban.rule,
      file: file.path,
      line: lineAt(file.text, m.index),
      what: `uses ${m[0].replace(/\s+/g, ' ')}`,
      why: ban.why,
      instead: ban.instead,
    })),
  );

export const MAX_LINES = 400;
const size: Rule = (file) => {
  const lines = file.text.trimEnd().split('\n').length;
  if (lines <= MAX_LINES) return [];
  const why = 'a file that does not fit into a head hides mistakes; about 300 lines is the aim';
  return [
    {
      rule: `files have at most ${MAX_LINES} lines`,
      file: file.path,
      line: MAX_LINES,
      what: `has ${lines} lines`,
      why,
      instead: 'split it along a seam (reading, deciding, writing), not into two halves',
    },
  ];
};

const form: Rule = (file) =>
  file.imports.flatMap((i) => {
    if (i.specifier === '(computed)' && file.path !== 'src/bin.js')
      return [
        found(
          file,
          i,
          'imports name their module',
          'imports a computed path',
          'this test, bundlers and readers cannot follow it',
          'write one literal import() per module in a map',
        ),
      ];
    if (i.target !== null && /^(src|connectors)\//.test(i.target) && /\.(ts|js)$/.test(i.target)) return [];
    if (i.target !== null)
      return [
        found(
          file,
          i,
          'relative imports stay inside src and connectors and end in .ts',
          `imports ${i.specifier}`,
          'Node runs the files as they are, and the image holds nothing else',
          'name the file with its ending; move shared code out of test',
        ),
      ];
    return [];
  });

/** Packages that one file or folder owns; any other package (zod apart) may have only one room. */
const OWNERS: Record<string, string> = {
  pino: 'src/log.ts',
  yaml: 'src/kit/',
  'fastest-levenshtein': 'src/kit/',
  luxon: 'src/kit/',
  jose: 'src/kit/',
  'p-queue': 'src/http/',
  kysely: 'src/store/',
  commander: 'src/cli/',
  express: 'src/api/',
  bull: 'src/jobs/bull.ts',
  ioredis: 'src/jobs/bull.ts',
  jsforce: 'connectors/salesforce/',
};
const ownersRule: WholeRule = (files) => {
  const rooms = new Map<string, string>();
  const why = 'a library is replaced or updated in one place, and its habits do not spread';
  return files.flatMap((file) =>
    file.imports.flatMap((i) => {
      if (i.pkg === null || i.pkg === 'zod' || i.pkg === '(computed)') return [];
      const owner = OWNERS[i.pkg];
      if (owner !== undefined) {
        if (file.path.startsWith(owner)) return [];
        return [
          found(
            file,
            i,
            `only ${owner} imports ${i.pkg}`,
            `imports ${i.pkg}`,
            why,
            `call what ${owner} exports, or export from there what you miss`,
          ),
        ];
      }
      if (i.pkg.startsWith('node:')) return [];
      const room = roomOf(file.path);
      const first = rooms.get(i.pkg) ?? room;
      rooms.set(i.pkg, first);
      if (first === room) return [];
      return [
        found(
          file,
          i,
          'every package has one owner',
          `imports ${i.pkg}, which ${first} owns`,
          why,
          'wrap it once in src/kit and import that from both',
        ),
      ];
    }),
  );
};

const cycles: WholeRule = (files) => {
  const byPath = new Map(files.map((f) => [f.path, f]));
  const state = new Map<string, 'open' | 'done'>();
  const violations: Violation[] = [];
  const visit = (file: SourceFile, trail: string[]): void => {
    state.set(file.path, 'open');
    for (const i of file.imports) {
      const next = i.target === null ? undefined : byPath.get(i.target);
      if (!next) continue;
      if (state.get(next.path) === 'open') {
        const loop = [...trail.slice(trail.indexOf(next.path)), next.path].join(' → ');
        const why =
          'files in a cycle cannot be understood, tested or moved one without the other; a type cycle is the same knot';
        violations.push(
          found(
            file,
            i,
            'no import cycles, type imports included',
            `closes the cycle ${loop}`,
            why,
            'move what both need to a third file that imports neither',
          ),
        );
      } else if (!state.has(next.path)) visit(next, [...trail, next.path]);
    }
    state.set(file.path, 'done');
  };
  for (const file of files) if (!state.has(file.path)) visit(file, [file.path]);
  return violations;
};

/** What starts with the program must not need the sandboxes: their packages are optional. */
const lazySandboxes: WholeRule = (files) => {
  const byPath = new Map(files.map((f) => [f.path, f]));
  const reached = new Set<string>();
  const violations: Violation[] = [];
  const visit = (file: SourceFile): void => {
    reached.add(file.path);
    for (const i of file.imports) {
      if (i.target === null || i.dynamic || i.typeOnly) continue;
      const next = byPath.get(i.target);
      if (i.target === 'connectors/sandboxes.ts' || isSandbox(i.target)) {
        violations.push(
          found(
            file,
            i,
            'sandboxes are loaded lazily',
            `imports ${i.target} when the program starts`,
            'sandboxes need optional packages that a production install lacks',
            'write `await import(…)` on the way to it, in the command that needs it',
          ),
        );
      } else if (next && !reached.has(next.path)) visit(next);
    }
  };
  const main = byPath.get('src/main.ts');
  if (main) visit(main);
  return violations;
};

type Rule = (file: SourceFile) => Violation[];
type WholeRule = (files: SourceFile[]) => Violation[];

const found = (file: SourceFile, i: Import, rule: string, what: string, why: string, instead: string): Violation => ({
  rule,
  file: file.path,
  line: i.line,
  what,
  why,
  instead,
});

/** Every violation of the house's rules (README, "Layout") in a set of files. */
export function check(files: SourceFile[]): Violation[] {
  const rules: Rule[] = [layers, packages, storeTypes, connectors, registry, vendors, bans, size, form];
  const whole: WholeRule[] = [ownersRule, cycles, lazySandboxes];
  return [...files.flatMap((file) => rules.flatMap((rule) => rule(file))), ...whole.flatMap((rule) => rule(files))];
}
