import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { capsOf } from '../../src/core/caps.ts';
import { dateOf, dayOf } from '../../src/core/days.ts';
import type { StoredFact } from '../../src/core/fact.ts';
import { judgingOf } from '../../src/core/judge.ts';
import { Model } from '../../src/core/model.ts';
import { POINT } from '../../src/core/result.ts';
import { bandOf, rounded } from '../../src/core/score.ts';
import { loadYaml } from '../../src/kit/yaml.ts';
import { account, daysAgo, fact, inputOf, TODAY } from './helpers.ts';

const FOLDER = fileURLToPath(new URL('../../mappings/models/', import.meta.url));
const SHIPPED = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));
const FULL = 100 * POINT;

const escalated = (ago: number): StoredFact =>
  fact('ticket', daysAgo(ago), { openedAt: daysAgo(ago), escalated: true, status: 'open' });
const champion = fact('contact', daysAgo(300), { title: 'Champion', name: 'Priya Shah' }, { id: 'c1' });
const bounced = (ago: number): StoredFact =>
  fact('contact', daysAgo(ago), { title: 'Champion', name: 'Priya Shah', bounced: true }, { id: 'c1' });
const overdue = (days: number): StoredFact =>
  fact('invoice', daysAgo(days + 30), { dueOn: dateOf(dayOf(TODAY) - days) });

describe.each(SHIPPED)('%s', (file) => {
  const model = loadYaml(`${FOLDER}${file}`, Model);
  /** What is left of a score of 100, and by which caps. */
  const left = (facts: StoredFact[], total = FULL) => {
    const { context } = judgingOf(model, inputOf([account(), ...facts]));
    const caps = capsOf(model, model.bands, context, total);
    return { points: caps.reduce((sum, cap) => sum + cap.points, total), caps };
  };
  const [best, second] = model.bands;

  test.each<[string, string, StoredFact[]]>([
    ['escalated-weeks', 'escalated week after week', [escalated(2), escalated(9), escalated(16)]],
    ['champion-left', 'whose champion left', [champion, bounced(90)]],
    [
      'champion-left',
      'whose champion was deleted',
      [champion, fact('contact', daysAgo(3), {}, { id: 'c1', deleted: true })],
    ],
    ['invoice-overdue', 'with an invoice 60 days overdue', [overdue(60)]],
  ])('%s: everything at 100 makes no account green that is %s', (key, _, facts) => {
    const { points, caps } = left(facts);
    expect(caps).toMatchObject([{ cap: key }]);
    expect(points).toBe(((best?.from ?? 0) - 1) * POINT);
    expect(bandOf(model.bands, rounded(points))).toBe(second?.key);
  });

  test.each<[string, StoredFact[]]>([
    ['escalated in two of three weeks', [escalated(2), escalated(3), escalated(16)]],
    ['three escalations of another month', [escalated(22), escalated(29), escalated(36)]],
    ['a champion who left 91 days ago', [champion, bounced(91)]],
    [
      'another champion is there',
      [champion, bounced(9), fact('contact', daysAgo(5), { title: 'Champion' }, { id: 'c2' })],
    ],
    ['an invoice 59 days overdue', [overdue(59)]],
    ['nothing', []],
  ])('no cap by %s', (_, facts) => {
    expect(left(facts)).toEqual({ points: FULL, caps: [] });
  });

  test('all at once take the points once, and take none of a score that is low anyway', () => {
    const facts = [escalated(2), escalated(9), escalated(16), champion, bounced(5), overdue(70)];
    const { points, caps } = left(facts);
    expect(caps.map((cap) => cap.cap).sort()).toEqual(['champion-left', 'escalated-weeks', 'invoice-overdue']);
    expect(points).toBe(((best?.from ?? 0) - 1) * POINT);
    const low = left(facts, 30 * POINT);
    expect(low.points).toBe(30 * POINT);
    expect(low.caps.map((cap) => cap.points + 0)).toEqual([0, 0, 0]);
  });
});
