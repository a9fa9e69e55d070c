import type { OpportunityState, WorldAccount, WorldOpportunity } from '../../../src/sandbox/world.types.ts';
import type { Change, People } from './change.ts';
import { contactId, historyId, opportunityId, roleId } from './keys.ts';
import { STAGES } from './objects-crm.ts';
import { major, second } from './values.ts';

/** Opportunities as they move through their stages, a history row per state, and their contact roles. */
export function opportunityChanges(account: WorldAccount, id: string, people: People): Change[] {
  return account.opportunities.flatMap((opportunity, position) => [
    ...stateChanges(account, opportunity, position, id, people),
    ...roleChanges(account, opportunity, position, people),
  ]);
}

function stateChanges(
  account: WorldAccount,
  opp: WorldOpportunity,
  position: number,
  accountRecord: string,
  people: People,
): Change[] {
  const record = { object: 'Opportunity', id: opportunityId(account.index, position) };
  const author = people.id(account.ownerKey);
  let stage: string | null = null;
  return opp.states.flatMap(({ at, value }, state): Change[] => {
    const when = state === 0 ? opp.createdAt : at;
    const shown = columns(value, account.currency);
    const history: Change = {
      at: when,
      object: 'OpportunityHistory',
      id: historyId(account.index, position, state),
      kind: 'create',
      set: { ...shown, OpportunityId: record.id, CurrencyIsoCode: account.currency, CreatedById: author },
    };
    const set = {
      ...shown,
      IsClosed: value.closed ? 1 : 0,
      IsWon: value.won ? 1 : 0,
      ...(value.stage === stage ? {} : { LastStageChangeDate: second(when) }),
    };
    stage = value.stage;
    if (state > 0) return [{ ...record, at: when, kind: 'edit', set }, history];
    const base = {
      AccountId: accountRecord,
      Name: opp.name,
      Type: opp.type,
      CurrencyIsoCode: account.currency,
      OwnerId: author,
    };
    return [{ ...record, at: when, kind: 'create', set: { ...base, ...set } }, history];
  });
}

function columns(state: OpportunityState, currency: string) {
  const amount = major(state.amount, currency);
  const category = state.closed
    ? state.won
      ? 'Closed'
      : 'Omitted'
    : (STAGES.find((s) => s.name === state.stage)?.category ?? 'Pipeline');
  return {
    StageName: state.stage,
    Amount: amount,
    CloseDate: state.closeOn,
    Probability: percent(state.probability),
    ExpectedRevenue: Math.round(amount * percent(state.probability)) / 100,
    ForecastCategory: category,
  };
}

/** The world may speak of 0–1 or of 0–100; the vendor shows per cent. */
const percent = (p: number): number => (p > 0 && p < 1 ? Math.round(p * 100) : p);

function roleChanges(account: WorldAccount, opp: WorldOpportunity, position: number, people: People): Change[] {
  return opp.roles.flatMap((role, n): Change[] => {
    const contact = account.contacts.findIndex((c) => c.key === role.contactKey);
    if (contact < 0) throw new Error(`World role ${role.key} names an unknown contact ${role.contactKey}`);
    return [
      {
        at: role.at,
        object: 'OpportunityContactRole',
        id: roleId(account.index, position, n),
        kind: 'create',
        set: {
          OpportunityId: opportunityId(account.index, position),
          ContactId: contactId(account.index, contact),
          Role: role.role,
          IsPrimary: role.primary ? 1 : 0,
          CurrencyIsoCode: account.currency,
          CreatedById: people.id(account.ownerKey),
        },
      },
    ];
  });
}
