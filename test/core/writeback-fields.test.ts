import { describe, expect, it } from 'vitest';
import type { AccountScore } from '../../src/core/result.ts';
import { fieldSpecs, fieldValues } from '../../src/core/writeback-fields.ts';

const dimensions = [
  { key: 'usage', label: 'Usage' },
  { key: 'support', label: 'Support' },
];
const actions = [{ code: 'call', label: 'Call about change' }];
const specs = fieldSpecs(dimensions, actions);
const score: AccountScore = {
  account: 'A',
  name: 'Acme',
  asOf: Date.parse('2026-11-25T03:00:00.789Z'),
  model: 'five-dimension',
  modelHash: '0123456789abcdef',
  segment: null,
  points: 624_999,
  score: 62,
  band: 'yellow',
  trend: 'declining fast',
  change30: -125_500,
  confidence: 0.846,
  dimensions: [
    { dimension: 'usage', label: 'Usage', weight: 0.3, score: 415_000 },
    { dimension: 'support', label: 'Support', weight: 0.2, score: null },
  ],
  contributions: [],
  caps: [],
  flags: ['no-executive-contact', 'single-threaded'],
  reasons: ['One.', 'Two.'],
  action: { code: 'call', text: 'Call Ann by Fri 4 Dec: what changed?', ownerRole: 'csm', why: 'x' },
  coverage: '',
  renewal: null,
  arr: null,
  csmId: null,
  managerId: null,
  ownerId: null,
};

describe('fieldValues', () => {
  it('fills every field of ours, and none of theirs', () => {
    expect(fieldValues(score, specs, actions)).toEqual({
      score: 62,
      band: 'Yellow',
      trend: 'Declining fast',
      change30: -12.6,
      actionCode: 'Call about change',
      actionText: 'Call Ann by Fri 4 Dec: what changed?',
      reasons: 'One.\nTwo.',
      dim_usage: 42,
      dim_support: null,
      riskFlags: 'No executive contact; Single threaded',
      confidence: 85,
      coverage: null,
      scoredAt: '2026-11-25T03:00:00.000Z',
      modelVersion: 'five-dimension 0123456789ab',
    });
  });
  it('says that an account is not scored, with no number', () => {
    const values = fieldValues(
      { ...score, score: null, points: null, band: 'not scored', trend: 'new', change30: null, action: null },
      specs,
      actions,
    );
    expect(values).toMatchObject({
      score: null,
      band: 'Not scored',
      trend: null,
      change30: null,
      actionCode: null,
      actionText: null,
    });
  });
  it('never writes -0 or a value that the field cannot take', () => {
    const values = fieldValues(
      {
        ...score,
        change30: -100,
        coverage: 'word '.repeat(100),
        flags: Array.from({ length: 60 }, (_, i) => `flag-${i}`),
        reasons: ['x'.repeat(5000)],
      },
      specs,
      actions,
    );
    expect(Object.is(values.change30, 0)).toBe(true);
    for (const spec of specs) {
      const value = values[spec.name];
      if (spec.length && typeof value === 'string') expect(value.length, spec.name).toBeLessThanOrEqual(spec.length);
      if (spec.values && value) expect(spec.values).toContain(value);
    }
    expect(values.riskFlags).toMatch(/\+\d+ more$/);
  });
});

describe('fieldSpecs', () => {
  it('has unique names, labels that a CRM takes, and a help text for each', () => {
    expect(new Set(specs.map((s) => s.name)).size).toBe(specs.length);
    expect(new Set(specs.map((s) => s.label)).size).toBe(specs.length);
    for (const s of specs) {
      expect(s.name).toMatch(/^[a-z][A-Za-z0-9_]*$/);
      expect(s.label.length).toBeLessThanOrEqual(40);
      expect(s.help.length).toBeGreaterThan(10);
      expect(s.help.length).toBeLessThanOrEqual(255);
      expect(s.values !== undefined, s.name).toBe(s.type === 'picklist');
    }
  });
  it('shows the bands of the model', () => {
    expect(specs.find((s) => s.name === 'band')?.values).toEqual(['Green', 'Yellow', 'Red', 'Not scored']);
    expect(fieldSpecs([], actions, ['good', 'bad']).find((s) => s.name === 'overrideBand')?.values).toEqual([
      'Good',
      'Bad',
    ]);
  });
});
