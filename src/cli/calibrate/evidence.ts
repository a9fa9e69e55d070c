import type { CalibrateResult } from '../../pipeline/calibrate.ts';

/** Digits of rates and AUCs that anybody could need. */
const DIGITS = 1e6;

/** What a proposal rests on, for machines and for whoever has to agree: dates by name, and no dust of binary fractions. */
export function evidenceJson({ calibration, dates, backtest: _, ...told }: CalibrateResult) {
  const named = (positions: number[] | null) => positions?.map((at) => dates[at]) ?? null;
  if (calibration === null) return { ...told, dates };
  const { proposal, fit, judge, ...rest } = calibration;
  const { model, choice, segments, ...about } = proposal;
  return rounded({
    ...told,
    dates,
    ...rest,
    fit: named(fit),
    judge: named(judge),
    proposal: {
      model: `${model.name} ${model.version}`,
      ...about,
      strength: choice && strengthJson(choice),
      segments: segments.map(({ choice: own, ...segment }) => ({ ...segment, strength: own && strengthJson(own) })),
      bands: model.bands,
    },
  });
}

/** Accounts that left, of which the weights as they are count as many; null = nothing but them counts. */
const strengthJson = ({
  strength,
  tried,
}: NonNullable<NonNullable<CalibrateResult['calibration']>['proposal']['choice']>) => ({
  accountsThatLeft: finite(strength),
  tried: tried.map((t) => ({ ...t, strength: finite(t.strength) })),
});
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function rounded<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_, v) => (typeof v === 'number' ? Math.round(v * DIGITS) / DIGITS : v));
}
