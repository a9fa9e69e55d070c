import type { Mutant } from './mutant.ts';

const FIGURES = ['figures', 'properties', 'evidence'].map((name) => `test/core/backtest/${name}.test.ts`);
const OUTCOMES = ['outcomes', 'evidence'].map((name) => `test/core/backtest/${name}.test.ts`);
const FINDINGS = ['test/core/backtest/findings.test.ts'];
const CALIBRATE = ['test/core/calibrate/fit.test.ts', 'test/core/calibrate/properties.test.ts'];
const THRESHOLDS = ['test/core/calibrate/thresholds.test.ts'];
const FLOORS = ['test/core/publish/floors.test.ts'];
const PAIRS = ['test/core/publish/pairs.test.ts'];
const STANDING = ['test/core/publish/standing.test.ts'];
const PUBLICATIONS = ['test/store/sqlite.test.ts'];
const REPORT = ['test/report/html.test.ts', 'test/report/page.test.ts'];

/** Mistakes in what a score is said to be worth, in what is proposed, and in what goes live. */
export const PROOF: Mutant[] = [
  {
    name: 'ties-count-as-right',
    file: 'src/core/backtest/auc.ts',
    find: 'pairs += tiedStayed * (left + tiedLeft / 2);\n    const total',
    replace: 'pairs += tiedStayed * (left + tiedLeft);\n    const total',
    why: 'a score that says the same of everybody looks perfect',
    tests: FIGURES,
  },
  {
    name: 'horizon-overlaps-the-judge',
    file: 'src/core/backtest/folds.ts',
    find: '(days[i] ?? 0) + horizon <= first',
    replace: '(days[i] ?? 0) < first',
    why: 'probabilities are fitted on outcomes that nobody knew yet at the first day by which they are judged',
    tests: FIGURES,
  },
  {
    name: 'folds-by-observation',
    file: 'src/core/backtest/tested.ts',
    find: 'folds[groups[i] ?? 0] === part',
    replace: 'folds[i % count] === part',
    why: 'one account at two dates is on both sides of the split, and every score looks better than it is',
    tests: FIGURES,
  },
  {
    name: 'interval-by-observations',
    file: 'src/core/backtest/report.ts',
    find: 'wilson(lost, rows.length, accounts)',
    replace: 'wilson(lost, rows.length)',
    why: 'twelve dates of one account pass for twelve pieces of evidence',
    tests: FIGURES,
  },
  {
    name: 'probability-rises-with-the-score',
    file: 'src/core/backtest/probability.ts',
    find: 'before.left * last.cases <= last.left * before.cases',
    replace: 'before.left * last.cases >= last.left * before.cases',
    why: 'the healthiest accounts get the highest churn probability',
    tests: FIGURES,
  },
  {
    name: 'lead-by-the-calendar',
    file: 'src/core/backtest/lead.ts',
    find: 'if (obs.dueIn.some((due) => due >= 0)) {',
    replace: 'if (obs.length < 0) {',
    why: 'whatever moves with the contract, such as its age, seems to tell months ahead who leaves',
    tests: ['test/core/backtest/lead.test.ts'],
  },
  {
    name: 'person-counts-as-model',
    file: 'src/core/backtest/observations.ts',
    find: 'computed ?? { points, band };',
    replace: '{ points, band };',
    why: 'what account managers set by hand is credited to the model',
    tests: FIGURES,
  },
  {
    name: 'open-renewals-were-kept',
    file: 'src/core/backtest/outcome.ts',
    find: 'new Set([KEPT, LOST, CONTRACTED, EXPANDED])',
    replace: 'new Set([KEPT, LOST, CONTRACTED, EXPANDED, OPEN])',
    why: 'renewals that nobody has decided yet count as kept',
    tests: OUTCOMES,
  },
  {
    name: 'leak-passes',
    file: 'src/core/backtest/leaks.ts',
    find: 'if (apart < SUSPICIOUS || fewer < FEWEST_EVENTS) return null;',
    replace: 'return null;',
    why: 'a label with some mistakes in it passes for a signal, and the backtest shines',
    tests: FINDINGS,
  },
  {
    name: 'chance-is-no-finding',
    file: 'src/core/backtest/findings.ts',
    find: 'low <= 0.5 && high >= 0.5',
    replace: 'low < 0.4 && high >= 0.5',
    why: 'a score that is no better than chance is not said to be',
    tests: FINDINGS,
  },
  {
    name: 'negative-weights',
    file: 'src/core/calibrate/quadratic.ts',
    find: 'j !== free && (solved[j] ?? 0) <= 0',
    replace: 'j !== free && (solved[j] ?? 0) < -1e9',
    why: 'a healthy sign lowers the score, which nobody can explain to an account manager',
    tests: CALIBRATE,
  },
  {
    name: 'few-events-move-weights',
    file: 'src/core/calibrate/strength.ts',
    find: '!Number.isFinite(strength) || strength * lost >= (FOR_EACH * weights) ** 2',
    replace: 'strength > 0 && lost > 0 && weights > 0',
    why: 'a dozen lost accounts overturn the weights',
    tests: CALIBRATE,
  },
  {
    name: 'bands-apart-by-chance',
    file: 'src/core/calibrate/thresholds.ts',
    find: ' && (sameRate(better, worse) ?? 1) < BY_CHANCE',
    replace: '',
    why: 'bands are proposed that do not differ in who leaves',
    tests: THRESHOLDS,
  },
  {
    name: 'gate-without-paired-interval',
    file: 'src/core/publish/floors.ts',
    find: 'low >= -worseBy',
    replace: 'value >= -worseBy',
    why: 'a model that may well be much worse than the live one is published',
    tests: FLOORS,
  },
  {
    name: 'gate-ignores-chance',
    file: 'src/core/publish/floors.ts',
    find: 'if (low <= 0.5)',
    replace: 'if (low <= 0)',
    why: 'a model that does not predict goes live',
    tests: FLOORS,
  },
  {
    name: 'pairs-not-of-the-same-cases',
    file: 'src/core/publish/pairs.ts',
    find: 'if (live < 0 || candidate < 0) continue;',
    replace: 'if (live < 0 && candidate < 0) continue;',
    why: 'a model is compared on accounts that the other one never scored',
    tests: PAIRS,
  },
  {
    name: 'hand-made-change-is-overruled',
    file: 'src/core/publish/standing.ts',
    find: 'published !== null && published.configured === configured.text',
    replace: 'published !== null && configured.text !== null',
    why: 'who changes `model:` by hand waits in vain for it to be used',
    tests: STANDING,
  },
  {
    name: 'two-publishers-both-win',
    file: 'src/store/publications.ts',
    find: 'if ((last?.number ?? 0) !== after) return null;',
    replace: '',
    why: 'a model goes live on a comparison with one that is not live any more',
    tests: PUBLICATIONS,
  },
  {
    name: 'report-does-not-escape',
    file: 'src/report/html.ts',
    find: "return typeof part === 'string' ? escaped(part)",
    replace: "return typeof part === 'string' ? part",
    why: 'an account whose name holds markup runs in the browser of whoever opens the report',
    tests: REPORT,
  },
];
