import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CRMS, sideOf } from './crm/index.ts';
import { cli, Loop } from './harness.ts';
import { refused, says } from './told.ts';

const SHIPPED = new URL('../../mappings/', import.meta.url).pathname;

/** One org that all cases point at; each case spoils a copy of the configuration. */
describe.each(CRMS)('settings that are wrong, with %s', (crm) => {
  const side = sideOf(crm);
  const CSM = `csm: [{ field: ${side.settings.csm} }, owner]`;
  const mapping = `crm/${crm}.yaml`;
  let loop: Loop;
  let good: string;
  const file = (name: string): string => join(loop.dir, name);
  const write = (name: string, text: string): string => {
    writeFileSync(file(name), text);
    return file(name);
  };
  const withConfig = (text: string, ...args: string[]) =>
    cli([
      ...args,
      '--json',
      '--config',
      write('case.yaml', text),
      '--now',
      new Date(loop.host.world.now()).toISOString(),
    ]);
  /** The shipped file with one place changed, under a name of its own. */
  const spoiled = (shipped: string, from: string, to: string): string => {
    const text = readFileSync(join(SHIPPED, shipped), 'utf8');
    expect(text).toContain(from);
    return write(`spoiled-${shipped.replaceAll('/', '-')}`, text.replace(from, to));
  };
  const lineOf = (text: string, part: string): number => text.slice(0, text.indexOf(part)).split('\n').length;

  beforeAll(async () => {
    loop = await Loop.start({ crm, accounts: 20 });
    good = readFileSync(loop.config, 'utf8');
    expect((await loop.run('setup', '--yes')).code).toBe(0);
    expect((await loop.run('sync')).code).toBe(0);
  });
  afterAll(async () => {
    // Whatever went wrong above: the store and the org are as they were, and the good configuration still works.
    expect((await loop.run('runs')).json.runs.filter((r: { status: string }) => r.status === 'running')).toEqual([]);
    expect((await loop.run('sync')).json).toMatchObject({ ok: true, written: 0, tasks: 0 });
    await loop.close();
  });

  describe('pulseback.yaml', () => {
    it.each([
      ['an unknown key', 'currency: GBP', 'curency: GBP', ['curency', 'nearest is `currency`']],
      [
        'an unknown nested key',
        'write:\n  enabled: true',
        'write:\n  enable: true',
        ['write.enable', 'nearest is `enabled`'],
      ],
      [
        'a value of the wrong type',
        'enabled: true',
        'enabled: "yes"',
        ['write.enabled', 'found "yes"', 'expected true or false'],
      ],
      [
        'a key that stands twice',
        'currency: GBP',
        'currency: GBP\ncurrency: EUR',
        ['`currency` twice', 'every key once'],
      ],
      ['a tab', 'write:\n  enabled', 'write:\n\tenabled', ['found a tab', 'expected spaces']],
      ['no YAML at all', 'currency: GBP', 'currency: [GBP', ['expected valid YAML', 'end with a ]']],
      [
        'an unknown connector',
        `connector: ${crm}`,
        `connector: ${crm.slice(0, -1)}`,
        ['crm.connector', `\`${crm.slice(0, -1)}\``, `nearest is \`${crm}\``],
      ],
      ...side.settings.spoiled,
      ['an unknown time zone', 'timezone: Europe/London', 'timezone: Europe/Londen', ['timezone', 'IANA']],
      ['a share beyond 1', 'currency: GBP', 'currency: GBP\nquota: { orgShare: 80 }', ['quota.orgShare', '80', '1']],
      ['a day that does not exist', 'start: 2026-11-03', 'start: 2026-11-33', ['tasks.start', '2026-11-33']],
    ])('names %s with its line', async (_what, from, to, words) => {
      expect(good).toContain(from);
      const told = refused(await withConfig(good.replace(from, to), 'runs'), 2);
      const line = lineOf(good, from);
      says(told, ...words, new RegExp(`case\\.yaml:(${[0, 1, 2].map((n) => line + n).join('|')}):\\d+`));
      expect(told.hint).not.toBe('');
    });

    it('refuses a secret, at any depth, without repeating it', async () => {
      const places = {
        'config:\n': 'config:\n    clientSecret: TOPSECRET1\n',
        ...(good.includes('auth:\n') ? { 'auth:\n': `auth:\n      ${side.settings.secret.name}: TOPSECRET1\n` } : {}),
        'currency: GBP': `currency: GBP\n${side.settings.secret.env}: TOPSECRET1`,
      };
      for (const [from, to] of Object.entries(places)) {
        const result = await withConfig(good.replace(from, to), 'runs');
        const told = refused(result, 2);
        says(told, /case\.yaml:\d+:\d+/);
        if (from !== 'currency: GBP')
          says(
            told,
            'must not stand in the configuration file',
            new RegExp(`environment variable ${crm.toUpperCase()}_`),
          );
        expect(result.out + result.err).not.toContain('TOPSECRET1');
      }
    });

    it('says how to begin where there is none, and that a folder is none', async () => {
      says(
        refused(await cli(['sync', '--json', '--config', file('none.yaml')]), 2),
        'none.yaml',
        'npx pulseback init',
        '--config',
      );
      says(refused(await cli(['sync', '--json', '--config', loop.dir]), 2), loop.dir, 'YAML file');
    });

    it('says that neither CRM nor source is configured', async () => {
      says(
        refused(await withConfig('currency: GBP\n', 'runs'), 2),
        'case.yaml',
        '`crm`',
        '`sources`',
        'npx pulseback init',
      );
    });
  });

  describe('the other files', () => {
    it.each([
      ['crm mapping', mapping, 'renewalOn:', 'renewalsOn:', ['account.renewalsOn', 'nearest is `renewalOn`']],
      [
        'crm mapping, role',
        mapping,
        CSM,
        CSM.replace('field', 'fild'),
        ['rules.roles.csm', 'fild', 'nearest is `field`'],
      ],
      [
        'model',
        'models/five-dimension.yaml',
        'aggregation: ratio',
        'aggregation: ration',
        ['aggregation', 'ration', 'nearest is `ratio`'],
      ],
      ['model, key', 'models/five-dimension.yaml', 'floor: 0.4', 'flor: 0.4', ['flor', 'nearest is `floor`']],
      [
        'playbook',
        'playbook.yaml',
        'trend: [declining fast]',
        'trend: [declining fasst]',
        ['declining fasst', 'nearest is `declining fast`'],
      ],
      ['triggers', 'triggers.yaml', 'withinDays:', 'withinDay:', ['managerTask.withinDay', 'nearest is `withinDays`']],
      [
        'match rules',
        'match.yaml',
        /^(\w+):/m.exec(readFileSync(join(SHIPPED, 'match.yaml'), 'utf8'))?.[0] ?? '',
        'strange: 1\nx:',
        ['strange'],
      ],
    ])('%s: names the file, the line and the nearest name', async (_what, shipped, from, to, words) => {
      const path = spoiled(shipped, from, to);
      const told = refused(await withConfig(pointingAt(good, shipped, path), 'runs'), 2);
      says(told, ...words, new RegExp(`${path}:\\d+:\\d+`));
    });

    it('names a mapping file that does not exist', async () => {
      for (const shipped of [mapping, 'models/five-dimension.yaml', 'playbook.yaml', 'triggers.yaml', 'match.yaml'])
        says(
          refused(await withConfig(pointingAt(good, shipped, './gone.yaml'), 'runs'), 2),
          'gone.yaml',
          'no such file',
          'correct the path',
        );
    });

    it('names a model that is not shipped, with those that are', async () => {
      says(
        refused(await withConfig(`${good}model: five-dimensions\n`, 'runs'), 2),
        'five-dimensions',
        'five-dimension',
      );
    });
  });

  describe('what the org does not have', () => {
    it('names a mapped field that is missing, its place and the nearest of the org; the other streams arrive', async () => {
      const { arr } = side.settings;
      const wrong = arr.replace('R', 'RR').replace('r', 'rr');
      const path = spoiled(mapping, `arr: ${arr}`, `arr: ${wrong}`);
      const store = file('other.db');
      const config = pointingAt(good, mapping, path).replace(/store: .*/, `store: ${store}`);
      const told = refused(await withConfig(config, 'sync'), 2);
      says(told, `${path}:`, 'account.arr', wrong, `nearest is ${arr}`, 'npx pulseback check');
      const pulled = await withConfig(config, 'pull');
      const streams: { stream: string; rows: number; error?: string }[] = pulled.json.sources[0].streams;
      expect(streams.filter((s) => s.error).map((s) => s.stream)).toEqual(['accounts']);
      const again = await withConfig(config.replace(path, `mappings/${mapping}`), 'sync');
      expect(again.json).toMatchObject({ ok: true, scored: expect.any(Number), stopped: [] });
      expect(again.json.scored).toBeGreaterThan(15);
    });

    it('names a write-back field that does not exist, and the nearest', async () => {
      const path = spoiled(mapping, '  fields: {}', '  fields: { scor: customer_health }');
      says(
        refused(await withConfig(pointingAt(good, mapping, path), 'sync'), 2),
        'writeback.fields',
        '`scor`',
        'nearest is `score`',
      );
    });
  });

  describe('credentials', () => {
    const { env } = side.settings.secret;
    const withoutFile = (): string => good.replace(/ +secretFiles:\n(?: {4,}.*\n)+/, '');

    it('names the variable that is missing; sync reads nothing and exits 2', async () => {
      says(refused(await withConfig(withoutFile(), 'sync'), 2), env, 'environment variable');
    });

    if (crm === 'salesforce')
      it('names the client secret for the flow that needs it', async () => {
        const secret = good
          .replace('flow: jwt', 'flow: client-credentials')
          .replace(/ *(clientSecret|username): .*\n/g, '');
        says(refused(await withConfig(secret, 'sync'), 2), 'SALESFORCE_CLIENT_SECRET');
      });

    if (crm === 'salesforce')
      it('tells a key file that is missing, public, garbage, of another kind, or simply not this app’s', async () => {
        const keyed = (path: string): string => good.replace('flow: jwt', `flow: jwt\n      privateKeyFile: ${path}`);
        const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
        const pem = (key: 'publicKey' | 'privateKey', type: 'spki' | 'pkcs8'): string =>
          rsa[key].export({ type: type as 'pkcs8', format: 'pem' }).toString();
        const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
          type: 'pkcs8',
          format: 'pem',
        });
        says(refused(await withConfig(keyed('./gone.key'), 'sync'), 2), 'privateKeyFile', 'gone.key', 'ENOENT');
        const garbage = write('garbage.key', '-----BEGIN PRIVATE KEY-----\nSECRETBYTES\n-----END PRIVATE KEY-----\n');
        const told = refused(await withConfig(keyed(garbage), 'sync'), 2);
        says(told, 'private key cannot be used', 'does not parse', 'BEGIN PRIVATE KEY');
        expect(told.text).not.toContain('SECRETBYTES');
        says(refused(await withConfig(keyed(write('public.key', pem('publicKey', 'spki'))), 'sync'), 2), 'public half');
        says(refused(await withConfig(keyed(write('ec.key', String(ec))), 'sync'), 2), 'of type ec', 'RSA');
        const strange = await withConfig(keyed(write('strange.key', pem('privateKey', 'pkcs8'))), 'sync');
        says(refused(strange, 1), 'invalid_grant', 'private key', 'pre-authorised');
      });

    it('check lists what is missing and does not stop at it', async () => {
      const { code, json } = await withConfig(withoutFile(), 'check');
      expect(code).toBe(1);
      const [crm, exports] = json.sources;
      expect(crm.items.find((i: { ok: boolean }) => !i.ok)).toMatchObject({
        ok: false,
        what: expect.stringContaining(env),
        fix: expect.any(String),
      });
      expect(exports.items.every((i: { ok: boolean }) => i.ok)).toBe(true);
    });
  });

  describe('the store', () => {
    const stored = (path: string): string => good.replace(/store: .*/, `store: ${path}`);

    it('leaves a file alone that is no store', async () => {
      const path = write('photo.db', 'this is a picture of a boat, honestly, and not a database');
      says(refused(await withConfig(stored(path), 'sync'), 2), 'photo.db', 'not a database', 'another file');
      expect(readFileSync(path, 'utf8')).toContain('a boat');
    });

    it('says where a store cannot be made', async () => {
      says(refused(await withConfig(stored(loop.dir), 'sync'), 2), loop.dir, 'cannot be opened');
      says(refused(await withConfig(stored(`${loop.config}/p.db`), 'sync'), 2), 'p.db', 'cannot be opened', 'folder');
    });
  });

  describe('the command line', () => {
    it.each([
      [['synk'], "unknown command 'synk'", 'sync'],
      [['sync', '--yess'], "unknown option '--yess'", '--yes'],
      [['score', '--modle', 'x'], "unknown option '--modle'", '--model'],
      [['bench', 'snyc'], "unknown command 'snyc'", 'sync'],
      [['explain'], "missing required argument 'account'", '--help'],
      [[], 'no command', '--help'],
    ])('%j exits 2 and names the nearest', async (args, message, advice) => {
      const result = await cli([...args, '--json']);
      expect(result.code).toBe(2);
      expect(result.json).toMatchObject({ ok: false, exit: 2, error: { message: expect.stringContaining(message) } });
      expect(result.json.error.hint).toContain(advice);
      expect(result.err).toContain(args.length ? message : 'Usage');
    });

    it.each([
      [['check', '--now', 'tomorrow'], '--now tomorrow', '2026-11-25T08:00:00Z'],
      [['score', '--as-of', '2026-02-30'], '--as-of 2026-02-30', 'a date like'],
      [['score', '--as-of', '2031-01-01'], '--as-of 2031-01-01', 'not ended'],
      [['explain', 'x', '--as-of', 'May'], '--as-of May', 'a date like'],
      [['runs', '--limit', '0'], '--limit 0', 'whole number'],
      [['sandbox', '--accounts', '1e9x'], '--accounts 1e9x', 'whole number'],
      [['sandbox', '--accounts', '-3'], '--accounts -3', 'whole number'],
      [['tasks', 'begin'], 'begin', 'start'],
      [['pull', '--source', 'export'], '"export"', '"exports"'],
      [['pull', '--reset', 'crm.acounts'], 'acounts', 'accounts'],
      [['pull', '--stream', 'acounts'], 'acounts', 'accounts'],
      [['rejects', '--source', 'export'], '"export"', '"exports"'],
      [['plan', 'show', 'first'], 'first', 'whole number'],
      [['plan', 'show', '99'], 'no plan 99', '1 (applied)'],
      [['apply', '99'], 'no plan 99', '1 (applied)'],
      [['init', '--crm', 'salesfroce'], 'salesfroce', '"salesforce"'],
      [['demo', '--crm', 'salesfroce'], 'salesfroce', '"salesforce"'],
      [['bench', 'sync', '--crm', 'files'], '--crm files', 'salesforce'],
      [['sandbox', '--crm', 'stripe'], '--crm stripe', 'salesforce'],
      [['crash', '--crm', 'sales'], '--crm sales', 'salesforce'],
      [['serve', '--demo', '--crm', 'salesforcee'], 'salesforcee', '"salesforce"'],
      [['sandbox', '--crm', 'salesforce', '--rate', '190'], '--rate 190', 'Salesforce has no limit'],
      [
        ['bench', 'sync', '--crm', 'salesforce', '--accounts', '5', '--rate', '190'],
        '--rate 190',
        'Salesforce has no limit',
      ],
    ])('%j exits 2: what was found, and what to give', async (args, found, advice) => {
      const config = args[0] === 'init' ? file('new.yaml') : loop.config;
      const now = args.includes('--now') ? [] : ['--now', new Date(loop.host.world.now()).toISOString()];
      says(refused(await cli([...args, '--json', '--config', config, ...now]), 2), found, advice);
    });

    it('explains an account that is unknown, with the nearest, and one that is ambiguous, with each', async () => {
      const accounts = loop.side.accounts(loop.host.crm).map((a) => a.name);
      const name = accounts[0] ?? '';
      const told = refused(await loop.run('explain', 'No Such Company Ltd'), 2);
      says(told, 'No Such Company Ltd', 'id');
      const misspelt = `${name.slice(0, 3)}${name.slice(4)}`;
      if (!accounts.some((a) => a.toLowerCase().startsWith(misspelt.toLowerCase())))
        says(refused(await loop.run('explain', misspelt), 2), misspelt, name);
      const letter = [...'abcdefghijklmnopqrstuvwxyz'].find(
        (l) => accounts.filter((a) => a.toLowerCase().startsWith(l)).length > 1,
      );
      const many = refused(await loop.run('explain', letter ?? ''), 2);
      says(many, 'fits', 'Give the id', new RegExp(`${side.accountId.source} {2}\\S`));
    });

    it('does not begin what it could not save', async () => {
      const exports = join(loop.dir, 'exports');
      const score = (out: string) =>
        cli(['score', '--from', exports, '--out', out, '--json', '--now', '2026-11-02T09:00:00Z']);
      says(refused(await score(file('scores.txt')), 2), 'scores.txt', '.csv');
      says(refused(await score('/nowhere/at/all.csv'), 2), '/nowhere/at/all.csv', 'no folder');
      mkdirSync(file('folder.csv'));
      says(refused(await score(file('folder.csv')), 2), 'folder.csv', 'a folder');
      says(refused(await score('/proc/scores.csv'), 2), '/proc/scores.csv', 'write');
      says(refused(await cli(['init', '--json', '--config', '/nowhere/p.yaml']), 2), '/nowhere', 'no folder');
    });

    it('names a folder of exports that is missing or empty', async () => {
      const empty = mkdtempSync(join(tmpdir(), 'pulseback-empty-'));
      says(refused(await cli(['score', '--from', `${empty}/gone`, '--json']), 2), `${empty}/gone`, 'no folder');
      says(refused(await cli(['score', '--from', empty, '--json']), 2), `${empty}/mapping.yaml`, 'example.yaml');
      says(refused(await cli(['score', '--from', loop.config, '--json']), 2), loop.config, 'expected a folder');
      rmSync(empty, { recursive: true });
    });
  });
});

/** The configuration with another file in place of a shipped one. */
function pointingAt(config: string, shipped: string, path: string): string {
  if (shipped.startsWith('crm/')) return config.replace('  config:\n', `  config:\n    mapping: ${path}\n`);
  const key = shipped.startsWith('models/') ? 'model' : shipped.replace('.yaml', '');
  return `${config}${key}: ${path}\n`;
}
