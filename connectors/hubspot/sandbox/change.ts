import { toDecimal } from '../../../src/kit/money.ts';
import type { Home, TypeName } from './types.ts';

/** Property values as they travel: text; null = no value. */
export type Props = Record<string, string | null>;

/** One thing that happens to one record. All but `link` move the record's stamp. */
export interface Change {
  at: number;
  type: TypeName;
  id: number;
  kind: 'create' | 'edit' | 'archive' | 'merge' | 'link';
  set: Props;
  /** create: what the record belongs to. */
  homes?: Partial<Record<Home, number>>;
  /** merge: the company that goes into this one. */
  loser?: number;
  /** link: the contact, and as what. */
  link?: { contact: number; labels: string[] };
}

/** What the changes of an account need to know about the portal: world user key → owner id; null and unknown = nobody. */
export type Owners = (key: string | null) => string | null;

export { stampText as instant } from './property-values.ts';

/** Minor units as people type amounts: whole ones without decimals. */
export const amount = (minor: number, currency: string): string => toDecimal({ minor, currency }).replace(/\.0+$/, '');
