import { expect, it } from 'vitest';
import { writeFloor } from '../../src/cli/write-floor.ts';

const limit = { calls: 190, perMs: 10_000 };

it.each([
  ['rounds of full calls', { calls: 51, lanes: 5, perCall: 0.4, rate: null }, 4.4],
  ['no call at all', { calls: 0, lanes: 5, perCall: 0.4, rate: limit }, 0],
  ['as many calls as the first interval grants', { calls: 190, lanes: 5, perCall: 0, rate: limit }, 0],
  ['one more', { calls: 191, lanes: 5, perCall: 0, rate: limit }, 10],
  ['three intervals, of which the first is free', { calls: 500, lanes: 5, perCall: 0, rate: limit }, 20],
  ['lanes that are slower than the limit', { calls: 500, lanes: 5, perCall: 0.3, rate: limit }, 30],
])('%s', (_what, phase, seconds) => {
  expect(writeFloor(phase)).toBeCloseTo(seconds, 9);
});
