import { figure, shortDay, shortMoney } from './format.ts';
import type { Signal } from './model.ts';
import { type Counted, placeholderIn } from './placeholder.ts';
import type { Env } from './rows.ts';
import { daysSeen, type Measured } from './signals.ts';

/** What a signal's texts may name, which is written only where they do. */
export interface Figures {
  signal: Signal;
  measured: Measured;
  /** The account and day that were measured. */
  env: Env;
  /** Of amounts; null = there are none. */
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
  return fill(now.measured.empty ? (signal.emptyText ?? signal.text) : signal.text, now) + now.note;
}

/** "Active users 41→22 of 50 seats since 20 Oct"; null where nothing moved or the signal has no such text. */
export function changeText(signal: Signal, now: Figures, then: Figures, since: number, today: number): string | null {
  if (!signal.changeText || now.measured.empty || then.measured.empty) return null;
  const day = shortDay(since, today);
  // As it is, and as it would be if nothing had moved.
  let [text, still] = ['', ''];
  for (const part of partsOf(signal.changeText)) {
    const own = wordOf(part, now, day);
    text += part.past ? wordOf(part, then, day) : own;
    still += own;
  }
  return text === still || text.includes(UNKNOWN) ? null : text + now.note;
}

/** Text, and names in braces between; a model has a few dozen templates, which every account fills. */
interface Part {
  /** '' = a name stands there. */
  text: string;
  name: Name | 'since';
  /** Whether it is the figure of the past. */
  past: boolean;
  words: Counted | null;
}
const templates = new Map<string, Part[]>();

function partsOf(template: string): Part[] {
  const known = templates.get(template);
  if (known) return known;
  const parts = template.split(/\{([^}]*)\}/).flatMap((text, i): Part[] => {
    if (i % 2 === 0) return text === '' ? [] : [{ text, name: 'since', past: false, words: null }];
    const { name, words } = placeholderIn(text);
    const past = name.startsWith('then.');
    return [{ text: '', name: (past ? name.slice(5) : name) as Name | 'since', past, words }];
  });
  if (templates.size > 1_000) templates.clear();
  templates.set(template, parts);
  return parts;
}

function wordOf({ text, name, words }: Part, figures: Figures, since: string): string {
  if (text !== '') return text;
  const own = name === 'since' ? since : written(figures, name);
  return words === null ? own : `${own} ${own === '1' ? words.one : words.several}`;
}

function fill(template: string, now: Figures): string {
  let out = '';
  for (const part of partsOf(template)) out += part.past ? UNKNOWN : wordOf(part, now, '');
  return out;
}
