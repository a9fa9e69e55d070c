import { z } from 'zod';
import type { Answer } from '../../../src/sandbox/kit-types.ts';
import { read } from './definition.ts';
import { ApiError, invalid, notFound, type RowProblem } from './errors.ts';
import type { LinkType } from './link-types.ts';
import type { Linked, Links } from './links.ts';
import type { Portal } from './store.ts';
import { TYPES, type TypeName } from './types.ts';
import { Id, type Writes } from './write.ts';

const MAX_READ = 1_000;
const MAX_WRITE = 2_000;
/** Targets of one record in one answer. */
const PAGE = 500;

const Ref = z.object({ id: Id });
const Spec = z.object({ associationCategory: z.string(), associationTypeId: z.int() });
const Reads = z.object({ inputs: z.array(z.object({ id: Id, after: z.string().optional() })) });
const Creates = z.object({ inputs: z.array(z.object({ from: Ref, to: Ref, types: z.array(Spec).min(1) })) });
const Defaults = z.object({ inputs: z.array(z.object({ from: Ref, to: Ref })) });
const Archives = z.object({ inputs: z.array(z.object({ from: Ref, to: z.array(Ref) })) });
const LabelArchives = z.object({ inputs: z.array(z.object({ from: Ref, to: Ref, types: z.array(Spec).min(1) })) });
const NewLabel = z.object({ label: z.string().min(1), name: z.string().min(1), inverseLabel: z.string().optional() });

/** The direction of a call, and whether its version shows ids of targets as numbers, as v4 does. */
export interface Way {
  from: TypeName;
  to: TypeName;
  numeric: boolean;
}

/** Associations v4 and their date-based successors. Nothing here moves a record's stamp. */
export class AssociationApi {
  readonly #portal: Portal;
  readonly #links: Links;
  readonly #writes: Writes;
  readonly #page: number;

  constructor(portal: Portal, links: Links, writes: Writes, page = PAGE) {
    this.#portal = portal;
    this.#links = links;
    this.#writes = writes;
    this.#page = page;
  }

  /** Records without associations come back as errors of a 207, which is how the vendor says "none". */
  read(way: Way, body: unknown): Answer {
    const { inputs } = read(Reads, body);
    checkSize(inputs, MAX_READ);
    const results: unknown[] = [];
    const errors: RowProblem[] = [];
    for (const { id, after } of inputs) {
      const all = this.#of(way, id);
      const rest = after === undefined ? all : all.filter((one) => one.id > Number(after));
      if (rest.length === 0) errors.push(none(way, id));
      else results.push({ from: { id }, ...this.#pageOf(way, id, rest, this.#page) });
    }
    return this.#answer(200, results, errors);
  }

  /** One record's associations. */
  list(way: Way, id: string, query: URLSearchParams): Answer {
    this.#writes.existing(way.from, id);
    const limit = Number(query.get('limit') ?? this.#page);
    if (!Number.isInteger(limit) || limit < 1 || limit > PAGE) throw invalid(`limit must be between 1 and ${PAGE}`);
    const after = Number(query.get('after') ?? 0);
    const rest = this.#of(way, id).filter((one) => one.id > after);
    const { to, ...paging } = this.#pageOf(way, id, rest, Math.min(limit, this.#page));
    return { status: 200, body: { results: to, ...paging } };
  }

  create(way: Way, body: unknown): Answer {
    const { inputs } = read(Creates, body);
    checkSize(inputs, MAX_WRITE);
    return this.#each(201, inputs, ({ from, to, types }) => this.#label(way, from.id, to.id, types));
  }

  /** PUT of one pair with labels. */
  put(way: Way, from: string, to: string, body: unknown): Answer {
    return { status: 201, body: this.#label(way, from, to, read(z.array(Spec).min(1), body)), records: 1 };
  }

  createDefault(way: Way, body: unknown): Answer {
    const { inputs } = read(Defaults, body);
    checkSize(inputs, MAX_WRITE);
    return this.#each(200, inputs, ({ from, to }) => this.#plain(way, from.id, to.id));
  }

  putDefault(way: Way, from: string, to: string): Answer {
    return { ...this.#answer(200, [this.#plain(way, from, to)], []), records: 1 };
  }

  archive(way: Way, body: unknown): Answer {
    const { inputs } = read(Archives, body);
    checkSize(inputs, MAX_WRITE);
    for (const { from, to } of inputs) for (const { id } of to) this.remove(way, from.id, id);
    return { status: 204, records: inputs.length };
  }

  archiveLabels(way: Way, body: unknown): Answer {
    const { inputs } = read(LabelArchives, body);
    checkSize(inputs, MAX_WRITE);
    for (const { from, to, types } of inputs)
      this.#links.remove(way.from, Number(from.id), way.to, Number(to.id), this.#types(way, types));
    return { status: 204, records: inputs.length };
  }

  remove(way: Way, from: string, to: string): Answer {
    this.#links.remove(way.from, Number(from), way.to, Number(to));
    return { status: 204, records: 1 };
  }

  labels(way: Way): Answer {
    const results = this.#links.types.between(way.from, way.to).map(showType);
    return { status: 200, body: { results } };
  }

  createLabel(way: Way, body: unknown): Answer {
    const { label, inverseLabel } = read(NewLabel, body);
    if (this.#links.types.labelled(way.from, way.to, label)) throw invalid(`Label "${label}" already exists`);
    const made = this.#links.types.define(way.from, way.to, label, inverseLabel ?? label);
    return { status: 200, body: { results: made.map(showType) } };
  }

  #of({ from, to }: Way, id: string): Linked[] {
    const rec = this.#writes.find(from, id);
    return rec ? this.#links.of(from, rec.id, to) : [];
  }

  #pageOf(way: Way, id: string, all: Linked[], size: number) {
    const page = all.slice(0, size);
    const to = page.map((one) => ({
      toObjectId: way.numeric ? one.id : String(one.id),
      associationTypes: one.types.map(showType),
    }));
    if (all.length <= size) return { to };
    const after = String(page.at(-1)?.id);
    const link = `https://api.hubapi.com/crm/v4/objects/${TYPES[way.from].id}/${id}/associations/${TYPES[way.to].id}?after=${after}`;
    return { to, paging: { next: { after, link } } };
  }

  #label(way: Way, from: string, to: string, types: z.infer<typeof Spec>[]) {
    const found = this.#types(way, types);
    const [one, other] = this.#pair(way, from, to);
    for (const type of found) this.#links.add(way.from, one, way.to, other, type);
    const target = (id: number) => (way.numeric ? id : String(id));
    return {
      fromObjectTypeId: TYPES[way.from].id,
      fromObjectId: target(one),
      toObjectTypeId: TYPES[way.to].id,
      toObjectId: target(other),
      labels: found.flatMap((t) => t.label ?? []),
    };
  }

  #plain(way: Way, from: string, to: string) {
    const [type] = this.#links.types.between(way.from, way.to);
    if (!type) throw invalid(`No association is defined from ${way.from} to ${way.to}`);
    const [one, other] = this.#pair(way, from, to);
    this.#links.add(way.from, one, way.to, other, type);
    const associationSpec = { associationCategory: type.category, associationTypeId: type.typeId };
    return { from: { id: from }, to: { id: to }, associationSpec };
  }

  #pair(way: Way, from: string, to: string): [number, number] {
    return [this.#writes.existing(way.from, from).id, this.#writes.existing(way.to, to).id];
  }

  #types({ from, to }: Way, types: z.infer<typeof Spec>[]): LinkType[] {
    return types.map(({ associationCategory, associationTypeId }) => {
      const found = this.#links.types.find(from, to, associationCategory, associationTypeId);
      if (found) return found;
      throw invalid(
        `${associationCategory} association type ${associationTypeId} doesn't exist between ${from} and ${to}`,
      );
    });
  }

  #each<I extends { from: { id: string } }>(status: number, inputs: I[], work: (input: I) => unknown): Answer {
    const results: unknown[] = [];
    const errors: RowProblem[] = [];
    for (const input of inputs) {
      try {
        results.push(work(input));
      } catch (error) {
        // Records that are gone fail alone; what is no association type refuses the call.
        if (!(error instanceof ApiError) || error.status !== 404) throw error;
        errors.push(error.row({ fromObjectId: [input.from.id] }));
      }
    }
    return { ...this.#answer(status, results, errors), records: inputs.length };
  }

  #answer(status: number, results: unknown[], errors: RowProblem[]): Answer {
    const at = new Date(this.#portal.now()).toISOString();
    const body = { status: 'COMPLETE', results, startedAt: at, completedAt: at };
    if (errors.length === 0) return { status, body };
    return { status: 207, body: { ...body, numErrors: errors.length, errors } };
  }
}

const showType = ({ category, typeId, label }: LinkType) => ({ category, typeId, label });

const none = ({ from, to }: Way, id: string): RowProblem => ({
  status: 'error',
  category: 'OBJECT_NOT_FOUND',
  subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND',
  message: `No ${TYPES[to].singular} is associated with ${TYPES[from].singular} ${id}.`,
  context: { fromObjectId: [id], fromObjectType: [TYPES[from].id], toObjectType: [TYPES[to].id] },
  links: {},
  errors: [],
});

function checkSize(inputs: unknown[], max: number): void {
  if (inputs.length === 0) throw invalid('Inputs must not be empty');
  if (inputs.length > max) throw invalid(`Batch size ${inputs.length} exceeds the maximum of ${max}`);
}

/** A path that names no object type. */
export const noType = (name: string): ApiError => notFound(`Unable to infer object type from: ${name}`);
