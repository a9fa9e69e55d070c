import { describe, expect, it } from 'vitest';
import { calibrationChart, endOfCurves } from '../../src/report/charts/calibration.ts';
import { distributionChart } from '../../src/report/charts/distribution.ts';
import { leadChart } from '../../src/report/charts/lead.ts';
import { roundEnd, WIDTH } from '../../src/report/charts/plot.ts';
import { columns, track } from '../../src/report/charts/track.ts';

const BANDS = [
  { band: 'green', from: 80 },
  { band: 'yellow', from: 60 },
  { band: 'red', from: 0 },
];
const bins = (...filled: { from: number; stayed: number; left: number }[]) =>
  Array.from({ length: 20 }, (_, i) => ({
    from: i * 5,
    to: i === 19 ? 100 : i * 5 + 4,
    stayed: filled.find((f) => f.from === i * 5)?.stayed ?? 0,
    left: filled.find((f) => f.from === i * 5)?.left ?? 0,
  }));
const shapes = (text: string, tag: string, css: string): Record<string, number>[] =>
  [...text.matchAll(new RegExp(`<${tag} class="${css}"([^>]*)>`, 'g'))].map((m) =>
    Object.fromEntries([...(m[1] ?? '').matchAll(/([a-z0-9]+)="(-?[\d.]+)%?"/g)].map((a) => [a[1], Number(a[2])])),
  );

describe('the distribution', () => {
  const { text } = distributionChart(
    {
      bins: bins(
        { from: 20, stayed: 0, left: 3 },
        { from: 50, stayed: 10, left: 1 },
        { from: 95, stayed: 30, left: 0 },
      ),
      meanStayed: 85,
      meanLeft: 28,
    },
    BANDS,
  );
  const [stayed, left] = [shapes(text, 'rect', 'stayed'), shapes(text, 'rect', 'left')];

  it('draws a bar for each score that somebody had, in shares of its own half', () => {
    expect([stayed.length, left.length]).toEqual([2, 2]);
    expect((stayed[1]?.height ?? 0) / (stayed[0]?.height ?? 1)).toBeCloseTo(3, 1);
    expect((left[0]?.height ?? 0) / (left[1]?.height ?? 1)).toBeCloseTo(3, 1);
    // 3 of 4 that left and 30 of 40 that stayed: as far below the line as above it.
    expect(left[0]?.height).toBeCloseTo(stayed[1]?.height ?? 0, 1);
  });

  it('puts those that stayed above the line and those that left below it', () => {
    const zero = left[0]?.y ?? 0;
    for (const bar of stayed) expect((bar.y ?? 0) + (bar.height ?? 0)).toBeCloseTo(zero, 1);
    for (const bar of left) expect(bar.y).toBeCloseTo(zero, 1);
    for (const bar of [...stayed, ...left]) expect((bar.x ?? 0) + (bar.width ?? 0)).toBeLessThan(WIDTH);
  });

  it('says in words what it shows', () => {
    expect(text).toContain('▲ 40 stayed, mean score 85');
    expect(text).toContain('▼ 4 left, mean score 28');
    for (const band of ['Green', 'Yellow', 'Red']) expect(text).toContain(`>${band}</text>`);
  });

  it('names no band that has no room for its name', () => {
    const narrow = [{ band: 'platinum', from: 98 }, ...BANDS];
    const chart = distributionChart({ bins: bins(), meanStayed: null, meanLeft: null }, narrow);
    expect(chart.text).not.toContain('Platinum');
  });

  it('of one half alone has no mean of the other', () => {
    const chart = distributionChart(
      { bins: bins({ from: 50, stayed: 5, left: 0 }), meanStayed: 52, meanLeft: null },
      BANDS,
    );
    expect(chart.text).toContain('▼ 0 left</text>');
    expect(chart.text).not.toMatch(/NaN|undefined|null/);
  });
});

const point = (said: number, rate: number, cases = 10) => ({
  said,
  rate,
  cases,
  accounts: cases,
  low: rate / 2,
  high: rate * 1.2,
});

describe('the calibration curve', () => {
  it('lies on the dashed line where what was said came', () => {
    const { text } = calibrationChart('c', 'C', [point(0.2, 0.2), point(0.4, 0.4)], 0.5);
    const [ideal] = shapes(text, 'line', 'ideal');
    const slope = ((ideal?.y2 ?? 0) - (ideal?.y1 ?? 0)) / ((ideal?.x2 ?? 0) - (ideal?.x1 ?? 0));
    for (const { cx = 0, cy = 0 } of shapes(text, 'circle', 'left'))
      expect(cy).toBeCloseTo((ideal?.y1 ?? 0) + slope * (cx - (ideal?.x1 ?? 0)), 0);
  });

  it('has larger points for more cases', () => {
    const [few, many] = shapes(
      calibrationChart('c', 'C', [point(0.1, 0.1, 10), point(0.2, 0.2, 500)], 0.5).text,
      'circle',
      'left',
    );
    expect(many?.r).toBeGreaterThan(few?.r ?? 0);
  });

  it('of a book where 2 % leave fills its axes, and two curves share them', () => {
    expect(endOfCurves([point(0.02, 0.02)])).toBeLessThan(0.05);
    expect(endOfCurves([point(0.02, 0.02)], [point(0.4, 0.5)])).toBeGreaterThanOrEqual(0.6);
    expect(endOfCurves([point(0, 0)])).toBeGreaterThan(0);
    expect(endOfCurves([point(1, 1)])).toBe(1);
  });
});

describe('the score before accounts left', () => {
  const row = (days: number, meanLeft: number | null, meanOthers: number | null) => ({
    days,
    left: 5,
    meanLeft,
    meanOthers,
    reason: meanLeft === null ? 'none' : null,
  });

  it('runs towards the day of leaving', () => {
    const { text } = leadChart([row(30, 40, 70), row(60, 50, 70), row(90, 60, 70)]);
    const marks = shapes(text, 'rect', 'left').slice(1);
    expect(marks.map((m) => m.x)).toEqual(marks.map((m) => m.x).toSorted((a, b) => (a ?? 0) - (b ?? 0)));
    expect(marks.map((m) => m.y)).toEqual(marks.map((m) => m.y).toSorted((a, b) => (a ?? 0) - (b ?? 0)));
  });

  it.each([
    [70, 70],
    [40, 41],
    [90, 10],
  ])('keeps the figures %d and %d apart', (left, others) => {
    const { text } = leadChart([row(30, left, others)]);
    const at = [...text.matchAll(/y="([\d.]+)" text-anchor="middle">\d+<\/text>/g)].map((m) => Number(m[1]));
    expect(Math.abs((at[0] ?? 0) - (at[1] ?? 0))).toBeGreaterThan(14);
  });

  it('leaves out moments of which nothing is known', () => {
    const { text } = leadChart([row(30, 40, 70), row(60, null, null)]);
    expect(shapes(text, 'circle', 'stayed')).toHaveLength(2); // the legend's, and one
    expect(text).not.toMatch(/NaN|undefined|null/);
  });
});

describe('bars in rows', () => {
  it('are parts of a hundred of the axis, and stay on it', () => {
    const { text } = track({ from: 0, to: 0.8, grid: [], bar: 0.2, low: -1, high: 2, mark: 0.4 });
    expect(shapes(text, 'rect', 'left soft')[0]).toMatchObject({ x: 0, width: 25 });
    expect(shapes(text, 'line', 'whisker')[0]).toMatchObject({ x1: 0, x2: 100 });
    expect(text).toContain('<svg x="50%"');
  });
  it('go both ways from a base', () => {
    const { text } = track({ from: 0, to: 1, grid: [], bar: 0.3, base: 0.5 });
    expect(shapes(text, 'rect', 'left soft')[0]).toMatchObject({ x: 30, width: 20 });
  });
  it('draw nothing of what is not known', () => {
    expect(track({ from: 0, to: 1, grid: [], bar: null, low: null, high: null }).text).not.toMatch(/rect|whisker/);
  });
  it('show zero as a line, not as nothing', () => {
    const bars = shapes(columns([0, 0.5, 0.25], 0.5).text, 'rect', 'left');
    expect(bars.map((b) => b.height)).toEqual([1, 28, 14]);
    expect(shapes(columns([0], 0).text, 'rect', 'left')[0]?.height).toBe(1);
  });
});

it.each([
  [0.43, 0.5],
  [0.57, 0.6],
  [0.78, 0.8],
  [0, 0.001],
])('an axis to %d ends at %d', (greatest, end) => expect(roundEnd(greatest)).toBeCloseTo(end, 3));
