import type { FalseGreen } from './false-greens.ts';
import type { Finding } from './findings.ts';
import type { OutcomeKind } from './outcome.ts';
import type { BacktestReport } from './report.ts';

/** What a backtest found, for people, machines and the report file. Dates are `YYYY-MM-DD`, in order. */
export interface BacktestResult {
  dates: string[];
  /** Which way to tell who left was taken; null = the data carry none. */
  outcome: {
    kind: OutcomeKind | 'column' | 'file';
    /** The column or the file. */
    field: string | null;
    chosen: boolean;
    snapshot: boolean;
    /** Of a file: accounts that nobody here is. */
    unknown?: number;
  } | null;
  /** Dates whose horizon is not over, with the accounts that there were. */
  notOver: { date: string; accounts: number }[];
  report: BacktestReport;
  falseGreens: { observations: number; accounts: number; rows: FalseGreen[] };
  findings: Finding[];
}
