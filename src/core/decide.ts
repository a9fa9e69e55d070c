import type { FieldSpec, FieldValue } from './fields.ts';
import { hashText } from './hash.ts';

const DAY_MS = 86_400_000;

/** One account's planned field changes, old and new. */
export interface FieldChanges {
  type: 'fields';
  changes: Record<string, { from: FieldValue; to: FieldValue }>;
  why: string;
}

export interface WriteRules {
  fields: readonly FieldSpec[];
  /** A change of one of these is worth a write by itself; all other fields only go along (W11). */
  material?: readonly string[];
  /** Days after which fields that only go along are refreshed by themselves. */
  refreshAfterDays?: number;
}
export const MATERIAL = ['score', 'band', 'trend', 'actionCode', 'riskFlags'] as const;
export const REFRESH_AFTER_DAYS = 7;

export interface DecideInput {
  /** Spreads refreshes over the week; without it they come as soon as they are due. */
  account?: string;
  desired: Readonly<Record<string, FieldValue>>;
  /**
   * The unrounded score. With it, a score counts as changed once it is a whole point away from what the CRM shows, so that one which
   * wavers about a rounding edge (72.4, 72.6) is not written every day.
   */
  exactScore?: number | null;
  /** What the CRM holds. null = never read, taken as all empty; a field that is absent is not readable and left alone. */
  held: Readonly<Record<string, FieldValue>> | null;
  /** Epoch ms of our last write to this account's fields; null = never. */
  lastWrittenAt: number | null;
  /** Epoch ms. */
  now: number;
  rules: WriteRules;
}

/**
 * W4, W11: what to write into one account's fields, or null for nothing. Only fields that differ are written, and only together
 * with a material change, on the first write, or when the last write is old. A person's edit of a material field differs from what
 * we want, so it is put back.
 *
 * A refresh is due after `refreshAfterDays`. After a first sync all accounts would fall due on one day, so each account refreshes
 * on its own day of the cycle, at the latest after two cycles: about a seventh of the accounts a day.
 */
export function decideFields(input: DecideInput): FieldChanges | null {
  const { desired, held, rules } = input;
  const types = new Map(rules.fields.map((f) => [f.name, f.type]));
  const changes: FieldChanges['changes'] = {};
  for (const [name, to] of Object.entries(desired)) {
    if (held && !Object.hasOwn(held, name)) continue;
    const from = held?.[name] ?? null;
    if (!sameValue(types.get(name) ?? 'text', from, to)) changes[name] = { from, to };
  }
  const changed = Object.keys(changes);
  if (changed.length === 0) return null;
  const material = changed
    .filter((name) => (rules.material ?? MATERIAL).includes(name))
    .filter((name) => name !== 'score' || !wavers(changes.score?.from, input.exactScore));
  if (material.length > 0) {
    const labels = new Map(rules.fields.map((f) => [f.name, f.label]));
    const shown = material.map((n) => `${labels.get(n) ?? n} ${show(changes[n]?.from)} → ${show(changes[n]?.to)}`);
    return { type: 'fields', changes, why: shown.join('; ') };
  }
  if (input.lastWrittenAt === null) return { type: 'fields', changes, why: 'first write' };
  return refreshDue(input, input.lastWrittenAt) ? { type: 'fields', changes, why: 'refresh of dates and texts' } : null;
}

function wavers(shown: FieldValue | undefined, exact: number | null | undefined): boolean {
  return typeof shown === 'number' && typeof exact === 'number' && Math.abs(exact - shown) < 1;
}

function refreshDue({ account, now, rules }: DecideInput, lastWrittenAt: number): boolean {
  const cycle = rules.refreshAfterDays ?? REFRESH_AFTER_DAYS;
  // A nightly run writes some time after it starts: a quarter of a day is no reason to wait for another cycle.
  const age = (now - lastWrittenAt) / DAY_MS + 0.25;
  if (age < cycle || account === undefined || cycle < 2) return age >= cycle;
  const turn = Number.parseInt(hashText(account).slice(0, 8), 16) % cycle;
  return age >= 2 * cycle || Math.floor(now / DAY_MS) % cycle === turn;
}

/** Whether a CRM would show the same: '' is null, numbers and instants by value (whole seconds), text but for line ends. */
export function sameValue(type: FieldSpec['type'], a: FieldValue, b: FieldValue): boolean {
  const [x, y] = [plain(type, a), plain(type, b)];
  if (typeof x === 'number' && typeof y === 'number') return Math.abs(x - y) < 1e-9;
  return x === y;
}

function plain(type: FieldSpec['type'], value: FieldValue): FieldValue {
  if (value === null || value === '') return null;
  switch (type) {
    case 'integer':
    case 'decimal': {
      const n = Number(value);
      return Number.isNaN(n) ? String(value) : n;
    }
    case 'datetime': {
      const at = Date.parse(String(value));
      return Number.isNaN(at) ? String(value) : Math.floor(at / 1000);
    }
    case 'boolean':
      return value === true || value === 'true';
    default: {
      const text = String(value)
        .replace(/\r\n?/g, '\n')
        .replace(/[^\S\n]+$/gm, '')
        .trim();
      return text === '' ? null : text;
    }
  }
}

const show = (value: FieldValue | undefined): string =>
  value === null || value === undefined || value === '' ? 'empty' : String(value);
