import nock from 'nock';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ratesOf } from '../../../connectors/salesforce/rates.ts';
import { ACCOUNT, allowLogin, DATA, describeAnswer, describeOf, HOST, makeOrg } from './support.ts';

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
});

const asked = (soql: string, answer: object, status = 200) =>
  nock(HOST).get(`${DATA}/query`).query({ q: soql }).reply(status, answer);
const page = (records: object[]) => ({ totalSize: records.length, done: true, records });
const TYPES = 'SELECT IsoCode, ConversionRate, IsCorporate FROM CurrencyType';
const DATED = 'SELECT IsoCode, ConversionRate, StartDate FROM DatedConversionRate';
const types = page([
  { IsoCode: 'USD', ConversionRate: 1, IsCorporate: true },
  { IsoCode: 'EUR', ConversionRate: 0.86, IsCorporate: false },
]);

describe("an org's own rates", () => {
  const several = () => {
    allowLogin();
    describeOf(ACCOUNT);
  };

  it('are those of its currencies, with the days on which they begin', async () => {
    several();
    asked(TYPES, types);
    asked(DATED, page([{ IsoCode: 'EUR', ConversionRate: 0.9, StartDate: '2026-01-01' }]));
    expect(await ratesOf(makeOrg().org)).toEqual({
      base: 'USD',
      rates: [
        { currency: 'USD', from: null, rate: 1 },
        { currency: 'EUR', from: null, rate: 0.86 },
        { currency: 'EUR', from: '2026-01-01', rate: 0.9 },
      ],
    });
  });

  it('have no dates where the org has not switched them on', async () => {
    several();
    asked(TYPES, types);
    asked(DATED, [{ errorCode: 'INVALID_TYPE', message: "sObject type 'DatedConversionRate' is not supported." }], 400);
    expect((await ratesOf(makeOrg().org))?.rates).toHaveLength(2);
  });

  it('are not asked for in an org of one currency', async () => {
    allowLogin();
    describeOf(describeAnswer('Account', { Id: 'id', Name: 'string' }));
    expect(await ratesOf(makeOrg().org)).toBeNull();
  });
});
