import type { WorldAccount, WorldOptions } from '../world.types.ts';
import type { CustomerDirt, DirtRules, RecordDirt } from './dirt.ts';
import { companyName, longName, UNUSUAL_NAMES } from './names.ts';
import type { Cast } from './people.ts';
import { randomFor, unit } from './random.ts';
import { addYears, DAY, dayOf, officeTime, type Span } from './time.ts';

/** What an account is in the vendor's book; merged and deleted records were prospects until they went. */
export type Kind = 'customer' | 'churned' | 'prospect' | 'partner' | 'test' | 'merged' | 'deleted';
/** The accounts behind the customers, in turn, so that small worlds have every kind too. */
const OTHERS: readonly Kind[] =
  'churned prospect merged churned deleted partner churned prospect test churned churned prospect churned prospect partner churned merged prospect churned test churned prospect deleted churned prospect'.split(
    ' ',
  ) as Kind[];

/** What all accounts of a world have in common. */
export interface Frame {
  options: Required<WorldOptions>;
  span: Span;
  cast: Cast;
  rules: DirtRules;
}

function kindOf({ customers, dirt }: Required<WorldOptions>, index: number): Kind {
  if (index < customers) return 'customer';
  const kind = OTHERS[(index - customers) % OTHERS.length] ?? 'prospect';
  return dirt || (kind !== 'merged' && kind !== 'deleted') ? kind : 'prospect';
}

export const othersOf = (customers: number): number => Math.round(customers * 0.25);
export const keyOf = (index: number): string => `acct-${String(index).padStart(6, '0')}`;
/** The reporting currency: all accounts of a clean world, most of a dirty one. */
export const BASE_CURRENCY = 'GBP';

/** All that is fixed about an account, and when it becomes and stops being a customer as far as that is decided beforehand. */
export interface Identity
  extends Pick<
    WorldAccount,
    | 'index'
    | 'key'
    | 'externalKey'
    | 'name'
    | 'domain'
    | 'segment'
    | 'industry'
    | 'country'
    | 'currency'
    | 'ownerKey'
    | 'parentKey'
    | 'createdAt'
    | 'deletedAt'
    | 'merged'
  > {
  kind: Kind;
  dirt: (CustomerDirt | RecordDirt)[];
  /** Seats bought at first. */
  seats: number;
  /** First contract; null = never a customer. */
  since: number | null;
  /** A departure that is decided whatever the health; null = health decides. */
  leavesOn: number | null;
}

const SEATS = { smb: [10, 50], 'mid-market': [50, 250], enterprise: [250, 1500] } as const;
const CURRENCIES = [
  { currency: 'USD', country: 'US' },
  { currency: 'EUR', country: 'DE' },
  { currency: 'JPY', country: 'JP' },
  { currency: 'USD', country: 'CA' },
] as const;
const HOME = ['GB', 'GB', 'GB', 'GB', 'GB', 'IE', 'NL', 'SE', 'CH', 'AU'] as const;

/** A pure function of (seed, index, options); cheap, so that an account may ask for another one's. */
export function identify(frame: Frame, index: number): Identity {
  const { options, cast, span, rules } = frame;
  const { seed } = options;
  const random = randomFor(seed, index, 'identity');
  const kind = kindOf(options, index);
  const isDirty = (what: CustomerDirt): boolean => options.dirt && kind === 'customer' && rules.has(what, index);
  const dirt: (CustomerDirt | RecordDirt)[] = [];
  const dirty = (what: CustomerDirt): boolean => isDirty(what) && dirt.push(what) > 0;

  const size = random.next();
  const segment = size < 0.5 ? 'smb' : size < 0.83 ? 'mid-market' : 'enterprise';
  const [few, many] = SEATS[segment];
  const seats = Math.round(few * (many / few) ** random.next());
  const company = companyName(index, nameOffset(seed));
  const foreign = dirty('other currency') ? CURRENCIES[rules.nth('other currency', index) % CURRENCIES.length] : null;
  const home = random.pick(HOME);

  const life = lifeOf(kind, dirty('brand new'), span, seed, index);
  const identity: Identity = {
    index,
    kind,
    dirt,
    key: keyOf(index),
    externalKey: `CUST-${String((index * 7_654_321 + 1_234_567) % 10_000_000).padStart(7, '0')}`,
    name: company.name,
    domain: `${company.slug}.example`,
    segment,
    seats,
    industry: company.trade,
    country: foreign?.country ?? home,
    currency: foreign?.currency ?? BASE_CURRENCY,
    ownerKey: random.pick(cast.regular),
    parentKey: null,
    deletedAt: null,
    merged: null,
    ...life,
  };
  for (const odd of ['e-mail not synced', 'owner inactive', 'manager missing', 'manager inactive'] as const) {
    if (isDirty(odd) && !dirt.some((d) => d in cast)) {
      dirt.push(odd);
      identity.ownerKey = cast[odd][rules.nth(odd, index) % cast[odd].length] ?? null;
    }
  }
  if (!dirt.some((d) => d in cast) && dirty('owner missing')) identity.ownerKey = null;
  if (dirty('unusual name')) identity.name = unusual(rules.nth('unusual name', index));
  else if (dirty('very long name')) identity.name = longName(company.name);
  for (const what of ['zero seats', 'renewal date missing', 'no usage', 'no contacts'] as const) dirty(what);
  if (!dirt.includes('no contacts')) dirty('activity without contact');
  shareDomain(identity, frame);
  if (kind === 'customer' && segment !== 'enterprise' && index > 0 && unit(seed, index, 'parent') < 0.04)
    identity.parentKey = keyOf(Math.floor(unit(seed, index, 'parent of') * index));
  if (kind === 'merged' || kind === 'deleted') leave(identity, frame);
  if (kind === 'test') identity.name = `TEST - ${company.name} (do not use)`;
  return identity;
}

const nameOffset = (seed: number): number => Math.floor(unit(seed, 0, 'names') * 100_000);
const unusual = (n: number): string => {
  const round = Math.floor(n / UNUSUAL_NAMES.length);
  return `${UNUSUAL_NAMES[n % UNUSUAL_NAMES.length]}${round ? ` (${round + 1})` : ''}`;
};

/** The account whose turn it is takes the domain of the one after it. */
function shareDomain(identity: Identity, { options, rules }: Frame): void {
  if (!options.dirt) return;
  const { index } = identity;
  const takes = (i: number): boolean => i >= 0 && i + 1 < options.customers && rules.has('shared domain', i);
  if (takes(index)) identity.domain = `${companyName(index + 1, nameOffset(options.seed)).slug}.example`;
  if (takes(index) || takes(index - 1)) identity.dirt.push('shared domain');
}

/** When an account was created, became a customer, and leaves if that is decided. */
function lifeOf(
  kind: Kind,
  brandNew: boolean,
  span: Span,
  seed: number,
  index: number,
): Pick<Identity, 'createdAt' | 'since' | 'leavesOn'> {
  const random = randomFor(seed, index, 'life');
  const years = Math.floor(5 * random.next() ** 1.5);
  const monday = (at: number): number => officeTime(at, random);
  if (kind === 'customer') {
    const since = brandNew
      ? monday(span.now - random.between(6, 24) * DAY)
      : monday(addYears(dayOf(span.now - random.between(years ? 4 : 48, 369) * DAY), -years));
    const createdAt = monday(since - (brandNew ? random.between(2, 3) : random.between(20, 120)) * DAY);
    return { createdAt: Math.min(createdAt, since - 3_600_000), since, leavesOn: null };
  }
  if (kind === 'churned') {
    const recent = random.chance(0.8);
    const leavesOn = dayOf(recent ? span.now - random.between(2, 395) * DAY : span.from - random.between(1, 300) * DAY);
    const since = addYears(leavesOn, -1 - years) + 9 * 3_600_000;
    return { createdAt: monday(since - random.between(24, 120) * DAY), since, leavesOn };
  }
  const createdAt = monday(span.now - random.between(10, 380) * DAY);
  const wins = kind === 'prospect' && random.chance(0.15);
  const since = wins ? monday(span.now + random.between(2, Math.max(3, (span.to - span.now) / DAY)) * DAY) : null;
  return { createdAt, since, leavesOn: null };
}

/** Records that were merged away or deleted: two of three before now, the rest in the days to come. */
function leave(identity: Identity, frame: Frame): void {
  const { options, span } = frame;
  const random = randomFor(options.seed, identity.index, 'leave');
  const nth = identity.index - options.customers;
  const turn = (Math.floor(nth / 8) + Math.floor(nth / OTHERS.length)) % 3; // so that either kind gets every turn
  const at =
    turn === 2
      ? officeTime(span.now + random.between(1, Math.max(2, (span.to - span.now) / DAY)) * DAY, random)
      : officeTime(identity.createdAt + random.next() * (span.now - identity.createdAt - 4 * DAY), random);
  identity.createdAt = Math.min(identity.createdAt, at - DAY);
  if (identity.kind === 'deleted') {
    identity.deletedAt = at;
    identity.dirt.push('deleted');
    return;
  }
  const into = identify(frame, random.int(0, Math.max(0, options.customers - 1)));
  identity.merged = { at, intoKey: into.key };
  identity.name = into.name.toUpperCase().slice(0, 255);
  identity.domain = into.domain;
  identity.dirt.push('merged');
}
