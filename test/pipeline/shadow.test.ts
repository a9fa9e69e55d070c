import { describe, expect, it } from 'vitest';
import { type Model, modelHash } from '../../src/core/model.ts';
import { syncResult } from '../../src/pipeline/result.ts';
import { compareShadow, scoreShadow } from '../../src/pipeline/shadow.ts';
import { sync } from '../../src/pipeline/sync.ts';
import { modelOf, reads } from '../core/helpers.ts';
import { type Book, book, customer, DAY } from './book.ts';
import { NOW } from './support.ts';

/** A score that is the attribute `b`. */
const TRIAL = modelOf({
  name: 'trial',
  version: 3,
  dimensions: [{ key: 'usage', weight: 1, signals: [reads('b', 1)] }],
});
const LIVE: Record<string, [a: number, b: number]> = { A: [90, 90], B: [50, 90], C: [70, 20], D: [10, 15] };
const FACTS = Object.entries(LIVE).map(([id, [a, b]]) => customer(id, { a, attributes: { b } }));

const start = (deps: Book, model: Model = TRIAL): Promise<void> =>
  deps.store.startShadow({ hash: modelHash(model), since: NOW, by: 'mia' }, model);

/** All that a CRM was sent, and the calls that were counted, of some days. */
async function days(shadow: boolean, count = 3) {
  const deps = await book(FACTS);
  if (shadow) await start(deps);
  const shadows = [];
  for (let day = 0; day < count; day++) {
    deps.at(NOW + day * DAY);
    const done = await sync(deps, true);
    shadows.push(done.shadow);
    deps.next = [customer('A', { a: 90 - 30 * (day + 1), attributes: { b: 90 } }, NOW + day * DAY)];
  }
  const scores: unknown[] = [];
  for await (const chunk of deps.store.latestScores()) scores.push(...chunk);
  const { writes, held, tasks } = deps.fake;
  return { shadows, sent: { writes, held: [...held], tasks: [...tasks], calls: deps.calls.summary(), scores } };
}

describe('a shadow', () => {
  it('is scored at every sync, and changes nothing that anybody sees, to the byte', async () => {
    const [without, with_] = [await days(false), await days(true)];
    expect(without.shadows).toEqual([null, null, null]);
    expect(with_.shadows.map((s) => [s?.model, s?.accounts, s?.changed, s?.problem])).toEqual([
      ['trial 3', 4, 2, null],
      ['trial 3', 4, 3, null],
      ['trial 3', 4, 3, null],
    ]);
    expect(without.sent.writes.flat().length).toBeGreaterThan(4);
    expect(JSON.stringify(with_.sent)).toBe(JSON.stringify(without.sent));
  });

  it('tells which accounts it would put into another band, by how much and why', async () => {
    const deps = await book(FACTS);
    await start(deps);
    const done = await sync(deps, true);
    expect(syncResult(done, {}).shadow).toEqual({
      model: 'trial 3',
      hash: modelHash(TRIAL),
      since: new Date(NOW).toISOString(),
      asOf: new Date(NOW).toISOString(),
      accounts: 4,
      changed: 2,
      problem: null,
    });
    const shadow = await deps.store.shadow();
    if (!shadow) throw new Error('there should be one');
    const moved: [string, string, string, number | null][] = [];
    const { matrix } = await compareShadow(deps, shadow, TRIAL, ({ score, before, after, points, lines }) => {
      moved.push([score.account, before.band, after.band, points]);
      expect(lines.reduce((sum, line) => sum + line.points, 0)).toBe(points);
    });
    expect(moved).toEqual([
      ['B', 'red', 'green', 400_000],
      ['C', 'yellow', 'red', -500_000],
    ]);
    expect(matrix.sum).toBe(-50_000);
  });

  it('leaves out accounts that are customers no more', async () => {
    const deps = await book(FACTS);
    await start(deps);
    await sync(deps, true);
    deps.at(NOW + DAY);
    deps.next = [customer('C', { a: 70, attributes: { b: 20, Type: 'Former' } }, NOW)];
    expect((await sync(deps, true)).shadow).toMatchObject({ accounts: 3, changed: 1 });
  });

  it('that fails is told, and never the run’s failure', async () => {
    const deps = await book(FACTS);
    await start(deps);
    const errors: object[] = [];
    deps.log = { ...deps.log, error: (fields: object) => void errors.push(fields) };
    const broken = {
      ...deps.store,
      keepShadowScores: async () => {
        throw new Error('the disk is full');
      },
    };
    const done = await sync({ ...deps, store: broken }, true);
    expect(done.shadow).toMatchObject({ problem: 'the disk is full', accounts: 0 });
    expect(errors).toHaveLength(1);
    expect(syncResult(done, {})).toMatchObject({ ok: true, written: 4 });
  });

  it('is not scored once it is live, nor where this version cannot read it', async () => {
    const deps = await book(FACTS);
    await start(deps, deps.model);
    expect(await scoreShadow(deps, NOW)).toMatchObject({ problem: 'it is the live model', accounts: 0 });
    await deps.store.startShadow({ hash: 'h', since: NOW, by: 'mia' }, { name: 'x', version: 1 });
    expect(await scoreShadow(deps, NOW)).toMatchObject({
      model: null,
      problem: expect.stringMatching(/cannot read it/),
    });
  });

  it('stops at once with the run that it belongs to', async () => {
    const deps = await book(FACTS);
    await start(deps);
    await sync(deps, true);
    const signal = AbortSignal.abort(new Error('stopped by SIGTERM'));
    await expect(scoreShadow({ ...deps, signal }, NOW)).rejects.toThrow('stopped by SIGTERM');
  });
});
