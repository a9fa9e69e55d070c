import { createHash } from 'node:crypto';
import { ConnectorError, type Log } from '../contract/index.ts';
import { counted } from '../core/format.ts';
import { clean } from './clean.ts';
import type { AskEndpoint, Verdict } from './endpoint.ts';
import type { Judge } from './judge.ts';

/** Where judgements are kept by the text's hash, so that a text is asked about once and judged the same for good. */
export interface Judgements {
  judgements(by: string, hashes: readonly string[]): Promise<Map<string, Verdict>>;
  keepJudgements(by: string, rows: readonly (Verdict & { hash: string })[], now: number): Promise<void>;
  /** Takes up to `wanted` texts out of the day's budget. @returns how many were left to take. */
  takeJudging(day: number, wanted: number, budget: number): Promise<number>;
}

export interface EndpointSetup {
  ask: AskEndpoint;
  /** Judges what the endpoint cannot. */
  builtIn: Judge;
  memory: Judgements;
  /** Under which judgements are kept: another model judges anew. */
  model: string;
  /** Texts in one call. */
  batch: number;
  /** Texts sent in one UTC day. */
  dailyBudget: number;
  now: () => number;
  log: Log;
}
type Tally = { asked: number; known: number; overBudget: number; unanswered: number; failed: number };

const DAY = 86_400_000;
/** After so many failed calls in a row nothing more is asked in this run: an endpoint that is down must not hold up the pull. */
const GIVE_UP = 3;
const none = (): Tally => ({ asked: 0, known: 0, overBudget: 0, unanswered: 0, failed: 0 });

/**
 * A judge of many texts by an endpoint. What has no words is not sent; what the endpoint does not answer, cannot be asked or is over the
 * budget the built-in judge decides, and that is kept too: the same text is never judged in two ways.
 */
export function judgeByEndpoint(setup: EndpointSetup) {
  const { ask, builtIn, memory, model, batch, dailyBudget, now, log } = setup;
  let tally = none();
  let failures = 0;
  let lastFailure = '';

  async function answers(texts: readonly string[]): Promise<(Verdict | null)[]> {
    const left = failures >= GIVE_UP ? 0 : await memory.takeJudging(Math.floor(now() / DAY), texts.length, dailyBudget);
    if (failures >= GIVE_UP) tally.failed += texts.length;
    else tally.overBudget += texts.length - left;
    const sent = texts.slice(0, left);
    try {
      const said = sent.length === 0 ? [] : await ask(sent);
      if (sent.length > 0) failures = 0;
      const got = said.filter((v) => v !== null).length;
      tally.asked += got;
      tally.unanswered += sent.length - got;
      return texts.map((_, i) => said[i] ?? null);
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      failures += 1;
      lastFailure = error.message;
      tally.failed += sent.length;
      log.warn({ err: error }, 'the sentiment endpoint failed; the built-in judge goes on');
      return texts.map(() => null);
    }
  }

  /** Judges texts that are not known, keyed by their hash. */
  async function judgeNew(texts: ReadonlyMap<string, string>): Promise<Map<string, Verdict>> {
    const made = new Map<string, Verdict>();
    const entries = [...texts];
    for (let n = 0; n < entries.length; n += batch) {
      const part = entries.slice(n, n + batch);
      const said = await answers(part.map(([, text]) => text));
      const rows = part.map(([hash, text], i) => ({ hash, ...(said[i] ?? own(text)) }));
      await memory.keepJudgements(model, rows, now());
      for (const { hash, sentiment, frustrated } of rows) made.set(hash, { sentiment, frustrated });
    }
    return made;
  }

  const own = (text: string): Verdict => {
    const { sentiment, frustrated } = builtIn(text);
    return { sentiment, frustrated };
  };

  return {
    async judge(texts: readonly string[]): Promise<Verdict[]> {
      const cleaned = texts.map(clean);
      const hashes = cleaned.map((text) => createHash('sha256').update(text).digest('hex'));
      const worded = new Map(hashes.flatMap((hash, i) => (hasWords(cleaned[i]) ? [[hash, cleaned[i] ?? '']] : [])));
      const known = await memory.judgements(model, [...worded.keys()]);
      tally.known += known.size;
      for (const hash of known.keys()) worded.delete(hash);
      const made = await judgeNew(worded);
      return hashes.map((hash) => known.get(hash) ?? made.get(hash) ?? { sentiment: null, frustrated: null });
    },

    /** What became of the texts since this was last asked. */
    notes(): string[] {
      const told = tally;
      tally = none();
      const instead = told.overBudget + told.unanswered + told.failed;
      if (told.asked + instead === 0) return [];
      const lines = [
        `Sentiment: ${counted(told.asked, 'text')} judged by ${model}, ${told.known} known from before, ${instead} by the built-in judge.`,
      ];
      if (told.overBudget)
        lines.push(`The day's budget of ${counted(dailyBudget, 'text')} is spent: ${told.overBudget} went over it.`);
      if (told.unanswered) lines.push(`The answers left out or garbled ${counted(told.unanswered, 'text')}.`);
      if (told.failed)
        lines.push(
          `${counted(told.failed, 'text')} could not be asked about: ${lastFailure}${failures >= GIVE_UP ? '; it is not asked any more in this run' : ''}.`,
        );
      return lines;
    },
  };
}

const hasWords = (text: string | undefined): boolean => /\p{L}{2}/u.test(text ?? '');
