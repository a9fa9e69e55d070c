import { describe, expect, test } from 'vitest';
import { judgementFact } from '../../../connectors/salesforce/judgement.ts';
import { Mapping, ourFields } from '../../../connectors/salesforce/mapping.ts';
import type { Row } from '../../../connectors/salesforce/rows.ts';
import { FACTS } from '../../../src/core/fact.ts';
import { JUDGEMENT_FIELDS } from '../../../src/core/judgement.ts';
import { fieldSpecs } from '../../../src/core/writeback-fields.ts';

const fields = ourFields(Mapping.parse({ account: {} }), fieldSpecs([], [])).filter((f) => f.direction === 'theirs');
const STAMP = '2026-11-20T09:30:00.000+0000';
const AT = Date.parse('2026-11-20T09:30:00Z');
const EMPTY: Row = { Id: '001A', SystemModstamp: STAMP, IsDeleted: false, LastModifiedById: '005P' };
const SAID: Row = {
  ...EMPTY,
  Health_Pulse__c: 'Good',
  Health_Override_Band__c: 'Yellow',
  Health_Override_Score__c: 64,
  Health_Override_Reason__c: 'new sponsor',
  Health_Override_Until__c: '2027-01-14',
  Health_Context__c: 'migration',
  Health_Context_Until__c: '2026-12-24',
};

test('every field that people fill in is read', () => {
  expect(fields.map((f) => f.name).sort()).toEqual([...JUDGEMENT_FIELDS].sort());
});

describe('an account row', () => {
  test('says what its manager said, since its stamp, and who', () => {
    const fact = judgementFact(SAID, fields, '005US');
    expect(fact).toEqual({
      kind: 'pulse',
      id: '001A',
      account: '001A',
      at: AT,
      knownAt: AT,
      data: {
        label: 'Good',
        overrideBand: 'Yellow',
        overrideScore: 64,
        overrideReason: 'new sponsor',
        overrideUntil: '2027-01-14',
        context: 'migration',
        contextUntil: '2026-12-24',
        byId: '005P',
      },
    });
    FACTS.pulse.data.parse(fact.data);
  });

  test('does not name us, nor anybody where we do not know who we are', () => {
    expect(judgementFact(SAID, fields, '005P').data).toMatchObject({ byId: null });
    expect(judgementFact(SAID, fields, null).data).toMatchObject({ byId: null });
  });

  test.each([
    ['emptied', EMPTY],
    ['with spaces only', { ...EMPTY, Health_Override_Reason__c: '  ', Health_Context__c: '' }],
    ['deleted', { ...SAID, IsDeleted: true }],
  ])('%s ends what was said', (_, row) => {
    expect(judgementFact(row, fields, null)).toMatchObject({ kind: 'pulse', id: '001A', at: AT, deleted: true });
  });

  test('a score of zero is said, and fields that are not there are not', () => {
    const some = fields.filter((f) => f.name === 'overrideScore');
    const fact = judgementFact({ ...EMPTY, Health_Override_Score__c: 0 }, some, null);
    expect(fact.data).toMatchObject({ overrideScore: 0, overrideReason: null });
  });
});
