import type { Cell } from '../../../src/sandbox/kit-tables.ts';

/** One change of one record. create and edit move LastModifiedDate; every change moves SystemModstamp. */
export interface Change {
  at: number;
  object: string;
  id: string;
  kind: 'create' | 'edit' | 'touch';
  set: Record<string, Cell>;
}

/** What the changes of an account need to know about the org. */
export interface People {
  /** World user key → id; null and unknown → the integration user, since every record has an owner. */
  id(key: string | null): string;
}
