import type { SignalProof } from './signals.ts';

/** Something that must be known before a figure is believed. */
export interface Finding {
  code: FindingCode;
  text: string;
  /** `dimension.signal`, where it is about some. */
  signals?: string[];
}
export type FindingCode =
  | 'unread-outcome'
  | 'dates-in-the-future'
  | 'horizon-not-over'
  | 'no-history'
  | 'no-outcome'
  | 'one-class'
  | 'rule-knows-the-outcome'
  | 'deleted-since'
  | 'too-few-events'
  | 'does-not-predict'
  | 'points-the-wrong-way'
  | 'knows-the-outcome'
  | 'duplicates'
  | 'one-signal'
  | 'not-monotone'
  | 'never-there'
  | 'always-the-same'
  | 'base-rate-moved';

type Named = Pick<SignalProof, 'dimension' | 'signal' | 'label'>;
export const keyOf = ({ dimension, signal }: Named): string => `${dimension}.${signal}`;
export const named = (s: Named): string => `${s.label} (${keyOf(s)})`;
