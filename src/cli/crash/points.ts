import { type Random, randomFor } from '../../sandbox/world/random.ts';

/** How often a run passes each moment, by name: "call query: done", "store page: before commit". */
export type Counts = Record<string, number>;

/** Where a run dies: when it passes a moment for the nth time. */
export interface Point {
  moment: string;
  nth: number;
}

export const stepOf = (moment: string): string => moment.slice(0, moment.indexOf(':'));

/**
 * Points spread over every step, then over the moments of each step, then over their repetitions; the same for the same seed. More
 * points begin with those of less: `count` 10 is the start of `count` 60.
 */
export function choose(counts: Counts, count: number, seed: number, day: number): Point[] {
  const random = randomFor(seed, day, 'crash points');
  const steps = new Map<string, string[]>();
  for (const moment of Object.keys(counts).sort())
    steps.set(stepOf(moment), [...(steps.get(stepOf(moment)) ?? []), moment]);
  const turns = shuffled([...steps.values()], random).map((moments) => shuffled(moments, random));
  return Array.from({ length: turns.length ? count : 0 }, (_, i): Point => {
    const moments = turns[i % turns.length] ?? [];
    const moment = moments[Math.floor(i / turns.length) % moments.length] ?? '';
    return { moment, nth: random.int(1, counts[moment] ?? 1) };
  });
}

function shuffled<T>(items: T[], random: Random): T[] {
  const left = [...items];
  return items.map(() => left.splice(random.int(0, left.length - 1), 1)[0] as T);
}
