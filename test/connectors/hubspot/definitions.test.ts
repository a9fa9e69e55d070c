import { describe, expect, it } from 'vitest';
import {
  companyProperty,
  type Definition,
  difference,
  MARKER,
  taskKeyProperty,
} from '../../../connectors/hubspot/definitions.ts';
import { portalOf } from '../../../connectors/hubspot/portal.ts';
import type { Property } from '../../../connectors/hubspot/schema.ts';
import { segmentsOf } from '../../../connectors/hubspot/segments.ts';
import { FIELDS, makeCtx } from './support.ts';

describe('a definition', () => {
  const { mapping } = portalOf(makeCtx().ctx);
  const score = companyProperty({ ...field('score'), api: 'chs_health_score' }, mapping);
  const compare = (wanted: Definition, found: Property) => difference(wanted, found, false, mapping);
  const existing = (over: Partial<Property> = {}): Property => ({
    options: [],
    hasUniqueValue: false,
    readOnly: false,
    holdsOwner: false,
    ...score,
    ...over,
  });

  it('says to whom it belongs, and is known by that whatever people write around it', () => {
    expect(score.description).toContain('edits are overwritten');
    expect(score.description.endsWith(MARKER)).toBe(true);
    const moved = { groupName: 'sales' };
    expect(compare(score, existing({ ...moved, description: `${MARKER}: the score` }))).toEqual({ action: 'keep' });
    expect(compare(score, existing({ ...moved, description: 'the score' }))).toMatchObject({ action: 'conflict' });
  });

  it('is known by our prefix in our group, where people have rewritten its description', () => {
    expect(compare(score, existing({ description: 'the score' }))).toEqual({ action: 'keep' });
    // A name that a customer gave it may have been there before, in whatever group.
    const named = { ...score, name: 'customer_health' };
    expect(compare(named, existing({ ...named, description: 'ours since 2019' }))).toMatchObject({
      action: 'conflict',
    });
  });

  it('is a conflict where the type differs, and none where people chose another form, group or label', () => {
    expect(compare(score, existing({ type: 'string' }))).toMatchObject({ action: 'conflict' });
    expect(compare(score, existing({ groupName: 'sales', label: 'Score', fieldType: 'x' }))).toEqual({
      action: 'keep',
    });
  });

  it('is as unique as the portal took it at birth: that cannot be changed', () => {
    const wanted = taskKeyProperty(mapping);
    const plain = existing({ ...wanted, hasUniqueValue: false });
    expect(compare(wanted, plain)).toEqual({ action: 'keep' });
  });
});

it('lists renewals at risk only where a renewal date is kept', () => {
  const ours = FIELDS.map((f) => ({ ...f, api: `chs_health_${f.name}` }));
  const names = (renewalOn: string | null) => segmentsOf(ours, renewalOn, 'Europe/London').map((s) => s.name);
  expect(names(null)).not.toContain('Health: renewal within 90 days at risk');
  const [, soon] = segmentsOf(ours, 'renewal_date', 'Europe/London').at(-1)?.filters ?? [];
  expect(soon).toMatchObject({
    property: 'renewal_date',
    operation: {
      operationType: 'TIME_RANGED',
      operator: 'IS_BETWEEN',
      lowerBoundTimePoint: { timeType: 'INDEXED', indexReference: { referenceType: 'TODAY' }, zoneId: 'Europe/London' },
      upperBoundTimePoint: { timeType: 'INDEXED', indexReference: { referenceType: 'TODAY' }, offset: { days: 90 } },
    },
  });
});

function field(name: string) {
  const found = FIELDS.find((f) => f.name === name);
  if (!found) throw new Error(`no field ${name}`);
  return found;
}
