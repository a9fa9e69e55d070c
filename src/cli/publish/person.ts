import { environment } from '../../config.ts';

/** Who does it, for the record: what was said, else who is logged in. */
export function personOf(by: string | undefined): string {
  const { USER, LOGNAME, USERNAME } = environment();
  return by?.trim() || USER || LOGNAME || USERNAME || 'unknown';
}
