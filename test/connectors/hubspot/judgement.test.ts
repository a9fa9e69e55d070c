import { describe, expect, test } from 'vitest';
import { userFact } from '../../../connectors/hubspot/facts-people.ts';
import { judgementFacts } from '../../../connectors/hubspot/judgement.ts';
import { Mapping, ourFields } from '../../../connectors/hubspot/mapping.ts';
import { personKey } from '../../../connectors/hubspot/owners.ts';
import { CrmRecord } from '../../../connectors/hubspot/record.ts';
import { fieldSpecs } from '../../../src/core/writeback-fields.ts';
import { DAY, sound, T0 } from './facts-support.ts';

const fields = ourFields(Mapping.parse({ account: {} }), fieldSpecs([], [])).filter((f) => f.direction === 'theirs');
const at = (day: number): string => new Date(T0 + day * DAY).toISOString();
type Entry = [day: number, value: string, user?: number];

/** A company as the portal answers, with what its properties were, oldest first. */
const company = (past: Record<string, Entry[]>, more: Record<string, string> = {}) =>
  CrmRecord.parse({
    id: '501',
    createdAt: at(0),
    updatedAt: at(30),
    properties: {
      ...Object.fromEntries(Object.entries(past).map(([name, entries]) => [name, entries.at(-1)?.[1] ?? null])),
      ...more,
    },
    propertiesWithHistory: Object.fromEntries(
      Object.entries(past).map(([name, entries]) => [
        name,
        entries
          .map(([day, value, user]) => ({ value, timestamp: at(day), ...(user ? { updatedByUserId: user } : {}) }))
          .toReversed(),
      ]),
    ),
  });
const told = (record: CrmRecord) =>
  judgementFacts(record, fields).map((fact) => {
    sound(fact);
    const days = (fact.at - T0) / DAY;
    if (fact.kind !== 'pulse') throw new Error(fact.kind);
    return fact.deleted ? [days, 'ended'] : [days, fact.data];
  });

describe('a company', () => {
  test('says each change when it was made, and by whom', () => {
    const record = company({
      chs_health_override_band: [[2, 'Yellow', 77]],
      chs_health_override_reason: [
        [2, 'new sponsor', 77],
        [5, 'sponsor is back', 78],
      ],
      chs_health_override_until: [[2, '2027-01-14', 77]],
      chs_health_override_score: [[2, '', 77]],
    });
    expect(told(record)).toEqual([
      [2, expect.objectContaining({ overrideBand: 'Yellow', overrideReason: 'new sponsor', byId: 'user:77' })],
      [5, expect.objectContaining({ overrideReason: 'sponsor is back', overrideUntil: '2027-01-14', byId: 'user:78' })],
    ]);
  });

  test('of which nothing was ever said has no judgement', () => {
    expect(told(company({}))).toEqual([]);
    expect(told(company({ chs_health_pulse: [[0, '']] }))).toEqual([]);
  });

  test('ends what was emptied, and begins anew', () => {
    const record = company({
      chs_health_pulse: [
        [1, 'Good'],
        [3, ''],
        [9, 'Poor'],
      ],
    });
    expect(told(record)).toEqual([
      [1, expect.objectContaining({ label: 'Good', byId: null })],
      [3, 'ended'],
      [9, expect.objectContaining({ label: 'Poor' })],
    ]);
  });

  test('without history holds since its own stamp, never earlier', () => {
    expect(told(company({}, { chs_health_context: 'migration' }))).toEqual([
      [30, expect.objectContaining({ context: 'migration', byId: null })],
    ]);
  });

  test('that went into another takes its judgement along no further', () => {
    const record = company({ chs_health_pulse: [[1, 'Good']] }, { hs_merged_object_ids: '499' });
    expect(judgementFacts(record, fields).at(-1)).toMatchObject({ kind: 'pulse', id: '499', deleted: true });
  });
});

test('who changed something is found among the owners, also when they have left', () => {
  const owner = {
    id: '9',
    email: null,
    firstName: 'Priya',
    lastName: 'Shah',
    userIdIncludingInactive: '77',
    teams: [],
    archived: true,
    updatedAt: T0,
  };
  expect(userFact(owner, { managers: {}, teamLeads: {} }).data).toMatchObject({ keys: [personKey('77')] });
  expect(
    userFact({ ...owner, userIdIncludingInactive: null }, { managers: {}, teamLeads: {} }).data,
  ).not.toHaveProperty('keys');
});
