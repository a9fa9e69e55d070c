import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { InputError } from '../../contract/index.ts';

export const LABELS = ['negative', 'neutral', 'positive', 'missing'] as const;
export type Label = (typeof LABELS)[number];

const Row = z.strictObject({
  id: z.string(),
  text: z.string(),
  label: z.enum(LABELS),
  frustrated: z.boolean(),
  tags: z.array(z.string()),
  half: z.enum(['tune', 'held']),
});
export type LabelledText = z.infer<typeof Row>;

/** Labelled texts, a JSON object a line. @throws InputError that names file and line. */
export function readLabelled(path: string): LabelledText[] {
  if (!existsSync(path))
    throw new InputError(`${path}: there is no such file`, {
      hint: 'The labelled texts are part of the source code, not of the image; name a file of your own with --data.',
    });
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return lines.map((line, i) => {
    const row = Row.safeParse(jsonOf(line));
    if (row.success) return row.data;
    const [issue] = row.error.issues;
    throw new InputError(`${path}:${i + 1}: ${issue?.path.join('.') || 'the line'}: ${issue?.message}`, {
      hint: 'A line is an object of id, text, label, frustrated, tags and half, as in test/bench/sentiment/labelled.jsonl.',
    });
  });
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line; // told as what it is not: an object
  }
}
