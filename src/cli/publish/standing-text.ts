import type { Standing } from '../../core/publish/standing.ts';
import type { Io } from '../io.ts';

/** What a person should know of the live model, with the command to run; nothing where all is well. */
export function sayStanding(io: Io, standing: Standing | null): void {
  for (const { text, command } of standing?.notes ?? []) io.say(`  ! ${text}: \`${command}\`.`);
}
