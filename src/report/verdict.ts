import type { FindingCode } from '../core/backtest/findings.ts';
import { bandTitle, dateText, listed } from '../core/format.ts';
import type { ReportInput } from './input.ts';
import { count, estimate, sentence, several, share } from './words.ts';

/** `tells` = may be used; `reserved` = with what the findings say in mind; `not` = must not be acted on; `unknown` = nobody can say. */
export type Level = 'tells' | 'reserved' | 'not' | 'unknown';

export interface Verdict {
  level: Level;
  title: string;
  /** What was judged, and how it came out, in plain words: two paragraphs, the second empty where there is no sound figure. */
  judged: string;
  found: string;
  forManagers: string;
  forRevOps: string;
}

/** Findings that leave the verdict as it is: they are about the data, not about the score. */
const NO_RESERVATION: ReadonlySet<FindingCode> = new Set(['never-there']);
/** How well a score ranks, by usual words for an AUC (Hosmer and Lemeshow: from 0.7 acceptable, 0.8 excellent, 0.9 outstanding). */
const STRENGTHS = [
  { from: 0.9, words: 'very well' },
  { from: 0.8, words: 'well' },
  { from: 0.7, words: 'fairly well' },
  { from: 0, words: 'a little better than chance' },
];
/** More dates than this are told by the first and the last. */
const NAMED_DATES = 3;

export function verdictOf(input: ReportInput): Verdict {
  const { report, findings } = input.result;
  const has = (code: FindingCode): boolean => findings.some((f) => f.code === code);
  const { value, low, high } = report.auc;
  const judged = [whatWasJudged(input), ...whatCame(input)].join(' ');
  if (value === null || low === null || high === null) {
    const reason = report.observations === 0 ? 'there is no outcome to compare with' : (report.auc.reason ?? 'too few');
    return {
      level: 'unknown',
      title: 'It cannot be told yet whether the score works',
      judged,
      found: `There is no sound figure: ${reason}.`,
      forManagers: 'Go on by your own judgement: nothing here says yet whether a low score means a risk.',
      forRevOps: 'Do not build reports on bands yet. What is missing, and how to get it, stands below.',
    };
  }
  const told = { judged, found: [pairs(value, low, high), ...parts(input), ...proposed(input)].join(' ') };
  if (has('knows-the-outcome'))
    return {
      ...told,
      level: 'not',
      title: 'Too good to be true: something in the data knows the outcome',
      ...untrusted,
    };
  if (high < 0.5) return { ...told, level: 'not', title: 'The score points the wrong way', ...untrusted };
  if (low <= 0.5) return { ...told, level: 'not', title: 'The score does not tell who leaves', ...untrusted };
  const reserved = findings.some((f) => !NO_RESERVATION.has(f.code));
  const strength = STRENGTHS.find(({ from }) => value >= from)?.words ?? '';
  return {
    ...told,
    level: reserved ? 'reserved' : 'tells',
    title: `The score tells ${strength} who leaves${reserved ? ', with reservations' : ''}`,
    forManagers: aboutBands(input),
    forRevOps: reserved
      ? `Read what to beware of before you build reports on the bands: each line names what it is about. ${input.calibration ? 'The proposal below answers these outcomes: compare before you publish.' : 'Then calibrate on these outcomes, and compare before you publish.'}`
      : 'The ranking may be used. Whether probabilities fit, and where bands should lie, stands further down.',
  };
}

const untrusted = {
  forManagers: 'Do not act on this score alone: on past accounts it did not tell who would leave.',
  forRevOps: 'Do not publish bands or tasks on it. The findings below say where to look first.',
};

function whatWasJudged(input: ReportInput): string {
  const {
    model,
    result: { dates, report },
  } = input;
  if (dates.length === 0)
    return `Model ${model}: at no date could scores be compared with what became of the accounts.`;
  const named = dates.map(dateText);
  const [first = '', last = ''] = [named[0], named.at(-1)];
  const when = named.length > NAMED_DATES ? `${named.length} past dates from ${first} to ${last}` : listed(named);
  if (report.observations === 0) return `Model ${model}: as of ${when}, no scored account has a known outcome.`;
  return `Model ${model} scored ${several(report.accounts, 'account')} as of ${when}, from nothing known later, and was compared with who had left ${until(input)}.`;
}

/** A label without a history tells of the end of the data alone. */
const until = ({ horizon, result }: ReportInput): string =>
  result.outcome?.snapshot ? 'by the end of the data' : `within ${several(horizon, 'day')}`;

function whatCame({ result: { report } }: ReportInput): string[] {
  const { observations, accounts, lost, lostAccounts } = report;
  if (observations === 0) return [];
  const who = `${count(lostAccounts)} of ${several(accounts, 'account')} left`;
  if (observations === accounts) return [`${who} (${share(report.rate)}).`];
  return [
    `${who}: ${count(lost)} of ${count(observations)} observations (${share(report.rate)}), each account counted at each date.`,
  ];
}

const pairs = (value: number, low: number, high: number): string =>
  `Take one account that left and one that stayed: in ${hundredths(value)} of 100 such pairs the one that left had the lower score (95 % interval ${hundredths(low)} to ${hundredths(high)}; chance would be 50).`;
const hundredths = (value: number): string => String(Math.round(value * 100));

function parts({ result: { report } }: ReportInput): string[] {
  const { worstFifth, bestFifth } = report;
  if (!worstFifth || !bestFifth) return [];
  return [
    `Of the fifth with the lowest scores ${share(worstFifth.rate)} left, of the fifth with the highest ${share(bestFifth.rate)}.`,
  ];
}

/** Both on the same observations, of which neither was fitted. */
const proposed = ({ calibration }: ReportInput): string[] =>
  calibration
    ? [
        `The proposal, ${calibration.after.model}, ranks with AUC ${estimate(calibration.after.auc)} where ${calibration.before.model} has ${estimate(calibration.before.auc)}.`,
      ]
    : [];

/** Said of the worst and the best band that held anybody; most in the worst may well have stayed, and it says so. */
function aboutBands(input: ReportInput): string {
  const { report } = input.result;
  const held = report.bands.filter((b) => b.rate !== null);
  const [best, worst] = [held[0], held.at(-1)];
  if (!best || !worst || best === worst) return 'Look at accounts with a low score first.';
  const stayed = worst.rate === null ? null : 1 - worst.rate;
  return sentence(
    `look at accounts in ${bandTitle(worst.band)} first: ${share(worst.rate)} of them left ${until(input)}, of those in ${bandTitle(best.band)} ${share(best.rate)}. ${share(stayed)} in ${bandTitle(worst.band)} stayed, so a low score is a reason to ask, not a forecast`,
  );
}
