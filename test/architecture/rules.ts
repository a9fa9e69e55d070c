import { connectors, layers, packages, registry, storeTypes } from './rooms.ts';
import { lineAt, type SourceFile } from './scan.ts';
import { found, type Rule, type Violation, type WholeRule } from './violation.ts';
import { cycles, lazySandboxes, ownersRule } from './whole.ts';

export { tell } from './violation.ts';

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
/** The launcher starts another process: it hands on the environment and ends with it. */
const launches = (path: string): boolean => path === 'src/bin.js';

const BANS: Ban[] = [
  {
    pattern:
      /\bprocess\s*(?:\.\s*env\b|\[)|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b|import\s*\{[^}]*\benv\b[^}]*\}\s*from\s*['"] *['"]/g,
    applies: (path) => path !== 'src/config.ts' && !launches(path),
    rule: 'only src/config.ts reads process.env',
    why: 'every setting is described, checked and documented in one place, and secrets do not leak into rooms that need none',
    instead:
      'add a described key to src/config-file.ts, or a secret to the connector’s `secrets`, and take the value as an argument',
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
    applies: (path) => path !== 'src/main.ts' && !launches(path),
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

/** Every violation of the house's rules (README, "Layout") in a set of files. */
export function check(files: SourceFile[]): Violation[] {
  const rules: Rule[] = [layers, packages, storeTypes, connectors, registry, vendors, bans, size, form];
  const whole: WholeRule[] = [ownersRule, cycles, lazySandboxes];
  return [...files.flatMap((file) => rules.flatMap((rule) => rule(file))), ...whole.flatMap((rule) => rule(files))];
}
