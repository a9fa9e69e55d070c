import type { Scored } from './scored.ts';
import type { PlainSetting, ScoringRules } from './setting.ts';

/** What scoring any account of a book rests on, beside the store: plain data, which another thread can be told. */
export interface ScoringOrder extends ScoringRules {
  /** The source whose accounts are scored. */
  primary: string;
  setting: PlainSetting;
  /** Account → accounts whose facts are joined in; undefined = none. */
  members: ReadonlyMap<string, readonly string[]> | undefined;
}

/** What came of some accounts. */
export interface ScoredChunk {
  /** In the order of the accounts. */
  rows: Scored[];
  /** Those that exist and are no customers. */
  outside: string[];
  /** Currencies of amounts that could not be converted. */
  withoutRate: string[];
}

/** Scores accounts of one order, a list of some hundred at a time. */
export interface Scorers {
  /** Lists that may be under way at once. */
  readonly atOnce: number;
  score(accounts: string[]): Promise<ScoredChunk>;
  close(): Promise<void>;
}

/** Threads that score. To start them takes as long as to score some thousand accounts. */
export interface Threads {
  readonly size: number;
  /** Books with fewer accounts are scored without them. */
  readonly least: number;
  start(order: ScoringOrder): Promise<Scorers>;
}
