import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideFields, MATERIAL, sameValue } from '../../src/core/decide.ts';
import type { FieldValue } from '../../src/core/fields.ts';
import { fieldSpecs } from '../../src/core/writeback-fields.ts';
import type { FieldsPayload } from '../../src/store/types.ts';

const DAY = 86_400_000;
const now = Date.parse('2026-11-25T03:00:00Z');
const fields = fieldSpecs([{ key: 'usage', label: 'Usage' }], [{ code: 'call', label: 'Call' }]);
const rules = { fields };
const desired: Record<string, FieldValue> = {
  score: 62,
  band: 'Yellow',
  trend: 'Stable',
  change30: -1.5,
  actionCode: 'Call',
  actionText: 'Call Ann by Fri 4 Dec: what changed?',
  reasons: 'Active users 41→22\nRenewal 14 Jan',
  dim_usage: 41,
  riskFlags: null,
  scoredAt: '2026-11-25T03:00:00.000Z',
};

describe('sameValue', () => {
  it.each<[Parameters<typeof sameValue>[0], FieldValue, FieldValue, boolean]>([
    ['integer', 62, '62', true],
    ['integer', '62.0', 62, true],
    ['integer', null, 0, false],
    ['decimal', 0.1 + 0.2, 0.3, true],
    ['decimal', -0, 0, true],
    ['text', '', null, true],
    ['text', '  ', null, true],
    ['text', 'a', 'A', false],
    ['datetime', '2026-11-25T03:00:00.000+0000', '2026-11-25T04:00:00+01:00', true],
    ['datetime', '2026-11-25T03:00:00.999Z', '2026-11-25T03:00:00Z', true],
    ['datetime', '2026-11-25T03:00:01Z', '2026-11-25T03:00:00Z', false],
    ['longText', 'a  \r\nb\r\n', 'a\nb', true],
    ['longText', 'a\n\nb', 'a\nb', false],
    ['boolean', 'true', true, true],
    ['boolean', false, null, false],
  ])('%s %j %j → %s', (type, a, b, same) => expect(sameValue(type, a, b)).toBe(same));
});

describe('decideFields', () => {
  const decide = (held: Record<string, FieldValue> | null, lastWrittenAt: number | null, more = {}) =>
    decideFields({ desired, held, lastWrittenAt, now, rules, ...more });

  it('writes everything that is not empty the first time', () => {
    const payload: FieldsPayload | null = decide(null, null);
    expect(Object.keys(payload?.changes ?? {})).toEqual(Object.keys(desired).filter((k) => desired[k] !== null));
    expect(payload?.changes.score).toEqual({ from: null, to: 62 });
  });
  it('writes nothing where nothing differs', () => expect(decide(desired, null)).toBeNull());
  it('is quiet about stamps and texts until the last write is old', () => {
    const held = { ...desired, scoredAt: '2026-11-20T03:00:00Z', reasons: 'older' };
    expect(decide(held, now - 6.7 * DAY)).toBeNull();
    expect(Object.keys(decide(held, now - 7 * DAY)?.changes ?? {})).toEqual(['reasons', 'scoredAt']);
    expect(decide(held, null)?.why).toBe('first write');
  });
  it('takes stamps and texts along with a material change, which says why', () => {
    const held = { ...desired, score: 71, scoredAt: '2026-11-20T03:00:00Z' };
    const payload = decide(held, now - DAY);
    expect(payload?.changes).toEqual({
      score: { from: 71, to: 62 },
      scoredAt: { from: '2026-11-20T03:00:00Z', to: desired.scoredAt },
    });
    expect(payload?.why).toBe('Health score 71 → 62');
  });
  it("puts a person's edit of our field back", () => {
    expect(decide({ ...desired, band: 'Green' }, now - 1)?.changes).toEqual({ band: { from: 'Green', to: 'Yellow' } });
  });
  it('leaves fields alone that cannot be read', () => {
    const { score: _, ...readable } = desired;
    expect(decide(readable, now)).toBeNull();
  });
  it('blanks', () => {
    const payload = decideFields({ desired: { band: null }, held: { band: 'Red' }, lastWrittenAt: now, now, rules });
    expect(payload?.changes).toEqual({ band: { from: 'Red', to: null } });
  });

  it('spreads refreshes after a first sync: never more than a quarter of the accounts on a day', () => {
    const accounts = Array.from({ length: 2000 }, (_, i) => `0015g00000${String(i).padStart(5, '0')}AAA`);
    const written = new Map(accounts.map((a) => [a, now]));
    for (let day = 1; day <= 60; day++) {
      const today = now + day * DAY;
      const due = accounts.filter((account) =>
        decideFields({
          account,
          desired: { ...desired, scoredAt: new Date(today).toISOString() },
          held: desired,
          lastWrittenAt: written.get(account) ?? null,
          now: today,
          rules,
        }),
      );
      for (const account of due) {
        expect(today - (written.get(account) ?? 0)).toBeGreaterThanOrEqual(7 * DAY);
        expect(today - (written.get(account) ?? 0)).toBeLessThanOrEqual(14 * DAY);
        written.set(account, today);
      }
      expect(due.length).toBeLessThanOrEqual(500);
      if (day < 7) expect(due).toEqual([]);
    }
    expect(Math.min(...written.values())).toBeGreaterThan(now + 40 * DAY);
  });

  const names = fields.filter((f) => f.direction === 'ours').map((f) => f.name);
  const value: fc.Arbitrary<FieldValue> = fc.oneof(
    fc.constant(null),
    fc.string(),
    fc.integer({ min: -100, max: 100 }),
    fc.double({ noNaN: true }),
    fc.constantFrom('', ' ', '\r\n', '2026-11-25T03:00:00Z', 'a \nb'),
  );
  const record = fc.dictionary(fc.constantFrom(...names), value);
  it('is settled once its payload is applied, and writes only what differs', () => {
    fc.assert(
      fc.property(
        record,
        fc.option(record),
        fc.option(fc.integer({ min: 0, max: 20 })),
        fc.option(fc.string(), { nil: undefined }),
        (want, held, age, account) => {
          const base = { desired: want, lastWrittenAt: age === null ? null : now - age * DAY, now, rules };
          const payload = decideFields({ ...base, held, ...(account === undefined ? {} : { account }) });
          const after = { ...(held ?? Object.fromEntries(Object.keys(want).map((k) => [k, null]))) };
          for (const [name, { from, to }] of Object.entries(payload?.changes ?? {})) {
            expect(from).toEqual(held?.[name] ?? null);
            after[name] = to;
          }
          if (payload) expect(decideFields({ ...base, held: after })).toBeNull();
          const materialDiffers = MATERIAL.some(
            (m) =>
              Object.hasOwn(want, m) &&
              Object.hasOwn(after, m) &&
              !sameValue(specType(m), after[m] ?? null, want[m] ?? null),
          );
          expect(materialDiffers).toBe(false);
        },
      ),
      { seed: 4, numRuns: 500 },
    );
  });
  const specType = (name: string) => fields.find((f) => f.name === name)?.type ?? 'text';
});

describe('a score that wavers about a rounding edge', () => {
  const rules = { fields: fieldSpecs([], [{ code: 'check-in', label: 'Regular check-in' }]) };
  const at = (shown: number, exact: number) =>
    decideFields({
      desired: { score: Math.round(exact) },
      exactScore: exact,
      held: { score: shown },
      lastWrittenAt: 0,
      now: 86_400_000,
      rules,
    });

  it('is not written before it is a whole point away from what the CRM shows', () => {
    expect(at(72, 72.6)).toBeNull();
    expect(at(72, 72.99)).toBeNull();
    expect(at(72, 73)?.changes.score).toEqual({ from: 72, to: 73 });
    expect(at(72, 71)?.changes.score).toEqual({ from: 72, to: 71 });
  });

  it('is put back where a person typed another one', () => {
    expect(at(90, 72.4)?.changes.score).toEqual({ from: 90, to: 72 });
  });
});
