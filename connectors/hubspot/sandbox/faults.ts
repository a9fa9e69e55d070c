import type { FaultList, KnownFault } from '../../../src/sandbox/kit-faults.ts';
import type { Answer, Route } from '../../../src/sandbox/kit-types.ts';
import { broken, locked, migrating, missingScopes, noPermission } from './errors.ts';
import type { Limits } from './limits.ts';

/** Faults of this vendor; those of the transport come from the kit. */
export const VENDOR_FAULTS = {
  'expired-token': { help: '401 EXPIRED_AUTHENTICATION: the access token that is used dies before its time' },
  'invalid-token': { help: '401 INVALID_AUTHENTICATION until cleared', lasting: true },
  'bad-refresh-token': { help: '400 BAD_REFRESH_TOKEN at the token endpoint until cleared', lasting: true },
  'missing-scope': {
    help: '403 MISSING_SCOPES until cleared; with:{scope} only where that scope is needed',
    lasting: true,
  },
  'no-permission': { help: '403 USER_DOES_NOT_HAVE_PERMISSIONS until cleared', lasting: true },
  '429-ten-seconds': { help: '429 TEN_SECONDLY_ROLLING; the work is not done, and no Retry-After tells when' },
  '429-second': { help: '429 SECONDLY; the work is not done, and no Retry-After tells when' },
  '429-day': { help: '429 DAILY until cleared', lasting: true },
  locked: { help: '423: many writes at once; the work is not done' },
  migrating: { help: '477 with Retry-After: with.seconds, default 1; the work is not done' },
  '500-before': { help: '500 with a correlation id; the work is not done' },
  '502-before': { help: '502 in HTML; the work is not done' },
  '504-before': { help: '504 in HTML; the work is not done' },
  '502-after-commit': { help: 'the work is done, the answer is 502' },
  '504-after-commit': { help: 'the work is done, the answer is 504' },
  'search-lag': {
    help: 'records written from now on are missing in search, though their id finds them, for with.minutes (default 10)',
    lasting: true,
  },
  'search-newer': { help: 'with.ids: these rows were changed since the index was asked: a stamp beyond the range' },
  'search-older': {
    help: 'with.ids: the stamp of these rows is a millisecond older than the range that was asked for',
  },
  'search-missing': { help: 'with.ids: these rows are missing in search until cleared', lasting: true },
  'validation-rules': {
    help: 'with.required: properties that writes must bring along, as administrators’ rules do from 2026-09 on: 400; with.whole: of the whole batch, trace ids or not',
    lasting: true,
  },
  'row-refused': {
    help: 'with.ids: a rule of the customer refuses writes to these records; with.message. A whole batch fails without trace ids',
    lasting: true,
  },
  'row-conflict': { help: 'with.ids: 409 for these rows of a batch, in a 207' },
  'no-trace-ids': {
    help: 'batches know no trace ids: results do not name them, and one refused row refuses the whole batch',
    lasting: true,
  },
  'outcome-missing': { help: 'a batch answers neither result nor error for with.ids' },
  edited: { help: 'a person changes a company in the portal itself, now [id, by: user id, set: property → value]' },
  'association-moved': {
    help: 'with.from, with.id, with.to, with.target: a person associates two records, now; no stamp moves. with.alone: in place of others',
  },
} satisfies Record<string, KnownFault>;

export type FaultName = keyof typeof VENDOR_FAULTS;

/** Faults that answer in the work's stead. `scopes`: any of these would allow the call. @throws ApiError */
export function refuseByFault(faults: FaultList, limits: Limits, kind: string, scopes: readonly string[]): void {
  const [first] = scopes;
  const covers = ({ scope }: Record<string, unknown>): boolean => scope === undefined || scopes.includes(String(scope));
  if (first !== undefined && faults.take('missing-scope', kind, covers)) throw missingScopes([...scopes]);
  if (faults.take('no-permission', kind)) throw noPermission();
  if (faults.take('429-day', kind)) throw limits.refusal('DAILY');
  if (faults.take('429-ten-seconds', kind)) throw limits.refusal('TEN_SECONDLY_ROLLING');
  if (faults.take('429-second', kind)) throw limits.refusal('SECONDLY');
  if (faults.take('locked', kind)) throw locked();
  const moving = faults.take('migrating', kind);
  if (moving) throw migrating(Number(moving.with?.seconds ?? 1));
}

/** The vendor's edge fails before the work, or after it was done. */
export function withBreakdowns(faults: FaultList, { kind, type, handle }: Route): Route {
  return {
    kind,
    type,
    handle: (): Answer => {
      if (faults.take('500-before', kind)) return broken(500);
      if (faults.take('502-before', kind)) return broken(502);
      if (faults.take('504-before', kind)) return broken(504);
      const answer = handle();
      if (faults.take('502-after-commit', kind)) return broken(502);
      return faults.take('504-after-commit', kind) ? broken(504) : answer;
    },
  };
}
