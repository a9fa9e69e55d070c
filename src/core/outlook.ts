import type { Model } from './model.ts';
import type { Outlook, Trend } from './result.ts';

/**
 * S7: where band and trend together say more than each: the worst band improving fast may recover, a middle one declining fast is
 * urgent, the best one declining at all is an early warning.
 */
export function outlookOf(band: string, trend: Trend, bands: Model['bands']): Outlook | null {
  const place = bands.findIndex((b) => b.key === band);
  if (place < 0) return null;
  const declining = trend === 'declining' || trend === 'declining fast';
  if (place === 0) return declining ? 'early warning' : null;
  if (place === bands.length - 1) return trend === 'improving fast' ? 'recovery possible' : null;
  return trend === 'declining fast' ? 'urgent' : null;
}
