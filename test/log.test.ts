import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { ConnectorError } from '../src/contract/index.ts';
import { type LogLevel, makeLog } from '../src/log.ts';

function capture(level: LogLevel = 'debug', pretty = false) {
  const lines: string[] = [];
  return { lines, log: makeLog({ level, pretty, destination: { write: (line) => void lines.push(line) } }) };
}
const only = (lines: string[]): Record<string, unknown> => JSON.parse(lines.join(''));

describe('log', () => {
  it('writes one JSON line with level, time, message and fields', () => {
    const { log, lines } = capture();
    log.info({ source: 'crm', rows: 3 }, 'pulled');
    expect(only(lines)).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      source: 'crm',
      rows: 3,
      msg: 'pulled',
    });
  });

  it('keeps quiet below its level', () => {
    const { log, lines } = capture('warn');
    log.debug({}, 'a');
    log.info({}, 'b');
    log.warn({}, 'c');
    log.error({}, 'd');
    expect(lines).toHaveLength(2);
    const silent = capture('silent');
    silent.log.error({}, 'x');
    expect(silent.lines).toEqual([]);
  });

  it('hides values under secret names at any depth, however they are spelt', () => {
    const { log, lines } = capture();
    const secrets = {
      password: 's1x',
      client_secret: 's2x',
      'Access-Token': 's3x',
      refreshToken: ['s4x'],
      private_key: { pem: 's5x' },
    };
    log.warn({ ...secrets, nested: [{ deep: { authorization: 's6x', assertion: 's7x', name: 'kept' } }] }, 'hello');
    for (let i = 1; i <= 7; i++) expect(lines.join('')).not.toContain(`s${i}x`);
    expect(lines.join('')).toContain('kept');
  });

  it('hides secrets inside messages, values, errors, their stacks and their causes', () => {
    const { log, lines } = capture();
    const secret = 'abcDEF123456';
    const cause = new Error(`GET /x?token=${secret}`);
    const error = new ConnectorError(`Authorization: Bearer ${secret}`, { action: 'fail', code: 'X1', cause });
    log.error(
      { error, url: `/y?api_key=${secret}`, list: [`password=${secret}`], at: new Date(0) },
      `failed with Bearer ${secret}`,
    );
    expect(lines.join('')).not.toContain(secret);
    expect(only(lines).error).toMatchObject({ type: 'ConnectorError', code: 'X1', cause: { type: 'Error' } });
  });

  it('survives cycles and odd values, and does not change what it was given', () => {
    const { log, lines } = capture();
    const loop: Record<string, unknown> = { name: 'a', big: 5n, map: new Map([['token', 'zz9']]), set: new Set([1]) };
    loop.self = loop;
    log.info(loop, 'odd');
    expect(only(lines)).toMatchObject({
      name: 'a',
      big: '5',
      map: { token: '[hidden]' },
      set: [1],
      self: expect.anything(),
    });
    expect(loop.map).toEqual(new Map([['token', 'zz9']]));
  });

  it('prints readable lines for people', () => {
    const { log, lines } = capture('debug', true);
    log.warn({ label: 'query', try: 2, token: 'x' }, 'trying again');
    expect(lines.join('')).toMatch(/^\d\d:\d\d:\d\d warn {2}trying again label=query try=2 token=\[hidden\]\n$/);
  });

  it('goes to stderr, never to stdout', () => {
    const script = `import { makeLog } from ${JSON.stringify(new URL('../src/log.ts', import.meta.url).href)}; makeLog({ level: 'info' }).info({}, 'to stderr'); process.exit(0);`;
    const stdout = execFileSync(process.execPath, ['--input-type=module', '-e', `${script}`], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(stdout).toBe('');
  });
});
