import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { AccountScore } from '../../src/core/result.ts';
import type { Loop } from './harness.ts';

/** What can be seen from outside: the CRM's own rows, the server's own counts, and the store's file. */

/** Field of the store → field of the CRM. */
export const API_NAMES = {
  score: 'Health_Score__c',
  band: 'Health_Band__c',
  trend: 'Health_Trend__c',
  change30: 'Health_Change_30__c',
  actionCode: 'Health_Action_Code__c',
  actionText: 'Health_Action_Text__c',
  reasons: 'Health_Reasons__c',
  dim_usage: 'Health_Dim_Usage__c',
  dim_support: 'Health_Dim_Support__c',
  dim_billing: 'Health_Dim_Billing__c',
  dim_engagement: 'Health_Dim_Engagement__c',
  dim_relationship: 'Health_Dim_Relationship__c',
  riskFlags: 'Health_Risk_Flags__c',
  confidence: 'Health_Confidence__c',
  coverage: 'Health_Coverage__c',
  scoredAt: 'Health_Scored_At__c',
  modelVersion: 'Health_Model_Version__c',
} as const;
export type FieldName = keyof typeof API_NAMES;

type Row = Record<string, unknown>;
export const accountRows = (loop: Loop): Map<string, Row> =>
  new Map(loop.host.crm.rows('Account').map((row) => [String(row.Id), row]));
export const managerTasks = (loop: Loop): Row[] =>
  loop.host.crm.rows('Task').filter((row) => typeof row.Health_Task_Key__c === 'string');

/** Our fields of an account row, by the store's names. */
export const fieldsOf = (row: Row): Record<string, unknown> =>
  Object.fromEntries(Object.entries(API_NAMES).map(([name, api]) => [name, row[api] ?? null]));

/** Write calls that reached the server since the last reset. */
export function serverCalls(loop: Loop): { fields: number; tasks: number; write: number; read: number } {
  const kinds = loop.host.crm.calls.byKind();
  const { calls } = loop.host.crm;
  return {
    fields: kinds['collections.update'] ?? 0,
    tasks: kinds['collections.upsert'] ?? 0,
    write: calls.total('write'),
    read: calls.total('read'),
  };
}

/** The newest score of each account, straight from the store's file. */
export function latestScores(loop: Loop): AccountScore[] {
  const db = new DatabaseSync(join(loop.dir, 'pulseback.db'), { readOnly: true });
  try {
    const rows = db.prepare('select account, score_json from scores order by as_of, id').all();
    return [...new Map(rows.map((row) => [row.account, JSON.parse(String(row.score_json))])).values()];
  } finally {
    db.close();
  }
}

/** How many rows a query finds in the store's file. */
export function count(loop: Loop, sql: string): number {
  const db = new DatabaseSync(join(loop.dir, 'pulseback.db'), { readOnly: true });
  try {
    return Number(db.prepare(sql).get()?.n ?? 0);
  } finally {
    db.close();
  }
}
