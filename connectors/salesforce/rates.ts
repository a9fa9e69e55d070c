import { ConnectorError, type DatedRate, type RateTable } from '../../src/contract/index.ts';
import type { Org } from './org.ts';
import { pages } from './pager.ts';
import { bool, date, num, type Row, required } from './rows.ts';
import { select } from './soql.ts';

/**
 * The org's own rates against its corporate currency; null where it has one currency only. Those with dates exist where advanced currency
 * management is on. https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_currencytype.htm
 */
export async function ratesOf(org: Org): Promise<RateTable | null> {
  if (!(await org.schema.find('Account', 'CurrencyIsoCode'))) return null;
  const types = await rowsOf(org, 'CurrencyType', ['IsoCode', 'ConversionRate', 'IsCorporate']);
  const corporate = types.find((row) => bool(row, 'IsCorporate'));
  if (!corporate) return null;
  const dated = await rowsOf(org, 'DatedConversionRate', ['IsoCode', 'ConversionRate', 'StartDate']);
  return {
    base: required(corporate, 'IsoCode'),
    rates: [
      ...types.flatMap((row) => rateOf(row, null)),
      ...dated.flatMap((row) => rateOf(row, date(row, 'StartDate'))),
    ],
  };
}

function rateOf(row: Row, from: string | null): DatedRate[] {
  const rate = num(row, 'ConversionRate');
  return rate !== null && rate > 0 ? [{ currency: required(row, 'IsoCode'), from, rate }] : [];
}

/** Objects that the org has not switched on have no rows. */
async function rowsOf(org: Org, from: string, fields: string[]): Promise<Row[]> {
  const soql = select({ fields, from });
  const rows: Row[] = [];
  try {
    for await (const page of pages(org.client, { label: `query.${from}`, soql: () => soql })) rows.push(...page.rows);
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'INVALID_TYPE') throw error;
  }
  return rows;
}
