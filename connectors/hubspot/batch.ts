import { z } from 'zod';
import { ConnectorError } from '../../src/contract/index.ts';
import { ApiError, wordsOf } from './errors.ts';
import type { ObjectType } from './paths.ts';
import type { Portal } from './portal.ts';

/** What came of one input of a batch. */
export type RowResult =
  | { ok: true; id: string; created: boolean }
  /** `transient`: the same input may succeed a moment later. `taken`: a unique value of its is another record's. */
  | { ok: false; reason: string; transient: boolean; taken?: boolean };

export interface BatchCall {
  type: ObjectType;
  what: 'update' | 'create';
  idempotent: boolean;
  /** A property that is unique in the batch, too: it matches results where the portal passes over trace ids. */
  by?: string;
  /** `trace` is unique in the batch and matches results and errors to inputs, whatever their order. */
  inputs: { trace: string; body: { id?: string; properties: Record<string, string> } & Record<string, unknown> }[];
}

const Id = z.union([z.string(), z.int()]).transform(String);
const strings = z.array(z.union([z.string(), z.int()]).transform(String));
const Row = z.object({ id: Id, objectWriteTraceId: z.string().nullish() });
const KeyedRow = Row.extend({ properties: z.record(z.string(), z.unknown()).nullish() });
type Row = z.infer<typeof Row> & { properties?: Record<string, unknown> | null | undefined };
const RowProblem = z.object({
  category: z.string().nullish(),
  message: z.string().nullish(),
  context: z.record(z.string(), strings.catch([])).nullish(),
  errors: z.array(z.unknown()).nullish(),
});
type RowProblem = z.infer<typeof RowProblem>;
const answerOf = <R extends Row>(row: z.ZodType<R>) =>
  z.object({ results: z.array(row).default([]), errors: z.array(RowProblem).nullish() });
const Answer = answerOf<Row>(Row);
/** Properties are read only where one of them matches results: copying a hundred records is a sixth of what a call costs. */
const KeyedAnswer = answerOf<Row>(KeyedRow);

/** Categories of a row that was in somebody else's way. */
const TRANSIENT = /CONFLICT|LOCK|RATE_LIMIT|INTERNAL|TIMEOUT|UNAVAILABLE/;
const TAKEN = /CONFLICT|ALREADY_EXISTS|UNIQUE/;

/**
 * One batch of at most 100 inputs, each on its own thanks to its trace id: the SDK resolves a 207 like a 200, so that errors are read
 * every time. Trace ids are optional in results: without them a row is known by its id or `by`, and alone in its call by itself.
 * Exactly one result for each input; one that the answer passes over is transient.
 * https://developers.hubspot.com/docs/api-reference/crm-companies-v3/batch/post-crm-v3-objects-companies-batch-update
 * @throws ApiError where the whole batch was refused
 */
export async function sendBatch(portal: Portal, call: BatchCall): Promise<Map<string, RowResult>> {
  const { results, errors } = await portal.client.json({
    label: `${call.type}.${call.what}`,
    kind: 'write',
    idempotent: call.idempotent,
    method: 'POST',
    path: portal.paths.batch(call.type, call.what),
    body: { inputs: call.inputs.map(({ trace, body }) => ({ ...body, objectWriteTraceId: trace })) },
    schema: call.by === undefined ? Answer : KeyedAnswer,
  });
  const traces = new Set(call.inputs.map((i) => i.trace));
  const sentIds = new Map(call.inputs.flatMap(({ trace, body }) => (body.id === undefined ? [] : [[trace, body.id]])));
  const byId = new Map([...sentIds].map(([trace, id]) => [id, trace]));
  const traceOf = tracer(call, byId);
  const found = new Map<string, RowResult>();
  if (results.length > call.inputs.length) throw mismatch(call);
  for (const row of results) {
    const trace = traceOf(row);
    if (trace === undefined) continue; // of one that was merged, most likely: by itself it will be known
    if (!traces.has(trace)) throw mismatch(call);
    const sent = sentIds.get(trace);
    found.set(
      trace,
      sent === undefined || sent === row.id
        ? { ok: true, id: row.id, created: call.what === 'create' }
        : { ok: false, reason: `record ${sent} has been merged into ${row.id}`, transient: false },
    );
  }
  for (const problem of errors ?? []) {
    const { objectWriteTraceId = [], ids = [], id = [] } = problem.context ?? {};
    const named = [...objectWriteTraceId, ...[...ids, ...id].flatMap((one) => byId.get(one) ?? [])];
    for (const trace of named)
      if (traces.has(trace) && !found.has(trace))
        found.set(trace, {
          ok: false,
          reason: reasonOf(problem),
          transient: TRANSIENT.test(problem.category ?? ''),
          taken: TAKEN.test(problem.category ?? ''),
        });
  }
  for (const trace of traces)
    if (!found.has(trace))
      found.set(trace, { ok: false, reason: 'the answer names neither a result nor an error', transient: true });
  return found;
}

/** Which input a result is of, as far as the answer tells. */
function tracer({ inputs, by }: BatchCall, byId: ReadonlyMap<string, string>): (row: Row) => string | undefined {
  const named = new Map(by === undefined ? [] : inputs.map(({ trace, body }) => [body.properties[by], trace]));
  const [first, second] = inputs;
  const only = second === undefined ? first?.trace : undefined;
  return ({ id, objectWriteTraceId, properties }) => {
    const value = by === undefined ? undefined : properties?.[by];
    const known = typeof value === 'string' ? named.get(value) : undefined;
    return objectWriteTraceId ?? byId.get(id) ?? known ?? only;
  };
}

const mismatch = ({ type, what }: BatchCall): ConnectorError =>
  new ConnectorError(`${type}.${what}: a result names a record that was not sent`, {
    action: 'fail',
    code: 'RESULT_MISMATCH',
    hint: 'The answer cannot be trusted; run again, and report this if it stays.',
  });

const reasonOf = ({ category, message, errors }: RowProblem): string =>
  `${category ?? 'refused'}: ${wordsOf(message, errors) || 'no reason was given'}`;

export const ROUNDS = 5;

/** Single records refused, with none accepted, after which the cause is taken to lie in the portal and not in a record. */
export const HOPELESS_SINGLES = 10;

/**
 * Whether a refusal of a whole batch may lie in one of its records. A 404 without the vendor's words is an address that does not
 * exist.
 */
export const oneSpoilsAll = (error: unknown): error is ApiError =>
  error instanceof ApiError && ([400, 409].includes(error.status) || (error.status === 404 && error.category !== null));

/**
 * Half of a refused batch and the other half, every second row each: whatever lies beside each other in a batch (all of one import,
 * say) is soon told apart, so that a few refused rows in a row do speak for all.
 */
export const halves = <T>(rows: readonly T[]): T[][] =>
  [0, 1].map((odd) => rows.filter((_, n) => n % 2 === odd)).filter((half) => half.length > 0);

/** A record id of the portal. */
export const isId = (id: string): boolean => /^\d{1,18}$/.test(id);
