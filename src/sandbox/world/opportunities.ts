import type { OpportunityState, Timeline, WorldContact, WorldOpportunity } from '../world.types.ts';
import { presentAt } from './contacts.ts';
import { type CustomerDraft, childKey, livingSpan, streamOf } from './draft.ts';
import type { Random } from './random.ts';
import { DAY, isoDay, officeTime } from './time.ts';

const OPEN_STAGES = [
  { stage: 'Qualification', probability: 20, from: 0 },
  { stage: 'Proposal', probability: 50, from: 0.4 },
  { stage: 'Negotiation', probability: 80, from: 0.75 },
] as const;
const ROLES = ['Decision Maker', 'Evaluator', 'Business User', 'Influencer'] as const;

interface Deal {
  type: WorldOpportunity['type'];
  title: string;
  openedAt: number;
  /** When it closes; null = still open at the end of the world. */
  decidedAt: number | null;
  /** The close date on the record while it is open. */
  plannedAt: number;
  won: boolean;
  firstAmount: number;
  amount: number;
}

/** New Business, yearly renewals that touch the world's span, and expansions, oldest first, each with its stage history. */
export function makeOpportunities(draft: CustomerDraft, contacts: WorldContact[]): WorldOpportunity[] {
  const { id, span } = draft;
  return dealsOf(draft)
    .filter((deal) => (deal.decidedAt ?? span.to) >= span.from || deal.type === 'New Business')
    .filter((deal) => deal.openedAt <= span.to)
    .sort((a, b) => a.openedAt - b.openedAt)
    .map((deal, n): WorldOpportunity => {
      const key = childKey(draft, 'o', n);
      const random = streamOf(draft, `opportunity ${deal.type} ${deal.plannedAt}`);
      const name = `${id.name.slice(0, 80)} - ${deal.title}`;
      const states = statesOf(deal, random);
      return {
        key,
        name,
        type: deal.type,
        createdAt: deal.openedAt,
        states,
        roles: rolesOf(key, deal, contacts, random),
      };
    });
}

function dealsOf(draft: CustomerDraft): Deal[] {
  const { id, contract } = draft;
  const deals: Deal[] = [];
  const first = {
    type: 'New Business',
    title: 'New Business',
    openedAt: id.createdAt,
    firstAmount: contract.first,
    amount: contract.first,
  } as const;
  if (id.since !== null) deals.push({ ...first, decidedAt: id.since, plannedAt: id.since, won: true });
  else if (id.kind === 'prospect') deals.push({ ...first, ...prospectDeal(draft) });
  for (const r of contract.renewals) {
    const base = { openedAt: r.openedAt, decidedAt: r.decidedAt, won: r.won, firstAmount: r.before };
    const title = `Renewal ${isoDay(r.on).slice(0, 7)}`;
    deals.push({ type: 'Renewal', title, plannedAt: r.on, amount: r.won ? r.after : r.before, ...base });
  }
  for (const e of contract.expansions)
    deals.push({
      type: 'Expansion',
      title: `Expansion ${isoDay(e.openedAt).slice(0, 7)}`,
      plannedAt: e.decidedAt,
      firstAmount: e.amount,
      ...e,
    });
  return deals;
}

function prospectDeal(draft: CustomerDraft): Pick<Deal, 'decidedAt' | 'plannedAt' | 'won'> {
  const random = streamOf(draft, 'prospect');
  const plannedAt = officeTime(draft.id.createdAt + random.between(60, 300) * DAY, random);
  const lost = random.chance(0.4) && plannedAt < (livingSpan(draft)?.to ?? 0);
  return { plannedAt, decidedAt: lost ? plannedAt : null, won: false };
}

function statesOf(deal: Deal, random: Random): Timeline<OpportunityState> {
  const end = deal.decidedAt ?? deal.plannedAt;
  const width = end - deal.openedAt;
  const states: Timeline<OpportunityState> = [];
  for (const { stage, probability, from } of OPEN_STAGES) {
    const at =
      from === 0 ? deal.openedAt : officeTime(deal.openedAt + width * (from + random.between(-0.05, 0.08)), random);
    if (at >= end && from > 0) break; // a quick deal skips stages
    if (at <= (states.at(-1)?.at ?? Number.NEGATIVE_INFINITY)) continue;
    const amount = stage === 'Negotiation' ? deal.amount : deal.firstAmount;
    const closeOn = isoDay(deal.plannedAt);
    states.push({ at, value: { stage, closed: false, won: false, amount, closeOn, probability } });
  }
  if (deal.decidedAt === null) return states;
  const { won, amount } = deal;
  const closing = {
    stage: won ? 'Closed Won' : 'Closed Lost',
    closed: true,
    won,
    amount,
    closeOn: isoDay(deal.decidedAt),
  };
  const at = Math.max(deal.decidedAt, (states.at(-1)?.at ?? 0) + 1000);
  states.push({ at, value: { ...closing, probability: won ? 100 : 0 } });
  return states;
}

function rolesOf(key: string, deal: Deal, contacts: WorldContact[], random: Random): WorldOpportunity['roles'] {
  return presentAt(contacts, deal.openedAt)
    .filter((c) => random.chance(c.champion ? 0.8 : c.seniority === 'executive' ? 0.6 : 0.3))
    .map((contact, n) => ({
      key: `${key}-r${n + 1}`,
      contactKey: contact.key,
      role: contact.champion
        ? 'Champion'
        : contact.seniority === 'executive'
          ? 'Executive Sponsor'
          : random.pick(ROLES),
      primary: n === 0,
      at: deal.openedAt,
    }));
}
