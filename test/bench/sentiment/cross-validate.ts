/**
 * How well the classifier does on training texts written by hand that it has not seen: each quarter of them in turn is judged by what
 * the rest teaches. `node test/bench/sentiment/cross-validate.ts`, about two minutes.
 */
import { type Answer, scoresOf } from '../../../src/cli/sentiment-bench/measure.ts';
import { classifierOf } from '../../../src/sentiment/classifier.ts';
import { judgeBy, labelOf } from '../../../src/sentiment/judge.ts';
import { fitted } from './fit.ts';
import { readLines, type Trained } from './texts.ts';

const PARTS = 4;
const texts = readLines<Trained>('training.jsonl');
const hand = texts.filter((t) => t.by === 'hand');
const answers = Array.from({ length: PARTS }, (_, part): Answer[] => {
  const unseen = new Set(hand.filter((_, n) => n % PARTS === part));
  const judge = judgeBy(classifierOf(fitted(texts.filter((t) => !unseen.has(t)))));
  return [...unseen].map(({ text, label, frustrated }, n): Answer => {
    const said = judge(text);
    const opinion = {
      label: labelOf(said.sentiment),
      score: said.sentiment ?? 50,
      frustrated: said.frustrated ?? false,
    };
    return { text: { id: `${n}`, text, label, frustrated, tags: [], half: 'tune' }, opinion };
  });
}).flat();
const { texts: count, accuracy, macroF1, frustrated } = scoresOf(answers, 0);
process.stdout.write(`${count} texts: accuracy ${accuracy}, macro-F1 ${macroF1}, frustrated F1 ${frustrated.f1}\n`);
