import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type App, openApp } from '../../src/app.ts';
import { ChatServer, type Fault, garbage, hang, partial, properly, status } from './chat-server.ts';

const NOW = Date.UTC(2026, 10, 25, 12);
let chat: ChatServer;
let dir: string;
let app: App | null = null;

beforeEach(async () => {
  chat = await ChatServer.start();
  dir = mkdtempSync(join(tmpdir(), 'pulseback-chat-'));
  writeFileSync(
    join(dir, 'mapping.yaml'),
    'version: 1\nfiles:\n  accounts: { file: accounts.csv, kind: account, account: id, fields: { name: name } }\n',
  );
});
afterEach(async () => {
  await app?.close();
  app = null;
  await chat.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** The product as an operator configures it; `more` are settings of the endpoint. */
async function open(
  more: Record<string, unknown> = {},
  env: NodeJS.ProcessEnv = { CHAT_KEY: 'sk-secret-1' },
  now = NOW,
) {
  await app?.close();
  const path = join(dir, 'pulseback.yaml');
  const endpoint = { url: chat.url, model: 'm-small', apiKeyEnv: 'CHAT_KEY', ...more };
  writeFileSync(
    path,
    JSON.stringify({
      store: join(dir, 'store.db'),
      logLevel: 'silent',
      sources: { exports: { connector: 'files', config: { path: '.' } } },
      sentiment: { endpoint },
    }),
  );
  app = await openApp({ configPath: path, env, now: () => now });
  return app.textJudge;
}
const sentiments = (verdicts: readonly { sentiment: number | null }[]) => verdicts.map((v) => v.sentiment);

describe('an endpoint that judges texts', () => {
  it('is asked in batches, with the key, and its answers are kept: the same texts are not sent again, also by a later process', async () => {
    const judge = await open({ batch: 2 });
    const texts = ['a good day', 'a bad day', 'a day', 'a good day'];
    expect(await judge.judge(texts)).toEqual([
      { sentiment: 95, frustrated: false },
      { sentiment: 5, frustrated: true },
      { sentiment: 50, frustrated: false },
      { sentiment: 95, frustrated: false },
    ]);
    expect(chat.asked.map((a) => a.texts)).toEqual([['a good day', 'a bad day'], ['a day']]);
    expect(chat.asked[0]).toMatchObject({ model: 'm-small', authorization: 'Bearer sk-secret-1' });
    expect(judge.notes()).toEqual([
      'Sentiment: 3 texts judged by m-small, 0 known from before, 0 by the built-in judge.',
    ]);
    expect(judge.notes()).toEqual([]);

    const later = await open({ batch: 2 });
    expect(sentiments(await later.judge(texts))).toEqual([95, 5, 50, 95]);
    expect(chat.asked).toHaveLength(2);
  });

  it('sees cleaned texts only, and none without words', async () => {
    const judge = await open();
    const verdicts = await judge.judge([
      'This is bad.\n\nBest regards,\nJane Doe\nAcme Ltd\n+44 20 7946 0000',
      'https://example.com/x',
      '> quoted and good',
      'Mail me at jane@acme.example please',
    ]);
    expect(chat.asked.map((a) => a.texts)).toEqual([['This is bad.', 'Mail me at please']]);
    expect(sentiments(verdicts)).toEqual([5, null, null, 50]);
  });

  it('takes no more than the day’s budget; the rest is judged here, and stays so', async () => {
    const judge = await open({ dailyBudget: 2, batch: 10 });
    const texts = ['one good', 'two good', 'This is terrible, nothing works.', 'Thank you, excellent support!'];
    const first = await judge.judge(texts);
    expect(chat.asked.map((a) => a.texts.length)).toEqual([2]);
    expect(sentiments(first.slice(0, 2))).toEqual([95, 95]);
    expect(first[2]?.sentiment).toBeLessThan(40);
    expect(first[3]?.sentiment).toBeGreaterThan(60);
    expect(judge.notes()).toEqual([
      'Sentiment: 2 texts judged by m-small, 0 known from before, 2 by the built-in judge.',
      'The day’s budget of 2 texts is spent: 2 went over it.'.replace('’', "'"),
    ]);
    const tomorrow = await open({ dailyBudget: 2, batch: 10 }, undefined, NOW + 86_400_000);
    expect(await tomorrow.judge(texts)).toEqual(first);
    expect(sentiments(await tomorrow.judge(['three good']))).toEqual([95]);
  });

  const FAULTS: [string, Fault[]][] = [
    ['too many requests for a long time', [status(429, { 'retry-after': '600' })]],
    ['too many requests twice', [status(429), status(429)]],
    ['server errors', [status(500), status(500)]],
    ['a key that is refused', [status(401)]],
    ['a page of HTML', [garbage, garbage]],
    ['an answer that breaks off', [partial, partial]],
    ['no answer at all', [hang, hang]],
  ];
  it.each(FAULTS)('falls back on %s, says so, and goes on', async (_, faults) => {
    const judge = await open({ timeoutSeconds: 0.3 });
    chat.faults.push(...faults);
    const [verdict] = await judge.judge(['This is terrible, nothing works.']);
    expect(verdict?.sentiment).toBeLessThan(40);
    const notes = judge.notes().join('\n');
    expect(notes).toMatch(/0 texts judged by m-small, 0 known from before, 1 by the built-in judge/);
    expect(notes).toMatch(/1 text could not be asked about: sentiment\.judge/);
    expect(notes).not.toContain('sk-secret-1');
    chat.faults.length = 0;
    expect(sentiments(await judge.judge(['this one is good']))).toEqual([95]);
  });

  it('tries a failed call once more', async () => {
    const judge = await open();
    chat.faults.push(status(500));
    expect(sentiments(await judge.judge(['good']))).toEqual([95]);
    expect(chat.asked).toHaveLength(2);
  });

  it('is not asked any more in a run in which it failed three times in a row', async () => {
    const judge = await open({ batch: 1 });
    chat.faults.push(...Array.from({ length: 20 }, () => status(401)));
    await judge.judge(['one good', 'two good', 'three good', 'four good', 'five good']);
    expect(chat.asked).toHaveLength(3);
    expect(judge.notes().at(-1)).toMatch(/5 texts could not be asked about: .*it is not asked any more in this run/);
  });

  const ANSWERS: [string, (texts: string[]) => string, (number | 'own')[]][] = [
    ['words around the JSON', (t) => `Sure!\n\`\`\`json\n${properly(t)}\n\`\`\``, [95, 5]],
    ['no JSON', () => 'I cannot help with that.', ['own', 'own']],
    ['only one of two', (t) => properly(t.slice(0, 1)), [95, 'own']],
    ['ids that nobody asked about', () => '{"judgements":[{"id":7,"sentiment":1,"frustrated":true}]}', ['own', 'own']],
    ['a figure out of range', () => '{"judgements":[{"id":1,"sentiment":950,"frustrated":false}]}', ['own', 'own']],
    ['half a judgement', () => '{"judgements":[{"id":1,"sentiment":10,"frustrated":null}]}', ['own', 'own']],
    ['something else altogether', () => '{"judgements":{"1":95}}', ['own', 'own']],
  ];
  it.each(ANSWERS)('takes from an answer what is right in it: %s', async (_, content, expected) => {
    const texts = ['The good old export.', 'The bad old import.'];
    const without = await open({ dailyBudget: 0, model: 'other' });
    const own = sentiments(await without.judge(texts));
    const judge = await open();
    chat.content = content;
    expect(sentiments(await judge.judge(texts))).toEqual(expected.map((e, i) => (e === 'own' ? own[i] : e)));
    const missing = expected.filter((e) => e === 'own').length;
    if (missing) expect(judge.notes().join(' ')).toContain(`left out or garbled ${missing} text`);
  });

  it('is off unless it is configured: no text leaves the machine', async () => {
    const path = join(dir, 'off.yaml');
    writeFileSync(
      path,
      JSON.stringify({ store: join(dir, 'off.db'), sources: { e: { connector: 'files', config: { path: '.' } } } }),
    );
    app = await openApp({ configPath: path, env: {}, now: () => NOW });
    const [verdict] = await app.textJudge.judge(['This is terrible, nothing works.']);
    expect(verdict?.sentiment).toBeLessThan(40);
    expect(app.textJudge.notes()).toEqual([]);
    expect(chat.asked).toEqual([]);
  });

  it.each([
    [{ url: 'http://models.example.com/v1' }, /sentiment\.endpoint\.url: .*https:\/\//],
    [{ apiKeyEnv: 'sk-abc123' }, /sentiment\.endpoint\.apiKeyEnv: .*name of an environment variable/],
    [{ dailyBudget: -1 }, /sentiment\.endpoint\.dailyBudget/],
    [{ budget: 5 }, /sentiment\.endpoint\.budget.*(?:nearest|dailyBudget)/s],
  ])('refuses %o', async (more, message) => {
    const problems = await open(more).then(
      () => [],
      (error: { problems?: string[]; message: string }) => [error.message, ...(error.problems ?? [])],
    );
    expect(problems.join('\n')).toMatch(message);
  });

  it('names the environment variable that is missing', async () => {
    await expect(open({}, {})).rejects.toThrow('the environment variable CHAT_KEY is not set');
    const judge = await open({ apiKeyEnv: undefined }, {});
    await judge.judge(['good']);
    expect(chat.asked[0]?.authorization).toBeUndefined();
  });
});
