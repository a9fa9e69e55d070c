import type { Config } from './config.ts';

/** What the rule looks at, as it stood at some moment. */
export interface Marks {
  tags: readonly string[];
  priority: string | null;
  group: number | null;
  /** By id of the custom field, as text. */
  fields: ReadonlyMap<number, string[]>;
}

/** Zendesk has no field for it: a tag, priority, group or custom field says so, by the account's own habit. */
export function isEscalated(rule: Config['escalation'], marks: Marks): boolean {
  const has = (wanted: readonly string[], found: readonly string[]): boolean =>
    wanted.some((w) => found.some((f) => f.toLowerCase() === w.toLowerCase()));
  return (
    has(rule.tags, marks.tags) ||
    (marks.priority !== null && has(rule.priorities, [marks.priority])) ||
    (marks.group !== null && rule.groups.includes(marks.group)) ||
    rule.fields.some((f) => has(f.values, marks.fields.get(f.id) ?? []))
  );
}

/** A field's value as texts: multi-selects are lists, checkboxes true or false. */
export function valuesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String);
  return value === null || value === undefined || value === '' ? [] : [String(value)];
}
