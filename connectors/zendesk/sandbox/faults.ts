import type { KnownFault } from '../../../src/sandbox/kit-faults.ts';
import type { FaultSpec } from '../../../src/sandbox/world.types.ts';
import type { Desk } from './desk.ts';

/** Faults of this vendor; those of the transport come from the kit. */
export const VENDOR_FAULTS = {
  'forbidden-stream': { help: 'the credentials may not use this endpoint: 403', lasting: true },
  'plan-feature-missing': { help: 'the plan does not have this endpoint: 404', lasting: true },
  'empty-page': { help: 'an export answers with no rows although its stream goes on' },
  redact: { help: 'with.ticket: its first message is redacted in place, now, without a new comment', lasting: true },
} satisfies Record<string, KnownFault>;

/** Redaction is done once, when it is asked for. */
export function onFault(desk: Desk, spec: FaultSpec): void {
  if (spec.name !== 'redact') return;
  const id = Number(spec.with?.ticket);
  desk.catchUp();
  if (!desk.ticket(id)) throw new Error(`redact needs with.ticket, the id of a ticket; not ${spec.with?.ticket}`);
  desk.redacted.add(id);
  desk.touch('ticket', id, desk.now(), true);
}
