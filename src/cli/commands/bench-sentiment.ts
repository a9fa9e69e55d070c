import { join, resolve } from 'node:path';
import { PACKAGE_ROOT } from '../../config.ts';
import { explainJudgement } from '../../sentiment/index.ts';
import type { CommandContext } from '../context.ts';
import { pad } from '../format.ts';
import { EXIT } from '../io.ts';
import { candidates } from '../sentiment-bench/candidates.ts';
import { readLabelled } from '../sentiment-bench/labelled.ts';
import { type Answer, bestLimit, byTag, type Scores, scoresOf } from '../sentiment-bench/measure.ts';

interface SentimentBenchArguments {
  data?: string;
  why?: string;
}
/** Tags with fewer texts say little. */
const TAG_TEXTS = 6;
const CONTRIBUTIONS = 15;

/**
 * `bench sentiment`: the built-in judge of sentiment and four libraries on labelled texts; the figures that count are those of the held half,
 * on which nothing was tuned. `--why TEXT` shows instead what the built-in judge makes of one text.
 */
export async function benchSentiment(context: CommandContext, options: SentimentBenchArguments): Promise<number> {
  if (options.why !== undefined) return why(context, options.why);
  const { io } = context;
  const texts = readLabelled(
    options.data ? resolve(options.data) : join(PACKAGE_ROOT, 'test/bench/sentiment/labelled.jsonl'),
  );
  const results = [];
  for (const candidate of await candidates(PACKAGE_ROOT)) {
    const answers: Answer[] = [];
    for (const text of texts) answers.push({ text, opinion: await candidate.ask(text.text) });
    const of = (half: 'tune' | 'held'): Answer[] => answers.filter(({ text }) => text.half === half);
    const limit = bestLimit(of('tune'));
    results.push({
      name: candidate.name,
      held: scoresOf(of('held'), limit),
      all: scoresOf(answers, limit),
      tags: byTag(answers, TAG_TEXTS),
    });
  }
  for (const half of ['held', 'all'] as const) {
    io.say(half === 'held' ? 'The held half, on which nothing was tuned:' : 'All texts:');
    io.say(row(['', 'accuracy', 'macro-F1', 'English only', 'missing found', 'frustrated F1', 'precision', 'recall']));
    for (const result of results) io.say(row([result.name, ...cells(result[half])]));
    io.say();
  }
  io.say('Share of right labels by tag, all texts:');
  io.say(row(['', ...results.map((r) => r.name)]));
  for (const [tag, { texts: n }] of Object.entries(results[0]?.tags ?? {}))
    io.say(row([`${tag} (${n})`, ...results.map((r) => figure(r.tags[tag]?.accuracy ?? 0))]));
  io.result({ texts: texts.length, candidates: results });
  return EXIT.done;
}

const figure = (value: number): string => value.toFixed(2);
const cells = ({ accuracy, macroF1, macroF1English, missingFound, frustrated }: Scores): string[] =>
  [accuracy, macroF1, macroF1English, missingFound, frustrated.f1, frustrated.precision, frustrated.recall].map(figure);
const row = (parts: string[]): string =>
  parts
    .map((part, i) => pad(part, i === 0 ? 24 : 17))
    .join('')
    .trimEnd();

/** What was made of one text, and which of its features spoke for what. */
function why({ io }: CommandContext, text: string): number {
  const { cleaned, judgement, chances, contributions } = explainJudgement(PACKAGE_ROOT, text);
  io.say(`judged:     ${JSON.stringify(cleaned)}`);
  io.say(`language:   ${judgement.language ?? 'cannot be told'}`);
  io.say(
    judgement.sentiment === null
      ? `sentiment:  missing, ${judgement.why}`
      : `sentiment:  ${judgement.sentiment} of 100, ${judgement.frustrated ? 'frustrated' : 'not frustrated'}`,
  );
  if (chances) {
    const parts = Object.entries(chances).map(([name, p]) => `${name} ${Math.round(100 * p)} %`);
    io.say(`chances:    ${parts.join(', ')}`);
    io.say(row(['adds to', 'negative', 'frustrated', 'neutral', 'positive']));
    for (const c of contributions.slice(0, CONTRIBUTIONS))
      io.say(row([c.feature, figure(c.negative), figure(c.frustrated), figure(c.neutral), figure(c.positive)]));
  }
  io.result({ text: cleaned, ...judgement, chances, contributions });
  return EXIT.done;
}
