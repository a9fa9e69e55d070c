import { readdirSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { dayOf } from '../../src/core/days.ts';
import { type Model, modelsOf, type Signal } from '../../src/core/model.ts';
import { scoreAccount } from '../../src/core/score.ts';
import type { Measured } from '../../src/core/signals.ts';
import { changeText, type Figures, plainText } from '../../src/core/texts.ts';
import { loadModel } from '../../src/kit/model-file.ts';
import { account, fact, inputOf, modelOf, NOON, signal, TODAY } from './helpers.ts';

const MODELS = new URL('../../mappings/models/', import.meta.url);
const today = dayOf(TODAY);

/** A score of an account on the second day of its onboarding, so that a window is a day long at most. */
function figures(model: Model, own: Signal, value: number): Figures {
  const [yesterday] = [new Date((today - 1) * 86_400_000).toISOString().slice(0, 10)];
  const input = inputOf([account({ createdOn: yesterday }, NOON - 86_400_000)]);
  const found = scoreAccount(model, input).figures(own.key);
  if (!found) throw new Error(`${own.key} is not measured`);
  const measured: Measured = { ...found.measured, value, top: value, bottom: value, count: value };
  return { ...found, measured, note: '' };
}

describe('what a figure counts', () => {
  const model = modelOf({
    dimensions: [
      {
        key: 'support',
        weight: 1,
        signals: [
          signal('tickets', {
            from: { kind: 'ticket' },
            aggregation: 'count',
            windowDays: 30,
            text: '{value open ticket|open tickets} of {bottom} in {window day|days}',
            changeText: '{then.value}→{value ticket|tickets} since {since}',
          }),
        ],
      },
    ],
  });
  const [own] = model.dimensions[0]?.signals ?? [];
  if (!own) throw new Error('there is no signal');

  it.each([
    [0, '0 open tickets of 0 in 1 day'],
    [1, '1 open ticket of 1 in 1 day'],
    [1.04, '1 open ticket of 1 in 1 day'],
    [1.1, '1.1 open tickets of 1.1 in 1 day'],
    [11, '11 open tickets of 11 in 1 day'],
  ])('is named in its form: %d', (value, text) => expect(plainText(own, figures(model, own, value))).toBe(text));

  it.each([
    [3, 1, '3→1 ticket since 26 Oct'],
    [1, 3, '1→3 tickets since 26 Oct'],
    [1, 1, null],
  ])('in a change too: %d→%d', (then, now, text) => {
    const [is, was] = [figures(model, own, now), figures(model, own, then)];
    expect(changeText(own, is, was, today - 30, today)).toBe(text);
  });

  it('is one ticket where there is one', () => {
    const one = fact('ticket', NOON - 86_400_000 * 2, { openedAt: NOON - 86_400_000 * 2 });
    const [line] = scoreAccount(model, inputOf([account(), one])).contributions;
    expect(line?.text).toBe('1 open ticket of – in 30 days');
  });
});

/** "1 tickets", "1 open tickets", "1 people": business and the like are no plurals. */
const WRONG = /\b1 (?:[a-z-]+ )?(?:[a-z-]*[^su ]s|people)\b/i;

test.each(['1 tickets', '1 open tickets', 'of 1 seats', '1 people in contact', '1 calls, meetings and e-mails'])(
  'the plural of one is found: %s',
  (text) => expect(text).toMatch(WRONG),
);

describe.each(readdirSync(MODELS).filter((name) => name.endsWith('.yaml')))('%s', (name) => {
  const model = loadModel(new URL(name, MODELS).pathname);
  const signals = modelsOf(model).flatMap((m) => m.dimensions.flatMap((d) => d.signals));
  it('says “1 ticket”, never “1 tickets”', () => {
    for (const own of signals) {
      const on = { ...own, enabled: true };
      const whole = { ...model, dimensions: [{ key: 'all', label: 'All', weight: 1, signals: [on] }] };
      const [now, then] = [figures(whole, on, 1), figures(whole, on, 2)];
      const texts = [on.text, on.emptyText ?? ''].map((text) => plainText({ ...on, text, emptyText: undefined }, now));
      const change = changeText(on, now, then, today - 30, today);
      for (const text of [...texts, change ?? '']) expect(text).not.toMatch(WRONG);
    }
  });
});
