import { z } from 'zod';
import type { Answer } from '../../../src/sandbox/kit-types.ts';
import { read } from './definition.ts';
import { ApiError, invalid, type RowProblem } from './errors.ts';
import { written } from './objects.ts';
import type { RowFaults } from './row-faults.ts';
import type { Show } from './show.ts';
import type { Portal, Rec } from './store.ts';
import { defaultProperties, TYPES, type TypeName } from './types.ts';
import { Associations, Id, Sent, type Writes } from './write.ts';

const MAX_INPUTS = 100;

const trace = { objectWriteTraceId: z.string().min(1).optional() };
const Reads = z.object({
  inputs: z.array(z.object({ id: Id })),
  properties: z.array(z.string()).default([]),
  propertiesWithHistory: z.array(z.string()).default([]),
  idProperty: z.string().optional(),
});
const Creates = z.object({
  inputs: z.array(z.object({ properties: Sent, associations: Associations.default([]), ...trace })),
});
const Keyed = z.object({ id: Id, idProperty: z.string().optional(), properties: Sent, ...trace });
const Updates = z.object({ inputs: z.array(Keyed) });
const Archives = z.object({ inputs: z.array(z.object({ id: Id })) });

interface Input {
  objectWriteTraceId?: string | undefined;
}
type Outcome = Record<string, unknown>;

/** POST …/batch/{read,create,update,upsert,archive}: up to 100 inputs. */
export class Batches {
  readonly #portal: Portal;
  readonly #show: Show;
  readonly #writes: Writes;
  readonly #faults: RowFaults;

  constructor(portal: Portal, show: Show, writes: Writes, faults: RowFaults) {
    this.#faults = faults;
    this.#portal = portal;
    this.#show = show;
    this.#writes = writes;
  }

  /** Ids that nobody has come back together in one error of a 207. */
  read(type: TypeName, archived: boolean, body: unknown): Answer {
    const { inputs, properties, propertiesWithHistory, idProperty } = read(Reads, body);
    checkSize(inputs);
    refuseOwnId(idProperty);
    const nothing = properties.length === 0 && propertiesWithHistory.length === 0;
    const asked = { properties: nothing ? defaultProperties(type) : properties, history: propertiesWithHistory };
    const missing: string[] = [];
    const found = new Map<number, Rec>();
    for (const { id } of inputs) {
      const rec = idProperty ? this.#writes.holder(type, idProperty, id) : this.#any(type, id);
      if (rec && (rec.archivedAt !== null) === archived) found.set(rec.id, rec);
      else missing.push(id);
    }
    const results = [...found.values()].map((rec) => ({ ...this.#show.record(rec, asked) }));
    return this.#answer(200, results, missing.length > 0 ? [notThere(type, missing)] : []);
  }

  create(type: TypeName, body: unknown): Answer {
    const { inputs } = read(Creates, body);
    checkSize(inputs);
    return this.#run(201, inputs, ({ properties, associations }) => {
      const rec = this.#writes.create(type, properties, associations);
      return { ...this.#show.record(rec, written(type, properties)) };
    });
  }

  update(type: TypeName, body: unknown): Answer {
    const { inputs } = read(Updates, body);
    checkSize(inputs);
    refuseTwice(inputs);
    for (const { idProperty } of inputs) refuseOwnId(idProperty);
    const missing: string[] = [];
    const rows = inputs.flatMap((input) => {
      const rec = input.idProperty
        ? this.#writes.holder(type, input.idProperty, input.id)
        : this.#writes.find(type, input.id);
      if (!rec) missing.push(input.id);
      return rec ? [{ ...input, rec }] : [];
    });
    const traces = inputs.flatMap((i) =>
      missing.includes(i.id) && i.objectWriteTraceId ? [i.objectWriteTraceId] : [],
    );
    const lost = missing.length > 0 ? [notThere(type, missing, traces)] : [];
    return this.#run(
      200,
      rows,
      ({ rec, properties }) => ({
        ...this.#show.record(this.#writes.update(rec, properties), written(type, properties)),
      }),
      { lost, checksFirst: true },
    );
  }

  upsert(type: TypeName, body: unknown): Answer {
    const { inputs } = read(Updates, body);
    checkSize(inputs);
    refuseTwice(inputs);
    for (const { idProperty } of inputs) {
      if (idProperty === undefined) throw invalid('idProperty is required for every input of an upsert');
      refuseOwnId(idProperty);
    }
    return this.#run(200, inputs, ({ id, idProperty = '', properties }) => {
      const known = this.#writes.holder(type, idProperty, id);
      const rec = known
        ? this.#writes.update(known, properties)
        : this.#writes.create(type, { [idProperty]: id, ...properties }, []);
      return { ...this.#show.record(rec, written(type, properties)), new: known === null };
    });
  }

  archive(type: TypeName, body: unknown): Answer {
    const { inputs } = read(Archives, body);
    checkSize(inputs);
    for (const { id } of inputs) {
      const rec = this.#writes.find(type, id);
      if (rec) this.#writes.archive(rec);
    }
    return { status: 204, records: inputs.length };
  }

  /**
   * With a trace id of its own on every input, rows succeed and fail each for itself (207); without, the first refusal is that of
   * the whole batch and nothing is written. `checksFirst`: the work is refused before it has written anything, if at all.
   */
  #run<I extends Input>(
    status: number,
    inputs: I[],
    work: (input: I) => Outcome,
    { lost = [], checksFirst = false }: { lost?: RowProblem[]; checksFirst?: boolean } = {},
  ): Answer {
    const traces = inputs.flatMap((i) => i.objectWriteTraceId ?? []);
    if (new Set(traces).size < traces.length) throw invalid('Duplicate objectWriteTraceId found in batch input');
    const deaf = this.#faults.deaf();
    const each = !deaf && traces.length === inputs.length;
    const results: Outcome[] = [];
    const errors: RowProblem[] = [...lost];
    const { tables } = this.#portal;
    tables.transaction(() => {
      for (const input of inputs) {
        const own = input.objectWriteTraceId;
        try {
          const shown = checksFirst ? work(input) : tables.transaction(() => work(input));
          results.push(own === undefined || deaf ? shown : { ...shown, objectWriteTraceId: own });
        } catch (error) {
          if (!(error instanceof ApiError) || !each || error.whole) throw error;
          errors.push(error.row({ objectWriteTraceId: [String(own)] }));
        }
      }
    });
    // Order is not promised; the vendor's batches come back shuffled often enough to rely on nothing.
    const told = results.reverse().filter(({ id }) => !this.#faults.silent(String(id)));
    return { ...this.#answer(status, told, errors), records: inputs.length };
  }

  #answer(status: number, results: Outcome[], errors: RowProblem[]): Answer {
    const at = new Date(this.#portal.now()).toISOString();
    const body = { status: 'COMPLETE', results, startedAt: at, completedAt: at };
    if (errors.length === 0) return { status, body };
    return { status: 207, body: { ...body, numErrors: errors.length, errors } };
  }

  #any(type: TypeName, id: string): Rec | null {
    return /^\d{1,15}$/.test(id) ? this.#portal.read(type, Number(id)) : null;
  }
}

const notThere = (type: TypeName, ids: string[], traces: string[] = []): RowProblem => ({
  status: 'error',
  category: 'OBJECT_NOT_FOUND',
  message: `Could not get some ${TYPES[type].singular.toUpperCase()} objects, they may be deleted or not exist. Check that ids are valid.`,
  context: { ids, ...(traces.length > 0 ? { objectWriteTraceId: traces } : {}) },
  links: {},
  errors: [],
});

function checkSize(inputs: unknown[]): void {
  if (inputs.length === 0) throw invalid('Inputs must not be empty');
  if (inputs.length > MAX_INPUTS)
    throw invalid(`The maximum number of inputs allowed in a single batch is ${MAX_INPUTS}, received ${inputs.length}`);
}

function refuseTwice(inputs: { id: string }[]): void {
  const ids = inputs.map((i) => i.id);
  const twice = ids.find((id, n) => ids.indexOf(id) !== n);
  if (twice !== undefined) throw invalid(`Duplicate IDs found in batch input: [${twice}]. IDs must be unique`);
}

/** A record's own id is no property to find it by: the property must be left out then. */
function refuseOwnId(idProperty: string | undefined): void {
  if (idProperty === 'hs_object_id') throw invalid('idProperty hs_object_id is not allowed; omit it to use record ids');
}
