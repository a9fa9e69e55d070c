import { describe, expect, test } from 'vitest';
import { BILLING } from './billing.ts';
import { COMPARED } from './compared.ts';
import { ENGAGEMENT } from './engagement.ts';
import { RELATIONSHIP } from './relationship.ts';
import { expectCase, model } from './support.ts';
import { TICKETS } from './tickets.ts';
import { USE } from './use.ts';

const CASES = [...USE, ...COMPARED, ...TICKETS, ...BILLING, ...ENGAGEMENT, ...RELATIONSHIP];

describe('every signal that the default model offers', () => {
  test.each(CASES.map((c) => [`${c.signal}: ${c.why}`, c] as const))('%s', (_, c) => expectCase(c));

  test('has an example, and one of what is missing or empty', () => {
    const keys = model.dimensions.flatMap((d) => d.signals.map((s) => s.key));
    const examples = (key: string) => CASES.filter((c) => c.signal === key);
    expect(keys.filter((key) => !examples(key).some((c) => c.points !== null))).toEqual([]);
    expect(
      keys.filter((key) => !examples(key).some((c) => c.points === null || c.raw === 0 || /^No/.test(`${c.text}`))),
    ).toEqual([]);
  });

  test('is off, but for eight', () => {
    expect(model.dimensions.flatMap((d) => d.signals.filter((s) => s.enabled).map((s) => s.key))).toEqual([
      ...['active-share', 'usage-trend', 'severe-tickets', 'ticket-satisfaction', 'on-time-payments', 'touchpoints'],
      ...['executive-contact', 'nps'],
    ]);
  });
});
