import { figureOf, firstDay } from './aggregate.ts';
import { DAY_MS } from './days.ts';
import type { FactKind, FactOf } from './fact.ts';
import { alternatives, shortDay } from './format.ts';
import type { Term } from './measure.ts';
import type { DimensionScore } from './result.ts';
import { type Env, makeEnv } from './rows.ts';
import type { AccountView } from './view.ts';
import { COVERAGE_KEYS, type CoverageKey } from './vocabulary.ts';

/** Users who demonstrably log: over all accounts, within the last 365 days. Ids are the primary source's. */
export interface LoggingUsers {
  /** At least one call, meeting or other activity that is no e-mail. */
  activity: ReadonlySet<string>;
  /** At least one e-mail. */
  email: ReadonlySet<string>;
}

/** Collects who logs while facts stream by. */
export class LoggingUsersBuilder implements LoggingUsers {
  readonly activity = new Set<string>();
  readonly email = new Set<string>();
  /** Takes every activity of every account; those outside the year before `at` are ignored. */
  add(fact: FactOf<'activity'>, at: number): void {
    const { userId, type } = fact.data;
    if (!userId || fact.deleted || fact.at > at || fact.at <= at - 365 * DAY_MS) return;
    (type === 'email' ? this.email : this.activity).add(userId);
  }
}

/** A source that failed, or that goes on delivering old data: its facts are whole up to that instant (P4). */
export interface StaleSource {
  source: string;
  /** Epoch ms of its last complete pull, or of its newest data. */
  since: number;
  /** Only these facts of it; absent = all. */
  kind?: FactKind;
}

export interface CoverageInput {
  view: AccountView;
  /** The account's day, where it does not start with the view's UTC day, or where figures come aggregated. */
  env?: Env;
  logging: LoggingUsers;
  /** Which sources carry a kind at all (have at least one live fact of it). */
  carriers: Partial<Record<FactKind, readonly string[]>>;
}

/** What is demonstrably seen of an account: no rows mean zero only there (P8). */
export interface Coverage {
  /** null = covered; else why not, in plain words. */
  gaps: Record<CoverageKey, string | null>;
  /** Linked sources that carry each kind: their staleness ages its signals. */
  sources: Readonly<Partial<Record<FactKind, readonly string[]>>>;
}

const KIND_OF = {
  usage: 'usage',
  tickets: 'ticket',
  invoices: 'invoice',
  subscriptions: 'subscription',
  opportunities: 'opportunity',
  training: 'training',
  community: 'community',
  participation: 'participation',
  marketing: 'marketing',
  advocacy: 'advocacy',
  resources: 'resource',
  milestones: 'milestone',
} as const satisfies Partial<Record<CoverageKey, FactKind>>;

/** What the streams demonstrably cover of one account, as of the view's date. */
export function coverageOf({ view, logging, carriers, env = dayOfView(view) }: CoverageInput): Coverage {
  const sources = linkedSources(view, carriers);
  const gaps = linkGaps(env, carriers, sources) as Coverage['gaps'];
  fillActivityGaps(gaps, env, logging);
  gaps.usage = usageGap(env, carriers, sources);
  gaps.contacts = contactsGap(view);
  return { gaps, sources };
}

/** Most accounts are linked to the same sources: by these, what they carry. */
const carried = new WeakMap<CoverageInput['carriers'], Map<string, Coverage['sources']>>();
const MOST_CARRIED = 1_000;

function linkedSources(view: AccountView, carriers: CoverageInput['carriers']): Coverage['sources'] {
  const linked = [...view.sources];
  for (const { source } of view.states('account')) if (!linked.includes(source)) linked.push(source);
  let known = carried.get(carriers);
  if (!known) {
    known = new Map();
    carried.set(carriers, known);
  }
  const key = linked.join('\n');
  const found = known.get(key);
  if (found) return found;
  const sources: Record<string, readonly string[]> = {};
  for (const [kind, all] of Object.entries(carriers)) {
    const own = all.filter((source) => linked.includes(source));
    if (own.length > 0) sources[kind] = own;
  }
  if (known.size >= MOST_CARRIED) known.clear();
  known.set(key, sources);
  return sources;
}

/** What is looked for; the same objects each time, so that a store may know them. */
const LOGGED: Term = { kind: 'activity' };
const MAILED: Term = { kind: 'activity', where: { field: 'type', is: 'email' } };
const ANY = {
  usage: { kind: 'usage' },
  ticket: { kind: 'ticket' },
  invoice: { kind: 'invoice' },
} as const satisfies Record<string, Term>;
const NOBODY = { titles: [], roles: [] };

function dayOfView(view: AccountView): Env {
  const today = Math.floor(view.at / DAY_MS);
  const people = { executive: NOBODY, champion: NOBODY };
  return makeEnv({ view, today, dayStart: today * DAY_MS, people, renewal: null, toReporting: undefined });
}

/** Whole days: what is planned for the next hour, or falls out of the year within it, changes nothing today. */
const seenInYear = (env: Env, term: Term): boolean =>
  Number(figureOf(env, term, 'count', { from: env.today - 365, to: env.today }).value) > 0;

function fillActivityGaps(gaps: Coverage['gaps'], env: Env, logging: LoggingUsers): void {
  const { view } = env;
  const owner = view.record?.ownerId ?? null;
  const ownerLogs = owner !== null && (logging.activity.has(owner) || logging.email.has(owner));
  const ownerMails = owner !== null && logging.email.has(owner);
  gaps.activity =
    seenInYear(env, LOGGED) || ownerLogs
      ? null
      : owner === null
        ? 'no activity is logged and the account has no owner'
        : 'the owner logs no activity in the CRM';
  gaps.email = ownerMails || seenInYear(env, MAILED) ? null : 'e-mail is not synced to the CRM for this owner';
}

function usageGap(env: Env, carriers: CoverageInput['carriers'], sources: Coverage['sources']): string | null {
  if (firstDay(env, 'usage') !== null) return null;
  if (!carriers.usage?.length) return 'no source carries usage';
  return sources.usage ? 'no usage was ever seen for this account' : 'no usage source is matched to this account';
}

type Linked = Exclude<keyof typeof KIND_OF, 'usage'>;
const LINKED = (Object.keys(KIND_OF) as (keyof typeof KIND_OF)[]).filter((key): key is Linked => key !== 'usage');

function linkGaps(
  env: Env,
  carriers: CoverageInput['carriers'],
  sources: Coverage['sources'],
): Record<Linked, string | null> {
  const gaps = {} as Record<Linked, string | null>;
  for (const key of LINKED) gaps[key] = linkGap(key, env, carriers, sources);
  return gaps;
}

function linkGap(
  key: Linked,
  env: Env,
  carriers: CoverageInput['carriers'],
  sources: Coverage['sources'],
): string | null {
  const kind = KIND_OF[key];
  if (sources[kind] || known(env, kind)) return null;
  return carriers[kind]?.length ? `no source of ${key} is matched to this account` : `no source carries ${key}`;
}

const known = (env: Env, kind: (typeof KIND_OF)[Linked]): boolean =>
  kind === 'ticket' || kind === 'invoice'
    ? Number(figureOf(env, ANY[kind], 'count', null).value) > 0
    : env.view.states(kind).length > 0;

/** Contacts without title and role tell nothing about who is missing among them. */
function contactsGap(view: AccountView): string | null {
  const contacts = view.states('contact');
  if (contacts.length === 0) return 'no contacts on record';
  const told = contacts.some((c) => c.data.title) || view.states('opportunityRole').some((r) => r.data.role);
  return told ? null : 'no contact has a title or role';
}

/** "usage stale since 3 Nov; no support data": what a score does not rest on; empty where it rests on everything. */
export function coverageText(
  dimensions: Pick<DimensionScore, 'label' | 'score' | 'weight'>[],
  stale: StaleSource[],
  /** Day number of today and the instant at which it starts. */
  { today, dayStart }: { today: number; dayStart: number },
): string {
  const parts = [...stale]
    .sort((a, b) => (a.source < b.source ? -1 : 1))
    .map(
      ({ source, since, kind }) =>
        `${source}${kind ? ` ${kind}` : ''} stale since ${shortDay(today + Math.floor((since - dayStart) / DAY_MS), today)}`,
    );
  const empty = dimensions.filter((d) => d.score === null && d.weight > 0).map((d) => d.label.toLowerCase());
  if (empty.length > 0) parts.push(`no ${alternatives(empty)} data`);
  return parts.join('; ');
}

/** A coverage without gaps, for callers that know their data are whole. */
export const fullCoverage = (): Coverage => ({
  gaps: Object.fromEntries(COVERAGE_KEYS.map((key) => [key, null])) as Coverage['gaps'],
  sources: {},
});
