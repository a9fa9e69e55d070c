import type { Crm, Log, Outcome } from '../contract/index.ts';
import { sameValue } from '../core/decide.ts';
import type { FieldSpec, FieldValue } from '../core/fields.ts';
import type { StoredIntent, WorkspaceStore } from '../store/types.ts';

export interface SettleDeps {
  store: WorkspaceStore;
  log: Log;
  now: () => number;
  fields: FieldSpec[];
  crm(): Promise<Crm>;
}

/**
 * Asks the CRM what became of the calls that a killed process had sent without hearing the answer, so that a newer plan takes over
 * with nothing left in doubt: what the CRM shows is written, the rest is open again. Costs nothing where no answer is missing.
 */
export async function settle(deps: SettleDeps): Promise<void> {
  const [plan] = await deps.store.plans(1);
  if (plan?.status !== 'applying') return; // only the newest plan can have been cut off
  const counts = await deps.store.planCounts(plan.number);
  if (!counts.fields.sent && !counts.task.sent) return;
  const crm = await deps.crm();
  let confirmed = 0;
  for (const type of ['fields', 'task'] as const)
    for await (const intents of deps.store.intents(plan.number, type, ['sent'])) {
      const outcomes = type === 'fields' ? await ofFields(deps, crm, intents) : await ofTasks(crm, intents);
      confirmed += outcomes.filter((o) => o.result === 'written').length;
      await deps.store.recordOutcomes(outcomes, deps.now());
    }
  deps.log.info(
    { plan: plan.number, confirmed, counts },
    'the answers that a broken-off run had missed were read back',
  );
}

const MISSING = 'the run ended before the answer came, and the CRM shows nothing of it';

async function ofFields({ fields }: SettleDeps, crm: Crm, intents: StoredIntent[]): Promise<Outcome[]> {
  const types = new Map(fields.map((f) => [f.name, f.type]));
  const held = new Map<string, Record<string, FieldValue>>();
  for await (const { account, values } of crm.read(intents.map((i) => i.account))) held.set(account, values);
  return intents.map(({ id, account, payload }) => {
    const shown = held.get(account);
    const changes = payload.type === 'fields' ? Object.entries(payload.changes) : [];
    const done =
      shown !== undefined &&
      changes.every(([name, { to }]) => sameValue(types.get(name) ?? 'text', shown[name] ?? null, to));
    return done ? { intent: id, result: 'written' } : { intent: id, result: 'retry', reason: MISSING };
  });
}

async function ofTasks(crm: Crm, intents: StoredIntent[]): Promise<Outcome[]> {
  const keyOf = ({ payload }: StoredIntent) => (payload.type === 'task' ? payload.key : '');
  const found = await crm.findTasks(intents.map((intent) => ({ key: keyOf(intent), account: intent.account })));
  return intents.map((intent) => {
    const recordId = found.get(keyOf(intent));
    return recordId === undefined
      ? { intent: intent.id, result: 'retry', reason: MISSING }
      : { intent: intent.id, result: 'written', recordId, created: true };
  });
}
