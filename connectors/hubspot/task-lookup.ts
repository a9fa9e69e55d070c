import { z } from 'zod';
import { ConnectorError, type TaskRef } from '../../src/contract/index.ts';
import { split } from '../../src/kit/parallel.ts';
import { linksOf } from './associations.ts';
import { sendBatch } from './batch.ts';
import { taskLogName } from './definitions.ts';
import { ApiError } from './errors.ts';
import { Gaps, refuseGaps } from './gaps.ts';
import { readBatch } from './lists.ts';
import type { Portal } from './portal.ts';
import { CrmRecord, str, valuesOf } from './record.ts';
import { readLog, writeLog } from './task-log.ts';

const BATCH = 100;
const Found = z.object({ results: z.array(CrmRecord).default([]), errors: Gaps });

/**
 * Task id by key, from the database and never from search, whose index lags: by the unique property, living tasks before deleted
 * ones, else among the company's own tasks. What is not among them may have been deleted by a person: the company's log remembers it.
 */
export async function tasksByKey(portal: Portal, tasks: readonly TaskRef[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  if (tasks.length === 0) return found;
  const property = (await portal.schema.properties('tasks')).get(portal.mapping.taskKey);
  const unique = property?.hasUniqueValue === true && (await byUniqueKey(portal, tasks, found));
  if (property && !unique) await amongTasksOf(portal, tasks, found);
  const rest = tasks.filter(({ key }) => !found.has(key));
  if (rest.length === 0) return found;
  const logs = await logsOf(portal, [...new Set(rest.map(({ account }) => account))]);
  for (const { key, account } of rest) {
    const id = logs.get(account)?.get(key);
    if (id !== undefined) found.set(key, id);
  }
  return found;
}

/** @returns false where the portal finds no tasks by this property, although it says that it is unique */
async function byUniqueKey(portal: Portal, tasks: readonly TaskRef[], found: Map<string, string>): Promise<boolean> {
  const { taskKey } = portal.mapping;
  try {
    for (const archived of [false, true])
      for (const part of split(
        tasks.filter(({ key }) => !found.has(key)),
        BATCH,
      )) {
        const { results, errors } = await portal.client.json({
          label: 'tasks.read',
          kind: 'read',
          idempotent: true,
          method: 'POST',
          path: portal.paths.batch('tasks', 'read'),
          ...(archived ? { query: { archived } } : {}),
          body: {
            idProperty: taskKey,
            inputs: part.map(({ key }) => ({ id: key })),
            properties: [taskKey],
            propertiesWithHistory: [],
          },
          schema: Found,
        });
        refuseGaps('tasks.read', errors);
        for (const record of results) note(record, taskKey, found);
      }
    return true;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 400) throw error;
    portal.ctx.log.warn({ code: error.code }, 'tasks are not found by their key; looking among those of each company');
    return false;
  }
}

async function amongTasksOf(portal: Portal, tasks: readonly TaskRef[], found: Map<string, string>): Promise<void> {
  const { taskKey } = portal.mapping;
  const accounts = [...new Set(tasks.map(({ account }) => account))];
  const links = await linksOf(portal, 'companies', accounts, 'tasks');
  // A task may be of two companies: a batch names it once.
  const ids = [...new Set([...links.values()].flatMap((targets) => targets.map(({ id }) => id)))];
  const { records } = await readBatch(portal, 'tasks', ids, { properties: [taskKey], history: [] });
  for (const record of records) note(record, taskKey, found);
}

function note(record: CrmRecord, property: string, found: Map<string, string>): void {
  const key = str(valuesOf(record), property);
  if (key !== null && !found.has(key)) found.set(key, record.id);
}

async function logsOf(portal: Portal, accounts: string[]): Promise<Map<string, Map<string, string>>> {
  const name = taskLogName(portal.mapping);
  const { records } = await readBatch(portal, 'companies', accounts, { properties: [name], history: [] });
  return new Map(records.map((record) => [record.id, readLog(str(valuesOf(record), name))]));
}

/** `tasksByKey`, for tasks whose raising a killed process did not see through: what it found and had not noted, is noted now. */
export async function findTasks(portal: Portal, tasks: readonly TaskRef[]): Promise<Map<string, string>> {
  const found = await tasksByKey(portal, tasks);
  await rememberTasks(
    portal,
    tasks.flatMap(({ key, account }) => {
      const recordId = found.get(key);
      return recordId === undefined ? [] : [{ key, account, recordId }];
    }),
  );
  return found;
}

/**
 * Notes tasks on their companies, where they outlive the task itself; those that are noted already cost no write. A second proof only:
 * where it cannot be written, the tasks stand nevertheless, and are found as long as they do.
 */
export async function rememberTasks(
  portal: Portal,
  raised: readonly (TaskRef & { recordId: string })[],
): Promise<void> {
  const name = taskLogName(portal.mapping);
  if (raised.length === 0) return;
  try {
    if (!(await portal.schema.properties('companies')).has(name)) return;
    const logs = await logsOf(portal, [...new Set(raised.map(({ account }) => account))]);
    const fresh = raised.filter(({ account, key }) => !logs.get(account)?.has(key));
    for (const { account, key, recordId } of fresh)
      logs.set(account, new Map([...(logs.get(account) ?? []), [key, recordId]]));
    const accounts = [...new Set(fresh.map(({ account }) => account))];
    for (const part of split(accounts, BATCH)) {
      const results = await sendBatch(portal, {
        type: 'companies',
        what: 'update',
        idempotent: true,
        inputs: part.map((id) => ({
          trace: id,
          body: { id, properties: { [name]: writeLog(logs.get(id) ?? new Map()) } },
        })),
      });
      const refused = [...results.values()].flatMap((result) => (result.ok ? [] : [result.reason]));
      if (refused.length > 0)
        portal.ctx.log.warn(
          { refused: refused.length, reason: refused[0] },
          'raised tasks could not be noted on companies',
        );
    }
  } catch (error) {
    portal.ctx.signal.throwIfAborted();
    if (!(error instanceof ConnectorError)) throw error;
    portal.ctx.log.warn({ err: error }, 'raised tasks could not be noted on their companies');
  }
}
