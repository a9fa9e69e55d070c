import type { FaultList } from '../../../src/sandbox/kit-faults.ts';
import type { Call } from './call.ts';
import type { Desk } from './desk.ts';
import type { Sight } from './tickets.ts';

export type Row = Record<string, unknown>;

export interface RestOptions {
  /** Most rows of an export's page. */
  pageRows: number;
  /** Every export is cut into at least so many pages, where it has that many rows. */
  minPages: number;
  /** Which satisfaction feature the account runs; they exclude each other. */
  satisfaction: 'legacy' | 'surveys';
  /** Whether exports give metrics along, which the vendor does not promise. */
  metricSets: boolean;
}

/** What every endpoint works with. */
export interface Context {
  desk: Desk;
  faults: FaultList;
  options: RestOptions;
}

export const sightOf = ({ desk, options }: Context, { now, base }: Call): Sight => ({
  now,
  base,
  redacted: desk.redacted,
  satisfaction: options.satisfaction === 'legacy' ? 'legacy' : 'none',
});

/** The record as it is shown, or nothing. */
export const one = <T, R>(found: T | null, show: (record: T) => R | null): R[] => {
  const shown = found === null ? null : show(found);
  return shown === null ? [] : [shown];
};

/** A short list in one page. */
export const inOnePage = (name: string, rows: Row[]): Row => ({
  [name]: rows,
  count: rows.length,
  next_page: null,
  previous_page: null,
});
export const LAST_PAGE = {
  meta: { has_more: false, after_cursor: null, before_cursor: null },
  links: { next: null, prev: null },
};
