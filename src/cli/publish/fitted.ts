import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { InputError } from '../../contract/index.ts';
import type { Model } from '../../core/model.ts';

/** What a calibration says beside the model file that it proposed. */
const Evidence = z.looseObject({
  fit: z.array(z.iso.date()).nullable(),
  judge: z.array(z.iso.date()).nullable(),
  proposal: z.looseObject({ model: z.string() }),
});

/** By which dates a model was calibrated, and which ones had no say in it; null = all had. */
export interface Fitted {
  fit: string[] | null;
  judge: string[] | null;
}

/** Read from the evidence beside the model's file; null = there is none, or it is of another model. */
export function fittedOn(file: string, { name, version }: Model): Fitted | null {
  const place = file.replace(/\.ya?ml$/i, '.evidence.json');
  if (place === file || !existsSync(place)) return null;
  const read = Evidence.safeParse(jsonIn(place));
  if (!read.success || read.data.proposal.model !== `${name} ${version}`) return null;
  return { fit: read.data.fit, judge: read.data.judge };
}

function jsonIn(place: string): unknown {
  try {
    return JSON.parse(readFileSync(place, 'utf8'));
  } catch (cause) {
    throw new InputError(`${place}: the evidence beside the model is no JSON`, {
      hint: 'Write it again with `npx pulseback calibrate`, or remove it where the model was not calibrated.',
      cause,
    });
  }
}

/** A word on figures that flatter: a model does well on what it was fitted to. null = none of the dates had a say in it. */
export function flattery({ fit }: Fitted, dates: readonly string[]): string | null {
  if (fit === null)
    return 'It was calibrated on these same accounts, so that the figures flatter it; its evidence file has those of accounts that had no say.';
  const seen = dates.filter((date) => fit.includes(date));
  if (seen.length === 0) return null;
  return `It was calibrated on ${seen.length} of these ${dates.length} dates, so that the figures flatter it; leave out --as-of to judge by the others alone.`;
}
