import { describe, expect, it } from 'vitest';
import { sayPortfolio } from '../../src/cli/portfolio.ts';
import type { ScoreSummary } from '../../src/pipeline/score.ts';
import { heard } from './support.ts';

const summary = (over: Partial<ScoreSummary> = {}): ScoreSummary => ({
  asOf: '2026-11-25T08:00:00.000Z',
  model: 'five-dimension 1',
  accounts: 10,
  outside: 2,
  scored: 8,
  notScored: 2,
  bands: { green: 5, yellow: 2, red: 1 },
  arrByBand: { green: 60_000_000, yellow: 30_000_000, red: 10_000_000 },
  arrUnconverted: 0,
  currency: 'GBP',
  atRisk: [
    {
      account: '001A',
      name: '東京電力 Holdings with a name that is far too long for a column',
      score: 41,
      band: 'red',
      trend: 'declining fast',
      arr: { minor: 12_000_000, currency: 'EUR' },
      renewalOn: '2027-01-14',
      reasons: ['Active users 41→22 of 50 seats since 20 Oct (−11 points).', 'Second.'],
      action: 'Call Priya Shah by Fri 27 Nov: what changed?',
    },
    {
      account: '001B',
      name: 'Acme',
      score: 66,
      band: 'yellow',
      trend: 'new',
      arr: { minor: 950_000, currency: 'GBP' },
      renewalOn: null,
      reasons: [],
      action: null,
    },
  ],
  stale: ['exports is stale since 2026-11-03'],
  unresolvedRoles: 1,
  overrides: { held: 0, ignored: 0, example: null },
  currenciesWithoutRate: [],
  parents: { cyclic: 0, unknown: 0 },
  ...over,
});
const said = (over: Partial<ScoreSummary> = {}): string[] => {
  const { io, out } = heard();
  sayPortfolio(io, summary(over));
  return out().trimEnd().split('\n');
};

describe('sayPortfolio', () => {
  it('reads as an account manager would want it', () => {
    expect(said()).toEqual([
      '10 accounts, 8 scored (80 %), model five-dimension 1',
      '  Green       ███████████████░░░░░░░░░░░░░░░      5   50 %   ARR    £600k   60 %',
      '  Yellow      ██████░░░░░░░░░░░░░░░░░░░░░░░░      2   20 %   ARR    £300k   30 %',
      '  Red         ███░░░░░░░░░░░░░░░░░░░░░░░░░░░      1   10 %   ARR    £100k   10 %',
      '  Not scored  ██████░░░░░░░░░░░░░░░░░░░░░░░░      2   20 %   ARR       £0    0 %',
      '  ! 1 account without a CSM or a manager that could be found.',
      '  ! exports is stale since 2026-11-03',
      '',
      'Largest ARR at risk',
      'account                             ARR  score  band    trend               renewal',
      '────────────────────────────────  ─────  ─────  ──────  ──────────────  ───────────',
      '東京電力 Holdings with a name t…  €120k     41  Red     declining fast  14 Jan 2027',
      'Acme                              £9.5k     66  Yellow  new                       –',
      '',
      '  東京電力 Holdings with a name that is far too long for a column: Active users 41→22 of 50 seats since 20 Oct (−11 points).',
      '      → Call Priya Shah by Fri 27 Nov: what changed?',
      '  Acme:',
    ]);
  });

  it('tells what people set otherwise, and what of it does not hold', () => {
    const example = 'Acme (override to Amber is ignored: there is no such band)';
    const lines = said({ overrides: { held: 2, ignored: 1, example } });
    expect(lines).toContain('  ! 2 accounts whose band or score was set by a person; `explain` shows both.');
    expect(lines).toContain(`  ! 1 account whose override does not hold, such as ${example}.`);
  });

  it('says no ARR where none is known, instead of zeros', () => {
    const lines = said({ arrByBand: {}, atRisk: [], stale: [], unresolvedRoles: 0 });
    expect(lines).toHaveLength(5);
    expect(lines.join('\n')).not.toContain('ARR');
  });

  it('tells amounts without a rate, and keeps quiet about people where the source has none', () => {
    const lines = said({ arrUnconverted: 3, currenciesWithoutRate: ['JPY', 'SEK'], unresolvedRoles: 10 });
    expect(lines).toContain(
      '  ! 3 accounts left out of ARR: no rate from JPY or SEK into GBP on that day; `rates` can name one.',
    );
    expect(lines.join('\n')).not.toContain('CSM');
  });

  it('shows every band of the model, in its order', () => {
    const lines = said({ bands: { excellent: 0, poor: 8 }, arrByBand: { poor: 1 } });
    expect(lines.slice(1, 4).map((l) => l.trim().split(/ {2,}/)[0])).toEqual(['Excellent', 'Poor', 'Not scored']);
  });
});
