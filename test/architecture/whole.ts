import type { SourceFile } from './scan.ts';
import { found, isSandbox, roomOf, type Violation, type WholeRule } from './violation.ts';

/** Packages that one file or folder owns; any other package (zod apart) may have only one room. */
const OWNERS: Record<string, string> = {
  pino: 'src/log.ts',
  yaml: 'src/kit/',
  'fastest-levenshtein': 'src/kit/',
  luxon: 'src/kit/',
  jose: 'src/kit/',
  'p-queue': 'src/http/',
  kysely: 'src/store/',
  pg: 'src/store/postgres-connect.ts',
  commander: 'src/cli/',
  express: 'src/api/',
  'd3-scale': 'src/report/',
  bull: 'src/jobs/bull.ts',
  ioredis: 'src/jobs/bull.ts',
  jsforce: 'connectors/salesforce/',
  stripe: 'connectors/stripe/',
};
export const ownersRule: WholeRule = (files) => {
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

export const cycles: WholeRule = (files) => {
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
export const lazySandboxes: WholeRule = (files) => {
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
