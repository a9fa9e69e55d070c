import { DAY_MS } from '../days.ts';
import { counted } from '../format.ts';

/** A model by what people call it. */
export interface Called {
  name: string;
  version: number;
}
const called = ({ name, version }: Called): string => `${name} ${version}`;

/** What is known of the live model. Instants are epoch ms. */
export interface Known {
  live: Called & { hash: string };
  /** The one that was published last; null = none ever was. */
  published: (Called & { hash: string; configured: string; configuredHash: string }) | null;
  /** What `model:` says, the hash of the model that it names, and whether that is one of the shipped ones. */
  configured: { text: string; hash: string; shipped: boolean };
  /** When the live model was last judged by past renewals; null = never. */
  provenAt: number | null;
  /** When it first scored here; null = it has not. */
  since: number | null;
}

/** How well the live model is proven, and what a person should know or do about it. */
export interface Standing {
  model: string;
  hash: string;
  /** Whether it is live because it was published, and not because `model:` names it. */
  published: boolean;
  provenAt: string | null;
  /** Whole days since it was last judged, or where it never was, since it first scored here; null = neither. */
  ageDays: number | null;
  notes: StandingNote[];
}
export interface StandingNote {
  code: 'never-judged' | 'replaced-by-hand' | 'edited' | 'proof-is-old';
  text: string;
  /** What to run. */
  command: string;
}

const JUDGE = 'npx pulseback model publish';

/** @param remindAfterDays when a proof is so old that the world may have moved on */
export function standingOf(known: Known, now: number, remindAfterDays: number): Standing {
  const { live, provenAt, since } = known;
  const last = provenAt ?? since;
  const ageDays = last === null ? null : Math.max(0, Math.floor((now - last) / DAY_MS));
  return {
    model: called(live),
    hash: live.hash,
    published: isPublished(known),
    provenAt: provenAt === null ? null : new Date(provenAt).toISOString(),
    ageDays,
    notes: [...byHand(known), ...edited(known), ...aged(known, ageDays, remindAfterDays)],
  };
}

/** The last publication holds as long as `model:` says what it said then; whoever changes that has decided otherwise. */
export const isPublished = ({ published, configured }: Pick<Known, 'published' | 'configured'>): boolean =>
  published !== null && published.configured === configured.text;

const isByHand = (known: Known): boolean =>
  known.published !== null && !isPublished(known) && known.live.hash !== known.published.hash;

function byHand(known: Known): StandingNote[] {
  const { live, published, configured, provenAt } = known;
  if (published === null || !isByHand(known)) return [];
  const judged = provenAt === null ? 'was never judged on past renewals' : 'was judged earlier';
  return [
    {
      code: 'replaced-by-hand',
      text: `\`model: ${configured.text}\` was set by hand after ${called(published)} had been published: ${called(live)} is live, and ${judged}`,
      command: JUDGE,
    },
  ];
}

function edited(known: Known): StandingNote[] {
  const { live, published, configured } = known;
  if (published === null || !isPublished(known) || configured.shipped) return [];
  if (configured.hash === published.configuredHash || configured.hash === live.hash) return [];
  return [
    {
      code: 'edited',
      text: `${configured.text} was changed after ${called(live)} had been published, and is not live before it is published`,
      command: `${JUDGE} ${configured.text}`,
    },
  ];
}

function aged(known: Known, ageDays: number | null, remindAfterDays: number): StandingNote[] {
  const { live, configured, provenAt } = known;
  const old = ageDays !== null && ageDays >= remindAfterDays;
  if (provenAt !== null) {
    if (!old) return [];
    const text = `${called(live)} was last judged ${counted(ageDays, 'day')} ago, on ${new Date(provenAt).toISOString().slice(0, 10)}: customers may have changed since; \`npx pulseback calibrate\` proposes other weights`;
    return [{ code: 'proof-is-old', text, command: JUDGE }];
  }
  // A shipped model is where everybody begins, with too few renewals to judge it by.
  const shipped = configured.shipped && configured.hash === live.hash;
  if (isByHand(known) || (shipped && !old)) return [];
  return [{ code: 'never-judged', text: `${called(live)} was never judged on past renewals`, command: JUDGE }];
}
