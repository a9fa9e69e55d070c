import { z } from 'zod';
import { ConnectorError } from '../../src/contract/index.ts';
import type { Client } from './client.ts';
import { clean } from './errors.ts';

const RowResult = z.object({
  id: z.string().nullish(),
  success: z.boolean(),
  created: z.boolean().optional(),
  errors: z
    .array(
      z.object({
        statusCode: z.string().default(''),
        message: z.string().default(''),
        fields: z.array(z.string()).nullish(),
      }),
    )
    .default([]),
});
export type RowResult = z.infer<typeof RowResult>;

export interface CollectionCall {
  label: string;
  method: 'POST' | 'PATCH';
  /** Behind /composite/sobjects: "" or "/Task/Key__c". */
  path?: string;
  idempotent: boolean;
  type: string;
  records: Record<string, unknown>[];
  headers?: Record<string, string>;
}

/**
 * One sObject Collections call of at most 200 records, each on its own (allOrNone false). HTTP 200 says nothing about the rows;
 * results come in request order, one for each record, or the call is an error.
 * https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm
 */
export async function sendCollection(client: Client, call: CollectionCall): Promise<RowResult[]> {
  const results = await client.rest(
    {
      label: call.label,
      kind: 'write',
      idempotent: call.idempotent,
      method: call.method,
      path: `/composite/sobjects${call.path ?? ''}`,
      body: { allOrNone: false, records: call.records.map((r) => ({ attributes: { type: call.type }, ...r })) },
      headers: call.headers ?? {},
    },
    z.array(RowResult),
  );
  if (results.length !== call.records.length)
    throw mismatch(call.label, `${call.records.length} records were sent, ${results.length} results came back`);
  for (const [i, result] of results.entries()) {
    const sent = call.records[i]?.id;
    if (typeof sent === 'string' && result.success && result.id && result.id.slice(0, 15) !== sent.slice(0, 15))
      throw mismatch(call.label, `result ${i} names another record than the one sent`);
  }
  return results;
}

const mismatch = (label: string, what: string): ConnectorError =>
  new ConnectorError(`${label}: ${what}`, {
    action: 'fail',
    code: 'RESULT_MISMATCH',
    hint: 'The answer cannot be trusted; run again, and report this if it stays.',
  });

/** The vendor's own words for a failed row: "STRING_TOO_LONG: … (Health_Reasons__c)". */
export function reasonOf(result: RowResult): string {
  const words = result.errors.map((e) => {
    const fields = e.fields?.length ? ` (${e.fields.join(', ')})` : '';
    return `${e.statusCode}: ${clean(e.message)}${fields}`;
  });
  return words.join('; ') || 'refused without a reason';
}

export const codesOf = (result: RowResult): string[] => result.errors.map((e) => e.statusCode);

export const LOCK_ROUNDS = 5;
