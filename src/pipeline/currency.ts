import type { Connector, Ctx } from '../contract/index.ts';
import type { Convert } from '../core/amount.ts';
import { crossRate, mergedRates, type Rates, type RateTable, tableOf } from '../core/currency.ts';
import { todayIn } from '../kit/dates.ts';
import { exponentOf } from '../kit/money.ts';
import type { WorkspaceStore } from '../store/types.ts';

/** State of the primary source: the rates that it keeps itself. */
export const RATES_STATE = 'rates';

export interface CurrencyDeps {
  store: Pick<WorkspaceStore, 'state'>;
  primary: { name: string };
  config: { currency: string; rates: Rates };
}

/** Rates by who says them: the CRM's own go first, then those of the configuration. */
export async function rateTables({ store, primary, config }: CurrencyDeps): Promise<RateTable[]> {
  const own = await store.state(primary.name).get(RATES_STATE);
  const written = tableOf(config.currency, config.rates);
  return own === null ? [written] : [JSON.parse(own) as RateTable, written];
}

/**
 * Brings amounts into the reporting currency by the rates of a day; null where none is known then, and its currency goes to `withoutRate`.
 * Rounds half away from zero.
 */
export function converter(
  reporting: string,
  tables: readonly RateTable[],
  day: string,
  withoutRate?: Set<string>,
): Convert {
  const factors = new Map<string, number | null>();
  const factorOf = (currency: string): number | null => {
    const known = factors.get(currency);
    if (known !== undefined) return known;
    const rate = crossRate(tables, currency, reporting, day);
    const factor = rate === null ? null : rate * 10 ** (exponentOf(reporting) - exponentOf(currency));
    factors.set(currency, factor);
    return factor;
  };
  return (money) => {
    if (money.currency === reporting) return money;
    const factor = factorOf(money.currency);
    if (factor === null) {
      withoutRate?.add(money.currency);
      return null;
    }
    const minor = Math.round(Math.abs(money.minor) * factor);
    return { minor: money.minor < 0 && minor !== 0 ? -minor : minor, currency: reporting };
  };
}

/** A source, as far as its rates are asked for. */
interface Keeper {
  name: string;
  connector: Pick<Connector, 'rates'>;
  ctx: Ctx<unknown>;
}

/** Asks a source for the rates that it keeps, where it keeps any, and stores what they add to those known. */
export async function pullRates(store: CurrencyDeps['store'], source: Keeper, now: number): Promise<void> {
  const told = await source.connector.rates?.(source.ctx);
  if (!told) return;
  const state = store.state(source.name);
  const known = await state.get(RATES_STATE);
  const today = todayIn(source.ctx.timezone, now);
  const next = JSON.stringify(mergedRates(known === null ? null : JSON.parse(known), told, today));
  // Where another process got in between, it has asked as well.
  if (next !== known) await state.set(RATES_STATE, known, next);
}
