import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { EXIT, failureOf, Io, report } from '../../src/cli/io.ts';
import { ConnectorError, HeldError, InputError } from '../../src/contract/index.ts';
import { cli } from '../e2e/harness.ts';
import { folder, heard } from './support.ts';

describe('exit codes', () => {
  it('tells wrong input, a held run, a failed vendor and a bug apart', () => {
    expect(failureOf(new InputError('bad'))).toMatchObject({ exit: 2, message: 'bad' });
    expect(failureOf(new HeldError('stop', 'look'))).toMatchObject({ exit: 3, hint: 'look' });
    expect(failureOf(new ConnectorError('down', { action: 'fail', code: 'X', hint: 'h' }))).toMatchObject({
      exit: 1,
      code: 'X',
      hint: 'h',
    });
    expect(failureOf(new ConnectorError('quota', { action: 'wait' })).exit).toBe(3);
    const bug = failureOf(new TypeError('oops'));
    expect(bug.exit).toBe(1);
    expect(bug.message).toContain('io.test.ts'); // a bug keeps its stack
    expect(failureOf('text')).toMatchObject({ exit: 1, message: 'text' });
  });

  it('is 130 when a person stops it, and only then', () => {
    const stop = new AbortController();
    const reason = new Error('stopped by SIGINT');
    expect(failureOf(reason, stop.signal).exit).toBe(EXIT.failed);
    stop.abort(reason);
    expect(failureOf(reason, stop.signal)).toMatchObject({ exit: 130, message: 'stopped by SIGINT', code: 'STOPPED' });
    expect(failureOf(new InputError('bad'), stop.signal).exit).toBe(2);
  });
});

describe('words and JSON', () => {
  it('keeps words off stdout when machines listen, and the object off it when people do', () => {
    const people = heard();
    people.io.say('hello');
    people.io.result({ ok: true });
    expect(people.out()).toBe('hello\n');
    const machines = heard(true);
    machines.io.say('hello');
    machines.io.note('beside');
    machines.io.result({ ok: true });
    expect(machines.out()).toBe('{"ok":true}\n');
    expect(machines.err()).toBe('beside\n');
  });

  it('reports at most twenty problems to people, all of them to machines, and what to do next', () => {
    const problems = Array.from({ length: 23 }, (_, i) => `problem ${i}`);
    const { io, out, err } = heard(true);
    report(io, { exit: 2, message: 'first line\n  at stack', problems, hint: 'do this' });
    expect(err()).toContain('error: first line');
    expect(err()).toContain('  … and 3 more\n  → do this\n');
    expect(err()).not.toContain('problem 20');
    expect(JSON.parse(out())).toEqual({
      ok: false,
      exit: 2,
      error: { message: 'first line', problems, hint: 'do this' },
    });
  });

  it('draws bars on a terminal, one line per stream of work elsewhere', () => {
    const lines = (isTTY: boolean): string => {
      let text = '';
      const stream = Object.assign(
        new Writable({
          write(chunk, _encoding, done) {
            text += String(chunk);
            done();
          },
        }),
        { isTTY },
      );
      const bar = new Io({ stdout: stream, stderr: stream, signal: new AbortController().signal }, false)
        .progress()
        .start('crm accounts');
      bar.update(5, 10);
      bar.done('10 rows');
      return text;
    };
    expect(lines(false)).toMatch(/^ {2}crm accounts +10 rows\n$/);
    expect(lines(true)).toContain('████████████░░░░░░░░░░░░ 50 %');
  });
});

describe('the command line', () => {
  it.each([
    [['wrong'], "unknown command 'wrong'"],
    [['explain'], "missing required argument 'account'"],
    [['sync', '--yess'], "unknown option '--yess'"],
    [[], 'no command was given'],
    [['runs', '--limit', 'x'], '--limit x: expected a whole number from 1 on'],
    [['tasks', 'pause'], 'tasks pause: expected start, stop or nothing'],
    [['score', '--mapping', 'm.yaml'], '--mapping goes with --from'],
    [['score', '--out', 'scores.txt'], '--out scores.txt: expected a name that ends in .csv'],
    [['sync', '--now', 'yesterday'], '--now yesterday: expected an instant like 2026-11-25T08:00:00Z'],
    [['check'], 'no such file'],
  ])('refuses %j with exit 2, and says so as JSON too', async (args, message) => {
    const told = await cli([...args, '--json', '--config', `${folder()}/pulseback.yaml`]);
    expect(told.code).toBe(2);
    expect(told.json).toMatchObject({ ok: false, exit: 2 });
    expect(told.json.error.message).toContain(message);
    expect(told.out.trimEnd().split('\n')).toHaveLength(1);
    expect(told.err).not.toMatch(/^\s+at /m);
  });

  it('explains every command with --help', async () => {
    const top = await cli(['--help']);
    expect(top.code).toBe(0);
    const names = [...top.out.matchAll(/^ {2}([a-z]+)\b.* {2}/gm)].map((m) => m[1] ?? '').filter((n) => n !== 'help');
    expect(names).toEqual(expect.arrayContaining(['init', 'check', 'sync', 'apply', 'explain', 'demo']));
    for (const name of names) {
      const help = await cli([name, '--help']);
      expect(help.code, name).toBe(0);
      expect(help.out, name).toContain(`Usage: pulseback ${name}`);
      expect(help.out, name).toContain('--json');
      expect(help.out, name).toContain('--config');
    }
  });
});
