import type { Hierarchy } from '../core/hierarchy.ts';
import { allBands, modelFor } from '../core/model.ts';
import { NOT_SCORED } from '../core/result.ts';
import { oneLine } from '../core/text.ts';
import type { Scored, Told } from './scored.ts';
import type { Setting, SettingDeps } from './setting.ts';

const AT_RISK = 10;

/** One line of the list of largest ARR at risk. */
export interface AtRisk {
  account: string;
  name: string;
  score: number | null;
  band: string;
  trend: string;
  arr: { minor: number; currency: string } | null;
  renewalOn: string | null;
  reasons: string[];
  action: string | null;
}

export interface ScoreSummary {
  asOf: string;
  model: string;
  /** Accounts in the population. */
  accounts: number;
  outside: number;
  scored: number;
  notScored: number;
  /** Accounts by band, best first; `not scored` apart. */
  bands: Record<string, number>;
  /** ARR by band in the reporting currency's minor units; amounts without a rate are left out and counted. */
  arrByBand: Record<string, number>;
  arrUnconverted: number;
  /** Currencies without a rate on that day, which these or other amounts are in. */
  currenciesWithoutRate: string[];
  currency: string;
  atRisk: AtRisk[];
  stale: string[];
  /** Accounts with a role that nobody fills. */
  unresolvedRoles: number;
  /** Accounts whose manager set band or score, and those on whom what was set does not hold: how many, and why of the first. */
  overrides: { held: number; ignored: number; example: string | null };
  /** Accounts whose parents lead in a circle, which is cut, and accounts whose parent is not known, who count as having none. */
  parents: { cyclic: number; unknown: number };
}

/** Counts while accounts pass by; keeps only the few that the portfolio shows. */
export class Tally {
  readonly scored = new Set<string>();
  readonly outside = new Set<string>();
  unresolvedRoles = 0;
  readonly #deps: SettingDeps;
  readonly #setting: Setting;
  readonly #bands = new Map<string, number>();
  readonly #arr = new Map<string, number>();
  readonly #overrides: ScoreSummary['overrides'] = { held: 0, ignored: 0, example: null };
  #unconverted = 0;
  #atRisk: { rank: number; line: AtRisk }[] = [];

  constructor(deps: SettingDeps, setting: Setting) {
    this.#deps = deps;
    this.#setting = setting;
    for (const band of allBands(deps.model)) this.#bands.set(band, 0);
  }

  add({ told: score, rolesFilled }: Pick<Scored, 'told' | 'rolesFilled'>): void {
    if (!rolesFilled) this.unresolvedRoles += 1;
    this.scored.add(score.account);
    this.#countOverride(score);
    this.#bands.set(score.band, (this.#bands.get(score.band) ?? 0) + 1);
    const converted = score.arr ? this.#setting.toReporting(score.arr) : null;
    if (converted) this.#arr.set(score.band, (this.#arr.get(score.band) ?? 0) + converted.minor);
    else if (score.arr) this.#unconverted += 1;
    const { bands } = modelFor(this.#deps.model, score.segment);
    const best = bands[0]?.key;
    if (score.band === best || score.band === NOT_SCORED || !score.arr) return;
    const worst = score.band === bands.at(-1)?.key;
    const { account, name, band, trend, arr, reasons, action } = score;
    // Red before yellow at the same ARR: what is at risk is ARR times how bad it looks.
    this.#atRisk.push({
      rank: (converted?.minor ?? 0) * (worst ? 2 : 1),
      line: {
        account,
        name,
        score: score.score,
        band,
        trend,
        arr,
        renewalOn: score.renewal?.on ?? null,
        reasons,
        action: action?.text ?? null,
      },
    });
    if (this.#atRisk.length >= 10 * AT_RISK) this.#trim();
  }

  #countOverride({ name, override, overrideIgnored }: Told): void {
    if (override) this.#overrides.held += 1;
    if (!overrideIgnored) return;
    this.#overrides.ignored += 1;
    this.#overrides.example ??= `${oneLine(name)} (${overrideIgnored})`;
  }

  #trim(): void {
    this.#atRisk.sort((a, b) => b.rank - a.rank || (a.line.account < b.line.account ? -1 : 1));
    this.#atRisk.length = Math.min(this.#atRisk.length, AT_RISK);
  }

  summary({ cyclic, orphaned }: Pick<Hierarchy, 'cyclic' | 'orphaned'>): ScoreSummary {
    this.#trim();
    const notScored = this.#bands.get(NOT_SCORED) ?? 0;
    return {
      asOf: new Date(this.#setting.asOf).toISOString(),
      model: `${this.#deps.model.name} ${this.#deps.model.version}`,
      accounts: this.scored.size,
      outside: this.outside.size,
      scored: this.scored.size - notScored,
      notScored,
      bands: Object.fromEntries([...this.#bands].filter(([band]) => band !== NOT_SCORED)),
      arrByBand: Object.fromEntries(this.#arr),
      arrUnconverted: this.#unconverted,
      currenciesWithoutRate: [...this.#setting.withoutRate].sort(),
      currency: this.#deps.config.currency,
      atRisk: this.#atRisk.map((r) => r.line),
      stale: this.#setting.stale.map(
        (s) =>
          `${s.source}${s.kind ? ` ${s.kind}` : ''} is stale since ${new Date(s.since).toISOString().slice(0, 10)}`,
      ),
      unresolvedRoles: this.unresolvedRoles,
      overrides: this.#overrides,
      parents: { cyclic, unknown: orphaned },
    };
  }
}
