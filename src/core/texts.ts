import { figure, shortDay, shortMoney } from './format.ts';
import type { Signal } from './model.ts';
import type { Env } from './rows.ts';
import type { Measured } from './signals.ts';

/** The figures that a signal's texts may name, written for people. */
export interface Figures {
  value: string;
  top: string;
  bottom: string;
  rows: string;
  on: string;
  window: string;
  /** Whether the value comes from `empty`: no row, so no figures. */
  empty: boolean;
}

const UNKNOWN = '–';

export function figuresOf(measured: Measured, signal: Signal, env: Env): Figures {
  const currency = env.currency;
  const write = (value: number | string | null): string => {
    if (value === null) return UNKNOWN;
    if (typeof value === 'string') return value;
    return signal.unit === 'money' && currency ? shortMoney({ minor: value, currency }) : figure(value);
  };
  // A change shows its sign both ways: "Usage +4 %".
  const isChange = signal.aggregation === 'trend' || signal.aggregation === 'deviation';
  const rises = isChange && typeof measured.value === 'number' && measured.value > 0;
  return {
    value: `${rises ? '+' : ''}${write(measured.value)}`,
    top: write(measured.top),
    bottom: write(measured.bottom),
    rows: String(measured.count),
    on: measured.on === null ? UNKNOWN : shortDay(measured.on, env.today),
    window: String(signal.windowDays ?? ''),
    empty: measured.empty,
  };
}

/** "Active users 22 of 50 seats" */
export function plainText(signal: Signal, now: Figures): string {
  return fill(now.empty ? (signal.emptyText ?? signal.text) : signal.text, now, null, '');
}

/** "Active users 41→22 of 50 seats since 20 Oct"; null where nothing moved or the signal has no such text. */
export function changeText(signal: Signal, now: Figures, then: Figures, since: number, today: number): string | null {
  if (!signal.changeText || now.empty || then.empty) return null;
  const text = fill(signal.changeText, now, then, shortDay(since, today));
  const still = fill(signal.changeText, now, now, shortDay(since, today));
  return text === still || text.includes(UNKNOWN) ? null : text;
}

function fill(template: string, now: Figures, then: Figures | null, since: string): string {
  return template.replace(/\{([^}]*)\}/g, (_, name: string) => {
    if (name === 'since') return since;
    const [key, from] = name.startsWith('then.') ? [name.slice(5), then] : [name, now];
    const value = (from as unknown as Record<string, unknown> | null)?.[key];
    return typeof value === 'string' ? value : UNKNOWN;
  });
}
