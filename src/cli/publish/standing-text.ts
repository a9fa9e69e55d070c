import { counted } from '../../core/format.ts';
import type { Standing } from '../../core/publish/standing.ts';
import type { ShadowSummary } from '../../pipeline/shadow.ts';
import type { Io } from '../io.ts';

/** What a person should know of the live model, with the command to run; nothing where all is well. */
export function sayStanding(io: Io, standing: Standing | null): void {
  for (const { text, command } of standing?.notes ?? []) io.say(`  ! ${text}: \`${command}\`.`);
}

/** "shadow own 2: 12 of 500 accounts in another band" */
export function shadowText({ model, accounts, changed, problem }: ShadowSummary): string {
  const name = `shadow${model === null ? '' : ` ${model}`}`;
  return problem === null
    ? `${name}: ${changed} of ${counted(accounts, 'account')} in another band`
    : `${name}: not scored, ${problem}`;
}
