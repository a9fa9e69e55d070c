import { type TicketView, ticketAt, ticketChanges } from '../../../src/sandbox/asof.ts';
import type { OpportunityState, WorldAccount, WorldOpportunity } from '../../../src/sandbox/world.types.ts';
import { amount, type Change, instant, type Owners, type Props } from './change.ts';
import { companyNumber, contactNumber, dealNumber, ticketNumber } from './keys.ts';
import { placeOf } from './pipelines.ts';

const DEAL_TYPES = {
  'New Business': 'newbusiness',
  Renewal: 'existingbusiness',
  Expansion: 'existingbusiness',
} as const;
const STAGES = { new: '1', open: '3', solved: '4' } as const;
const PRIORITIES = { low: 'LOW', normal: 'MEDIUM', high: 'HIGH', urgent: 'URGENT' } as const;
/** The label that marks the first contact of a deal, beside that of the role. */
export const PRIMARY_LABEL = 'Primary contact';

export function contactChanges(account: WorldAccount, owners: Owners): Change[] {
  return account.contacts.flatMap((contact, position) => {
    const record = { type: 'contacts' as const, id: contactNumber(account.index, position) };
    const create: Change = {
      ...record,
      at: contact.createdAt,
      kind: 'create',
      homes: { company: companyNumber(account.index) },
      set: {
        email: contact.email,
        firstname: contact.firstName,
        lastname: contact.lastName,
        jobtitle: contact.title,
        hubspot_owner_id: owners(account.ownerKey),
      },
    };
    if (contact.leftAt === null || contact.email === null) return [create];
    const at = Math.max(contact.leftAt, contact.createdAt);
    return [create, { ...record, at, kind: 'edit', set: { hs_email_hard_bounce_reason_enum: 'UNKNOWN_USER' } }];
  });
}

/** Deals as they move through their stages, and who of the customer takes part. */
export function dealChanges(account: WorldAccount, owners: Owners): Change[] {
  return account.opportunities.flatMap((deal, position) => {
    const record = { type: 'deals' as const, id: dealNumber(account.index, position) };
    const states = deal.states.map(({ at, value }, state): Change => {
      const set = shown(deal, value, account.currency);
      if (state > 0) return { ...record, at, kind: 'edit', set };
      const fixed: Props = {
        dealname: deal.name,
        dealtype: DEAL_TYPES[deal.type],
        deal_currency_code: account.currency,
        hubspot_owner_id: owners(account.ownerKey),
      };
      const homes = { company: companyNumber(account.index) };
      return { ...record, at: deal.createdAt, kind: 'create', homes, set: { ...fixed, ...set } };
    });
    return [...states, ...roles(account, deal, record)];
  });
}

function shown(deal: WorldOpportunity, state: OpportunityState, currency: string): Props {
  return {
    ...placeOf(deal.type, state.stage),
    amount: amount(state.amount, currency),
    closedate: instant(Date.parse(`${state.closeOn}T00:00:00Z`)),
  };
}

function roles(account: WorldAccount, deal: WorldOpportunity, record: { type: 'deals'; id: number }): Change[] {
  return deal.roles.map((role): Change => {
    const position = account.contacts.findIndex((c) => c.key === role.contactKey);
    if (position < 0) throw new Error(`World role ${role.key} names an unknown contact ${role.contactKey}`);
    const labels = role.primary ? [role.role, PRIMARY_LABEL] : [role.role];
    const link = { contact: contactNumber(account.index, position), labels };
    return { ...record, at: Math.max(role.at, deal.createdAt), kind: 'link', link, set: {} };
  });
}

export function ticketChangesOf(account: WorldAccount): Change[] {
  return account.tickets.flatMap((ticket, position) => {
    const record = { type: 'tickets' as const, id: ticketNumber(account.index, position) };
    const requester = account.contacts.findIndex((c) => c.email === ticket.requesterEmail);
    const homes = {
      company: companyNumber(account.index),
      ...(requester < 0 ? {} : { contact: contactNumber(account.index, requester) }),
    };
    return ticketChanges(ticket).flatMap((at, n): Change[] => {
      const view = ticketAt(ticket, at);
      if (!view) return [];
      if (n > 0) return [{ ...record, at, kind: 'edit', set: ticketState(view) }];
      const fixed: Props = { subject: ticket.subject, content: ticket.text, hs_pipeline: '0' };
      return [{ ...record, at, kind: 'create', homes, set: { ...fixed, ...ticketState(view) } }];
    });
  });
}

const ticketState = (view: TicketView): Props => ({
  hs_pipeline_stage: STAGES[view.status],
  hs_ticket_priority: PRIORITIES[view.priority],
  closed_date: view.solvedAt === null ? null : instant(view.solvedAt),
  escalated: String(view.escalated),
});
