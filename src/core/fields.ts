/** A value as it stands in one of our CRM fields. Dates and instants are ISO strings. */
export type FieldValue = string | number | boolean | null;

/** A field of the CRM's account record that the write-back uses, by logical name; the CRM's own name comes from its mapping. */
export interface FieldSpec {
  name: string;
  label: string;
  help: string;
  type: 'integer' | 'decimal' | 'text' | 'longText' | 'picklist' | 'datetime' | 'date' | 'boolean';
  /** Picklist values, in order. */
  values?: string[];
  /** text and longText: maximum length in characters. */
  length?: number;
  /** ours = we write it; theirs = people write it and we read it. */
  direction: 'ours' | 'theirs';
}
