import { found, isConnector, isSandbox, type Rule, roomOf } from './violation.ts';

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
  'config-file.ts': {
    rooms: ['core', 'kit'],
    why: 'the keys of the configuration are data, which tests and editors read too',
    instead: 'check what needs more in src/config.ts',
  },
  'config.ts': {
    rooms: ['contract', 'core', 'kit', 'config-file.ts'],
    why: 'configuration is read before anything is built',
    instead: 'build it in src/app.ts from the configuration',
  },
  sentiment: {
    rooms: ['contract', 'core', 'kit', 'http'],
    why: 'what is made of a text must follow from the text alone, so that it comes out the same whoever asks',
    instead: 'hand in what it needs; src/app.ts wires it to the store',
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
  report: {
    rooms: ['core'],
    why: 'a report is a pure function of figures, so that the same figures give the same bytes',
    instead: 'work it out in src/core, or hand it in; src/cli writes the file',
  },
  sandbox: {
    rooms: ['contract', 'core', 'kit', 'http'],
    why: 'the world and the server kit must not depend on the product that they test',
    instead: 'compute the expected value from the world itself',
  },
  threads: {
    rooms: ['contract', 'core', 'kit', 'store', 'pipeline'],
    why: 'a thread opens what it needs by itself and runs pipeline steps',
    instead: 'move the step to src/pipeline and tell the thread what it needs as plain data',
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
    rooms: [
      'contract',
      'core',
      'kit',
      'http',
      'sentiment',
      'store',
      'pipeline',
      'threads',
      'jobs',
      'api',
      'config.ts',
      'log.ts',
    ],
    why: 'the composition root builds things and has no logic; commands call it, not the other way round',
    instead: 'move the logic to src/pipeline, or the command to src/cli',
  },
};

export const layers: Rule = (file) => {
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

export const packages: Rule = (file) => {
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

export const storeTypes: Rule = (file) => {
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
export const connectors: Rule = (file) => {
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
export const registry: Rule = (file) => {
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
