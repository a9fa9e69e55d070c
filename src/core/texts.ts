import { figure, shortDay, shortMoney } from './format.ts';
import type { Signal } from './model.ts';
import type { Env } from './rows.ts';
import { daysSeen, type Measured } from './signals.ts';

/** What a signal's texts may name, which is written only where they do. */
export interface Figures {
  signal: Signal;
  measured: Measured;
  /** The account and day that were measured. */
  env: Env;
  /** Of amounts; null = they are written as plain figures. */
  currency: string | null;
  /** What else one has to know to read it: onboarding, peers, a context that holds it. */
  note: string;
}
type Name = 'value' | 'top' | 'bottom' | 'rows' | 'on' | 'window';

const UNKNOWN = '–';

/** What was measured, as people write it. */
export function valueText({ signal, measured: { value }, currency }: Figures): string {
  // A change shows its sign both ways: "Usage +4 %".
  const isChange = signal.aggregation === 'trend' || signal.aggregation === 'deviation';
  const rises = isChange && typeof value === 'number' && value > 0;
  return `${rises ? '+' : ''}${write(value, signal, currency)}`;
}

function write(value: number | string | null, signal: Signal, currency: string | null): string {
  if (value === null) return UNKNOWN;
  if (typeof value === 'string') return value;
  return signal.unit === 'money' && currency ? shortMoney({ minor: value, currency }) : figure(value);
}

function written(figures: Figures, name: Name): string {
  const { signal, measured, env, currency } = figures;
  switch (name) {
    case 'value':
      return valueText(figures);
    case 'top':
      return write(measured.top, signal, currency);
    case 'bottom':
      return write(measured.bottom, signal, currency);
    case 'rows':
      return String(measured.count);
    case 'on':
      return measured.on === null ? UNKNOWN : shortDay(measured.on, env.today);
    case 'window':
      return signal.windowDays === undefined ? '' : String(daysSeen(env, signal.windowDays));
    default:
      return UNKNOWN;
  }
}

/** "Active users 22 of 50 seats" */
export function plainText(signal: Signal, now: Figures): string {
  return fill(now.measured.empty ? (signal.emptyText ?? signal.text) : signal.text, now, null, '') + now.note;
}

/** "Active users 41→22 of 50 seats since 20 Oct"; null where nothing moved or the signal has no such text. */
export function changeText(signal: Signal, now: Figures, then: Figures, since: number, today: number): string | null {
  if (!signal.changeText || now.measured.empty || then.measured.empty) return null;
  const day = shortDay(since, today);
  const text = fill(signal.changeText, now, then, day);
  const still = fill(signal.changeText, now, now, day);
  return text === still || text.includes(UNKNOWN) ? null : text + now.note;
}

/** Text, and names in braces between; a model has a few dozen templates, which every account fills. */
type Part = { text: string } | { key: Name | 'since'; then: boolean };
const templates = new Map<string, Part[]>();

function partsOf(template: string): Part[] {
  const known = templates.get(template);
  if (known) return known;
  const parts = template.split(/\{([^}]*)\}/).map((text, i): Part => {
    if (i % 2 === 0) return { text };
    const then = text.startsWith('then.');
    return { key: (then ? text.slice(5) : text) as Name | 'since', then };
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
      const figures = part.then ? then : now;
      out += figures ? written(figures, part.key) : UNKNOWN;
    }
  }
  return out;
}
