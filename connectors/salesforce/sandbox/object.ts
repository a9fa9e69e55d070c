import { type Field, field, fixed, flag, pick, ref } from './field.ts';

export interface ObjectSpec {
  name: string;
  prefix: string;
  fields: Field[];
  indexes: string[][];
  createable: boolean;
  updateable: boolean;
  deletable: boolean;
  /** Rows can be soft-deleted and seen by queryAll. */
  recycles: boolean;
  /** Rows of others are hidden from a user without View All Data. */
  shared: boolean;
}

export const required = { nillable: false };
export const system = (who = true): Field[] => [
  fixed('CreatedDate', 'datetime', required),
  ...(who ? [sys('CreatedById')] : []),
  fixed('LastModifiedDate', 'datetime', required),
  ...(who ? [sys('LastModifiedById')] : []),
  fixed('SystemModstamp', 'datetime', required),
];
export const sys = (name: string): Field => ref(name, 'User', { createable: false, updateable: false, ...required });
export const id = (): Field => fixed('Id', 'id', required);
export const deleted = (): Field => flag('IsDeleted', { createable: false, updateable: false });
export const owner = (): Field => ref('OwnerId', 'User', required);
export const currencyCode = (): Field =>
  pick('CurrencyIsoCode', ['EUR', 'GBP', 'USD', 'JPY', 'CHF', 'CAD', 'AUD', 'SEK'], { length: 3 });
export const master = (of: string): Field => ref('MasterRecordId', of, { createable: false, updateable: false });
export const name = (length = 255): Field => field('Name', 'string', { length, nillable: false });

export const STAMPS = [['SystemModstamp', 'Id']];
export const crm = { createable: true, updateable: true, deletable: true, recycles: true, shared: true };
export const admin = { createable: true, updateable: true, deletable: true, recycles: false, shared: false };
export const readOnly = { createable: false, updateable: false, deletable: false, recycles: false, shared: false };
