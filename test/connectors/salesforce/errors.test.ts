import { describe, expect, it } from 'vitest';
import { clean, isTooMuchAtOnce, toConnectorError } from '../../../connectors/salesforce/errors.ts';
import { ConnectorError } from '../../../src/contract/index.ts';

const vendor = (errorCode: string, message = 'words', data?: unknown) =>
  Object.assign(new Error(message), { name: errorCode, errorCode, data });
const map = (error: unknown, write = false) => toConnectorError(error, { label: 'call', write });

describe('the error table', () => {
  it.each([
    ['INVALID_SESSION_ID', 'reauthenticate', false],
    ['sf:INVALID_SESSION_ID', 'reauthenticate', false],
    ['REQUEST_LIMIT_EXCEEDED', 'wait', false],
    ['SERVER_UNAVAILABLE', 'retry', true],
    ['UNKNOWN_EXCEPTION', 'retry', true],
    ['ERROR_HTTP_502', 'retry', true],
    ['ERROR_HTTP_504', 'retry', true],
    ['ERROR_HTTP_420', 'retry', false],
    ['ERROR_HTTP_401', 'reauthenticate', false],
    ['ERROR_HTTP_404', 'fail', false],
    ['INVALID_FIELD', 'fail', false],
    ['INVALID_QUERY_LOCATOR', 'fail', false],
    ['SOMETHING_NEW', 'fail', false],
  ])('%s → %s (ambiguous for a write: %s)', (code, action, ambiguous) => {
    expect(map(vendor(code), true)).toMatchObject({ action, ambiguous });
    expect(map(vendor(code), false)).toMatchObject({ action, ambiguous: false });
  });

  it('names the field, the permission set and the commands', () => {
    const error = map(vendor('INVALID_FIELD', "No such column 'ARR__c' on entity 'Account'"));
    expect(error.message).toContain('ARR__c');
    expect(error.hint).toMatch(/Pulseback Runtime.*pulseback setup.*pulseback check/);
  });
  it('tells a full daily quota from too many at once', () => {
    expect(map(vendor('REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.')).action).toBe('wait');
    expect(map(vendor('REQUEST_LIMIT_EXCEEDED', 'ConcurrentPerOrgLongTxn Limit exceeded.')).action).toBe('retry');
  });
  it('finds the one that matters among several', () => {
    const data = [
      { errorCode: 'SOMETHING', message: 'a' },
      { errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'b' },
    ];
    expect(map(vendor('MULTIPLE_API_ERRORS', 'several', data))).toMatchObject({
      action: 'wait',
      code: 'REQUEST_LIMIT_EXCEEDED',
    });
  });
  it('marks governor limits of a whole call, so that the batch is halved and not repeated', () => {
    const error = map(vendor('UNKNOWN_EXCEPTION', 'System.LimitException: Apex CPU time limit exceeded'), true);
    expect(error).toMatchObject({ action: 'fail', code: 'GOVERNOR_LIMIT' });
    expect(isTooMuchAtOnce('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'x')).toBe(true);
    expect(isTooMuchAtOnce('STRING_TOO_LONG', 'x')).toBe(false);
  });
  it('tells a refused connection from a lost answer', () => {
    const network = (code: string) => new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code }) });
    expect(map(network('ECONNREFUSED'), true)).toMatchObject({
      action: 'retry',
      ambiguous: false,
      code: 'ECONNREFUSED',
    });
    expect(map(network('ECONNRESET'), true)).toMatchObject({ action: 'retry', ambiguous: true });
    expect(map(new DOMException('aborted', 'AbortError'), true)).toMatchObject({ action: 'retry', ambiguous: true });
  });
  it('does not retry a mistake of ours', () => {
    expect(map(new TypeError("Cannot read properties of undefined (reading 'x')"), true).action).toBe('fail');
  });
  it('passes its own errors through', () => {
    const own = new ConnectorError('x', { action: 'wait' });
    expect(map(own)).toBe(own);
  });
});

describe('messages', () => {
  it('carry no session id and no page', () => {
    expect(clean('bad 00D000000000001!AQEAQ.x_y session')).toBe('bad [session] session');
    expect(clean('<html><head><style>a{}</style></head><body>Down <b>now</b></body></html>')).toBe('Down now');
    expect(clean('x'.repeat(5000)).length).toBeLessThanOrEqual(400);
  });
});
