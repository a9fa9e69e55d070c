import { z } from 'zod';
import type { FaultList } from '../../../src/sandbox/kit-faults.ts';
import type { FaultSpec } from '../../../src/sandbox/world.types.ts';
import { type ApiError, badValues, conflict, invalid } from './errors.ts';
import type { Links } from './links.ts';
import type { Portal } from './store.ts';
import { type TypeName, typeNamed } from './types.ts';

/** Faults that hit single records. Each call is atomic, so one note of its kind serves for all that it touches. */
export class RowFaults {
  readonly #faults: FaultList;
  #kind = '';

  constructor(faults: FaultList) {
    this.#faults = faults;
  }

  /** Before each call: what it is, as faults name it. */
  begin(kind: string): void {
    this.#kind = kind;
  }

  /** Before a record is written; `ids` = its own and those that it is to be associated with. @throws ApiError 400, 409 */
  write(ids: string[], values: Record<string, string>): void {
    const rules = this.#faults.take('validation-rules', this.#kind, (data) => missing(data, values).length > 0);
    if (rules) throw required(missing(rules.with ?? {}, values), rules.with?.whole === true);
    const refused = this.#take('row-refused', ids);
    if (refused) throw invalid(String(refused.with?.message ?? 'This record is frozen by a validation rule.'));
    const clash = this.#take('row-conflict', ids);
    if (clash) throw conflict(`Record ${ids[0] ?? ''} was changed by another request`, { ids });
  }

  /** Whether a batch keeps silent about this record. */
  silent(id: string): boolean {
    return this.#take('outcome-missing', [id]) !== null;
  }

  /** Whether a batch passes over the trace ids that it is given. */
  deaf(): boolean {
    return this.#faults.take('no-trace-ids', this.#kind) !== null;
  }

  /** Whether this fault of the search index hits a record. */
  inSearch(name: 'search-newer' | 'search-older' | 'search-missing', id: string): boolean {
    return this.#take(name, [id]) !== null;
  }

  /** Milliseconds that the search index is further behind than it should be; null = none. */
  lag(): number | null {
    const fault = this.#faults.take('search-lag', this.#kind);
    return fault ? Number(fault.with?.minutes ?? 10) * 60_000 : null;
  }

  #take(name: string, ids: string[]): FaultSpec | null {
    if (!this.#faults.armed(name)) return null;
    return this.#faults.take(name, this.#kind, (data) => idsIn(data).some((id) => ids.includes(id)));
  }
}

const EDIT = z.object({ id: z.coerce.number(), by: z.coerce.number(), set: z.record(z.string(), z.string()) });

/** Carries out a fault that changes the portal at once; called when it is added. */
export function onFault(portal: Portal, links: Links, { name, with: data = {} }: FaultSpec): void {
  if (name === 'edited') {
    const { id, by, set } = EDIT.parse(data);
    const rec = portal.read('companies', id);
    if (!rec) throw new Error(`edited: no company ${id}`);
    portal.change(rec, set, portal.now());
    portal.remember(rec, set, portal.now(), `userId:${by}`);
  }
  if (name !== 'association-moved') return;
  const end = (type: unknown, id: unknown): { type: TypeName; id: number } => {
    const found = typeNamed(String(type));
    const rec = found && portal.read(found, Number(id));
    if (!rec) throw new Error(`association-moved: no record ${String(type)} ${String(id)}`);
    return rec;
  };
  const [from, to] = [end(data.from, data.id), end(data.to, data.target)];
  const [plain] = links.types.between(from.type, to.type);
  if (!plain) throw new Error(`association-moved: nothing associates ${from.type} and ${to.type}`);
  if (data.alone === true)
    for (const { id } of links.of(from.type, from.id, to.type)) links.remove(from.type, from.id, to.type, id);
  links.add(from.type, from.id, to.type, to.id, plain);
}

function required(names: string[], whole: boolean): ApiError {
  const message = (name: string) => `"${name}" is required by a validation rule of this account`;
  const refusal = badValues(names.map((name) => ({ name, error: 'REQUIRED_FIELD', message: message(name) })));
  refusal.whole = whole;
  return refusal;
}

const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const idsIn = (data: Record<string, unknown>): string[] => list(data.ids);
const missing = (data: Record<string, unknown>, values: Record<string, string>): string[] =>
  list(data.required).filter((name) => !values[name]);
