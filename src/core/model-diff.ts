import { type Dimension, enabledSignals, type Model, type Signal } from './model.ts';

/** One thing that two models say otherwise. */
export interface ModelChange {
  /** What it is about: "bands", "usage", "active-share", "segment smb". */
  what: string;
  text: string;
}

/**
 * What differs between two models, in words, in the order of a model file; empty where every account comes out alike by their text.
 * Names, versions and descriptions are left out: they move no score.
 */
export function modelDiff(before: Model, after: Model): ModelChange[] {
  const { name: _, version: __, description: ___, ...a } = before;
  const { name: ____, version: _____, description: ______, ...b } = after;
  const { bands: bandsA, dimensions: dimensionsA, segments: segmentsA, caps: capsA, ...restA } = a;
  const { bands: bandsB, dimensions: dimensionsB, segments: segmentsB, caps: capsB, ...restB } = b;
  return [
    ...said('bands', becomes(bandsText(bandsA), bandsText(bandsB))),
    ...Object.keys({ ...restA, ...restB }).flatMap((key) =>
      said(key, deepDiff('', read(restA, key), read(restB, key))),
    ),
    ...dimensionChanges(before, after),
    ...signalChanges(dimensionsA, dimensionsB),
    ...keyed('segment', segmentsA, segmentsB),
    ...keyed('cap', byKey(capsA), byKey(capsB)),
  ];
}

const said = (what: string, texts: string[]): ModelChange[] => texts.map((text) => ({ what, text }));
const read = (object: object, key: string): unknown => (object as Record<string, unknown>)[key];
const byKey = <T extends { key: string }>(list: T[]): Record<string, T> =>
  Object.fromEntries(list.map((item) => [item.key, item]));

const bandsText = (bands: Model['bands']): string => bands.map((b) => `${b.key} from ${b.from}`).join(', ');
const becomes = (a: string, b: string): string[] => (a === b ? [] : [`${a} → ${b}`]);

const percent = (part: number, whole: number): string =>
  whole === 0 ? '0 %' : `${Math.round((part / whole) * 1000) / 10} %`;
const totalOf = (weights: { weight: number }[]): number => weights.reduce((sum, w) => sum + w.weight, 0);

function dimensionChanges(before: Model, after: Model): ModelChange[] {
  const [a, b] = [byKey(before.dimensions), byKey(after.dimensions)];
  const [allA, allB] = [totalOf(before.dimensions), totalOf(after.dimensions)];
  return Object.keys({ ...a, ...b }).flatMap((key) => {
    const [was, is] = [a[key], b[key]];
    if (!was || !is) {
      const own = was ?? is;
      const share = own ? percent(own.weight, was ? allA : allB) : '';
      return said(`dimension ${key}`, [was ? `no longer there (was ${share})` : `new, ${share} of the score`]);
    }
    const texts: string[] = [];
    if (was.weight !== is.weight)
      texts.push(
        `weight ${was.weight} → ${is.weight} (${percent(was.weight, allA)} → ${percent(is.weight, allB)} of the score)`,
      );
    if (was.label !== is.label) texts.push(`called ${show(is.label)} instead of ${show(was.label)}`);
    return said(`dimension ${key}`, texts);
  });
}

interface Placed {
  signal: Signal;
  dimension: Dimension;
}
const placed = (dimensions: Dimension[]): Record<string, Placed> =>
  Object.fromEntries(
    dimensions.flatMap((dimension) => dimension.signals.map((s) => [s.key, { signal: s, dimension }])),
  );

function signalChanges(before: Dimension[], after: Dimension[]): ModelChange[] {
  const [a, b] = [placed(before), placed(after)];
  return Object.keys({ ...a, ...b }).flatMap((key) => {
    const [was, is] = [a[key], b[key]];
    return said(key, was && is ? signalDiff(was, is) : is ? [arrival(is)] : was ? [departure(was)] : []);
  });
}

const shareIn = ({ signal, dimension }: Placed): string =>
  `${percent(signal.weight, totalOf(enabledSignals(dimension)))} of ${dimension.key}`;
const arrival = (is: Placed): string => (is.signal.enabled ? `new, ${shareIn(is)}` : 'new, offered only');
const departure = (was: Placed): string =>
  was.signal.enabled ? `no longer there (was ${shareIn(was)})` : 'no longer offered';

/** Texts of a signal and how it is written: they move no score, and are told in one word. */
const WORDING = ['label', 'unit', 'text', 'changeText', 'emptyText'];

function signalDiff(was: Placed, is: Placed): string[] {
  const texts: string[] = [];
  const [a, b] = [was.signal, is.signal];
  if (was.dimension.key !== is.dimension.key) texts.push(`moved from ${was.dimension.key} to ${is.dimension.key}`);
  if (a.enabled !== b.enabled)
    texts.push(b.enabled ? `switched on, ${shareIn(is)}` : `switched off (was ${shareIn(was)})`);
  if (a.weight !== b.weight) {
    const shares = a.enabled && b.enabled ? ` (${shareIn(was)} → ${shareIn(is)})` : '';
    texts.push(`weight ${a.weight} → ${b.weight}${shares}`);
  }
  for (const key of Object.keys({ ...a, ...b }))
    if (!['key', 'enabled', 'weight', ...WORDING].includes(key))
      texts.push(...deepDiff(key, read(a, key), read(b, key)));
  const worded = WORDING.filter((key) => read(a, key) !== read(b, key));
  if (worded.length > 0) texts.push(`worded otherwise (${worded.join(', ')})`);
  return a.enabled || b.enabled ? texts : texts.map((text) => `${text}, though switched off`);
}

/** Named parts: one that is there in one model only is told whole. */
function keyed(what: string, a: Record<string, unknown>, b: Record<string, unknown>): ModelChange[] {
  return Object.keys({ ...a, ...b }).flatMap((key) => {
    const name = `${what} ${key}`;
    if (!(key in b)) return said(name, ['no longer there']);
    if (!(key in a)) return said(name, [`new: ${show(b[key])}`]);
    return said(name, deepDiff('', a[key], b[key]));
  });
}

/** "windowDays 90 → 120": what differs at any depth, by the keys that lead to it. */
function deepDiff(path: string, a: unknown, b: unknown): string[] {
  if (same(a, b)) return [];
  if (isMapping(a) && isMapping(b))
    return Object.keys({ ...a, ...b }).flatMap((key) => deepDiff(path ? `${path}.${key}` : key, a[key], b[key]));
  const name = path ? `${path} ` : '';
  if (a === undefined) return [`${name}now ${show(b)}`];
  if (b === undefined) return [`${name}no longer ${show(a)}`];
  return [`${name}${show(a)} → ${show(b)}`];
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function same(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => same(item, b[i]));
  if (isMapping(a) && isMapping(b)) return Object.keys({ ...a, ...b }).every((key) => same(a[key], b[key]));
  return a === b;
}

const MOST = 120;
/** A value as a person would write it in YAML on one line, shortened. */
function show(value: unknown): string {
  const text = flow(value);
  return text.length > MOST ? `${text.slice(0, MOST - 1)}…` : text;
}

function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (!isMapping(value)) return String(value);
  const parts = Object.entries(value).filter(([, v]) => v !== undefined);
  return `{ ${parts.map(([key, v]) => `${key}: ${flow(v)}`).join(', ')} }`;
}
