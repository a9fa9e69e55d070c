import type { Config } from './config.ts';
import { isEscalated, type Marks, valuesOf } from './escalation.ts';
import type { Audit } from './wire.ts';

/** What changed when, as the audits of a ticket tell it. Oldest first. */
export type Change =
  | { at: number; what: 'status'; value: string }
  | { at: number; what: 'priority'; value: string | null }
  | { at: number; what: 'escalated'; value: boolean };

/** Replays a ticket's audits: the only place that dates a re-opening or an escalation. */
export function changesOf(audits: readonly Audit[], rule: Config['escalation']): Change[] {
  const changes: Change[] = [];
  const fields = new Map<number, string[]>();
  let marks: Marks = { tags: [], priority: null, group: null, fields };
  let escalated = false;
  for (const { created_at: at, events } of audits.toSorted((a, b) => a.created_at - b.created_at || a.id - b.id)) {
    for (const event of events) {
      if (event.type !== 'Create' && event.type !== 'Change') continue;
      const [first = null] = valuesOf(event.value);
      if (event.field_name === 'status' && first !== null) changes.push({ at, what: 'status', value: first });
      else if (event.field_name === 'priority') {
        marks = { ...marks, priority: first };
        changes.push({ at, what: 'priority', value: first });
      } else if (event.field_name === 'tags') marks = { ...marks, tags: tagsOf(event.value) };
      else if (event.field_name === 'group_id') marks = { ...marks, group: first === null ? null : Number(first) };
      else if (/^\d+$/.test(event.field_name ?? '')) fields.set(Number(event.field_name), valuesOf(event.value));
    }
    const now = isEscalated(rule, marks);
    if (now !== escalated) changes.push({ at, what: 'escalated', value: now });
    escalated = now;
  }
  return changes;
}

/** A list, or a text with spaces between, by the way the tags were set. */
const tagsOf = (value: unknown): string[] =>
  valuesOf(value)
    .flatMap((v) => v.split(/[\s,]+/))
    .filter((v) => v !== '');
