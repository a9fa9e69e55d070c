import { describe, expect, it } from 'vitest';
import { GONE, KEPT, LOST, type Moment, NOT_CONCERNED } from '../../../src/core/backtest/outcome.ts';
import { daysOf, logStory, type OutcomeLog } from '../../../src/core/backtest/outcome-log.ts';

const moment = (day: number): Moment => ({ at: 0, day, until: day + 90 });
const log = (back: boolean): OutcomeLog => ({
  kind: 'days',
  file: 'churn.csv',
  days: new Map([
    ['a', [100]],
    ['b', [100, 300]],
  ]),
  back,
});

describe('a file of days on which accounts left', () => {
  it('tells who left within the horizon, its last day included', () => {
    const story = logStory(log(false), { account: 'a' });
    expect([9, 10, 99, 100].map((day) => story.at(moment(day)))).toEqual([KEPT, LOST, LOST, GONE]);
    expect(story.left).toBe(100);
  });
  it('takes whoever is not in it for one who stayed', () => {
    const story = logStory(log(false), { account: 'c' });
    expect(story.left).toBeNull();
    expect(story.at(moment(50))).toBe(KEPT);
  });
  it('counts one that had left as gone, unless accounts come back in that file', () => {
    expect(logStory(log(false), { account: 'a' }).at(moment(150))).toBe(GONE);
    expect(logStory(log(true), { account: 'a' }).at(moment(150))).toBe(KEPT);
    expect(logStory(log(true), { account: 'b' }).at(moment(250))).toBe(LOST);
  });
});

it('a file of labels tells of its own days, and of nobody else', () => {
  const labels: OutcomeLog = {
    kind: 'labels',
    file: 'labels.csv',
    labels: new Map([
      [
        'a',
        new Map([
          [200, true],
          [100, false],
        ]),
      ],
    ]),
  };
  expect(daysOf(labels)).toEqual([100, 200]);
  const story = logStory(labels, { account: 'a' });
  expect([100, 150, 200].map((day) => story.at(moment(day)))).toEqual([KEPT, NOT_CONCERNED, LOST]);
  expect(logStory(labels, { account: 'b' }).at(moment(100))).toBe(NOT_CONCERNED);
});
