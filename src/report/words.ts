import type { Estimate } from '../core/backtest/auc.ts';
import type { Churn } from '../core/backtest/report.ts';

/** Figures as people read them: one locale, a true minus, thin groups. A figure that cannot be told is a dash; its reason stands beside it. */

export const NONE = '–';

/** "3,961" */
export const count = (value: number): string => value.toLocaleString('en-GB');
export const several = (value: number, one: string, more = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : more}`;

/** "31 %"; a decimal below ten; never nothing, or all, where it is not. */
export function share(value: number | null): string {
  if (value === null) return NONE;
  const part = value * 100;
  if (part > 0 && part < 0.1) return '<0.1 %';
  if (part < 100 && part > 99.5) return '>99 %';
  return `${part < 9.95 && part > 0 ? part.toFixed(1) : Math.round(part)} %`;
}
/** Of an axis: as exact as it stands. */
export const tick = (value: number): string => `${Number((value * 100).toFixed(2))} %`;
export const two = (value: number | null): string => (value === null ? NONE : value.toFixed(2));
export const three = (value: number | null): string => (value === null ? NONE : value.toFixed(3));
export const points = (value: number | null): string => (value === null ? NONE : String(Math.round(value)));

/** "48–53 %"; null where there is none. */
export const shareInterval = ({ low, high }: Pick<Churn, 'low' | 'high'>): string | null =>
  low === null || high === null ? null : `${share(low).replace(' %', '')}–${share(high)}`;
export const interval = ({ low, high }: Estimate): string | null =>
  low === null || high === null ? null : `${two(low)}–${two(high)}`;
/** "0.71 (0.69–0.73)", or the dash or the value with the reason why there is no more. */
export function estimate(e: Estimate): string {
  const around = interval(e);
  if (e.value === null || around === null) return `${two(e.value)} (${e.reason ?? 'no interval'})`;
  return `${two(e.value)} (${around})`;
}

export const sentence = (text: string): string => {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
};
