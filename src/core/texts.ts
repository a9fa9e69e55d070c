import { figure, shortDay, shortMoney } from './format.ts';
import type { Signal } from './model.ts';
import type { Env } from './rows.ts';
import { daysSeen, type Measured } from './signals.ts';

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
  /** What else one has to know to read it: onboarding, peers, a context that holds it. */
  note: string;
}

const UNKNOWN = '–';

export function figuresOf(measured: Measured, signal: Signal, env: Env, notes: string[] = []): Figures {
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
    window: signal.windowDays === undefined ? '' : String(daysSeen(env, signal.windowDays)),
    empty: measured.empty,
    note: notes.map((note) => `; ${note}`).join(''),
  };
}

/** "Active users 22 of 50 seats" */
export function plainText(signal: Signal, now: Figures): string {
  return fill(now.empty ? (signal.emptyText ?? signal.text) : signal.text, now, null, '') + now.note;
}

/** "Active users 41→22 of 50 seats since 20 Oct"; null where nothing moved or the signal has no such text. */
export function changeText(signal: Signal, now: Figures, then: Figures, since: number, today: number): string | null {
  if (!signal.changeText || now.empty || then.empty) return null;
  const text = fill(signal.changeText, now, then, shortDay(since, today));
  const still = fill(signal.changeText, now, now, shortDay(since, today));
  return text === still || text.includes(UNKNOWN) ? null : text + now.note;
}

/** Text, and names in braces between; a model has a few dozen templates, which every account fills. */
type Part = { text: string } | { key: keyof Figures | 'since'; then: boolean };
const templates = new Map<string, Part[]>();

function partsOf(template: string): Part[] {
  const known = templates.get(template);
  if (known) return known;
  const parts = template.split(/\{([^}]*)\}/).map((text, i): Part => {
    if (i % 2 === 0) return { text };
    const then = text.startsWith('then.');
    return { key: (then ? text.slice(5) : text) as keyof Figures, then };
  });
  if (templates.size > 1_000) templates.clear();
  templates.set(template, parts);
  return parts;
}

function fill(template: string, now: Figures, then: Figures | null, since: string): string {
  let out = '';
  for (const part of partsOf(template)) {
    if ('text' in part) out += part.text;
    else if (part.key === 'since') out += since;
    else {
      const value = (part.then ? then : now)?.[part.key];
      out += typeof value === 'string' ? value : UNKNOWN;
    }
  }
  return out;
}
