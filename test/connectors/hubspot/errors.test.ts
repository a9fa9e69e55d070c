import { describe, expect, it } from 'vitest';
import { clean, toConnectorError } from '../../../connectors/hubspot/errors.ts';
import { NOW } from './support.ts';

const CORRELATION = 'aeb5f871-7f07-4993-9211-075dc63e7cbf';
const told = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  toConnectorError(
    'companies.update',
    { status, headers: new Headers(headers) },
    typeof body === 'string' ? body : JSON.stringify(body),
    NOW,
    'Europe/London',
  );
const model = (category: string, more: object = {}) => ({
  status: 'error',
  message: 'something was wrong',
  correlationId: CORRELATION,
  category,
  ...more,
});
const tooMany = (policyName: string | undefined, message = 'You have reached your limit.') => ({
  status: 'error',
  message,
  errorType: 'RATE_LIMIT',
  correlationId: CORRELATION,
  policyName,
});

describe('an error of the portal', () => {
  const cases: [status: number, body: unknown, expected: object][] = [
    [400, model('VALIDATION_ERROR'), { action: 'fail', code: 'VALIDATION_ERROR', ambiguous: false, status: 400 }],
    [401, model('EXPIRED_AUTHENTICATION'), { action: 'reauthenticate', ambiguous: false }],
    [401, model('INVALID_AUTHENTICATION'), { action: 'reauthenticate', ambiguous: false }],
    [404, model('OBJECT_NOT_FOUND'), { action: 'fail', code: 'OBJECT_NOT_FOUND' }],
    [409, model('CONFLICT'), { action: 'fail', code: 'CONFLICT', status: 409 }],
    [414, '', { action: 'fail', code: '414' }],
    [423, model('LOCKED'), { action: 'retry', ambiguous: false, retryAfterMs: 2_000 }],
    [429, tooMany('SECONDLY'), { action: 'retry', ambiguous: false, code: 'SECONDLY', retryAfterMs: 1_000 }],
    [429, tooMany(undefined, 'You have reached your secondly limit.'), { action: 'retry', retryAfterMs: 1_000 }],
    [429, tooMany('TEN_SECONDLY_ROLLING'), { action: 'retry', ambiguous: false, retryAfterMs: 10_000 }],
    [429, tooMany(undefined, 'You have reached your ten_secondly_rolling limit.'), { retryAfterMs: 10_000 }],
    [429, '<html>slow down</html>', { action: 'retry', ambiguous: false, retryAfterMs: 10_000 }],
    [429, tooMany('DAILY'), { action: 'wait', ambiguous: false, retryAfterMs: 15 * 3_600_000 }],
    [429, tooMany(undefined, 'You have reached your daily limit.'), { action: 'wait' }],
    ...[500, 502, 503, 504, 521, 522, 523, 524].map((status): [number, string, object] => [
      status,
      'gone',
      { action: 'retry', ambiguous: true, code: String(status) },
    ]),
    [408, '', { action: 'retry', ambiguous: true }],
    [302, '', { action: 'fail' }],
    [500, '{"message": 17, "category": null}', { action: 'retry', code: '500' }],
    [500, '[]', { action: 'retry', code: '500' }],
  ];
  it.each(cases)('%i %j', (status, body, expected) => {
    expect(told(status, body)).toMatchObject(expected);
  });

  it('says which property a value or an administrator’s rule is about, and says it once', () => {
    const errors = [
      {
        message: 'Must be one of "Red", "Green"',
        code: 'INVALID_OPTION',
        context: { propertyName: ['chs_health_band'] },
      },
      { message: 'Region is required', context: { rule: ['7'] } },
    ];
    const dump = `Property values were not valid: ${JSON.stringify(errors)}`;
    for (const message of [dump, '', undefined])
      expect(told(400, { category: 'VALIDATION_ERROR', message, errors }).message).toBe(
        'companies.update: 400 VALIDATION_ERROR: chs_health_band: Must be one of "Red", "Green"; Region is required',
      );
    expect(told(400, { category: 'VALIDATION_ERROR', message: 'Invalid input', errors: ['odd', null] }).message).toBe(
      'companies.update: 400 VALIDATION_ERROR: Invalid input',
    );
  });

  it('waits as long as a migration asks for', () => {
    expect(told(477, 'moving', { 'retry-after': '86400' })).toMatchObject({
      action: 'retry',
      retryAfterMs: 86_400_000,
    });
    expect(told(477, 'moving')).toMatchObject({ action: 'retry', ambiguous: false, retryAfterMs: 60_000 });
  });

  it('honours a Retry-After that nobody documents, never less than two seconds for a lock', () => {
    expect(told(429, tooMany('SECONDLY'), { 'retry-after': '3' }).retryAfterMs).toBe(3_000);
    expect(told(423, '', { 'retry-after': '0' }).retryAfterMs).toBe(2_000);
  });

  it.each([
    [{ context: { requiredGranularScopes: ['crm.objects.companies.write'] } }, ['crm.objects.companies.write']],
    [{ errors: [{ message: 'x', context: { requiredScopes: ['a.read', 'b.read'] } }] }, ['a.read', 'b.read']],
    [{ errors: [{ message: 'x', context: '{missingScopes=[scope1, scope2]}' }] }, ['scope1', 'scope2']],
  ])('names the scopes that are missing: %j', (more, scopes) => {
    const error = told(403, model('MISSING_SCOPES', more));
    expect(error).toMatchObject({ action: 'fail', code: 'MISSING_SCOPES' });
    for (const scope of scopes) expect(error.hint).toContain(scope);
    expect(error.hint).toMatch(/pulseback check/);
  });

  it('says what to do about a private app whose creator lost permissions', () => {
    expect(told(403, model('USER_DOES_NOT_HAVE_PERMISSIONS')).hint).toMatch(/its creator/);
  });

  it('tells status, code, words and correlationId', () => {
    expect(told(400, model('VALIDATION_ERROR')).message).toBe(
      `companies.update: 400 VALIDATION_ERROR: something was wrong (correlationId ${CORRELATION})`,
    );
  });

  it('shows no secret, no address and no page', () => {
    const text = clean(
      '<html><script>x()</script><body>Email jane.doe+x@acme.co.uk is invalid;\n Authorization: Bearer CJSP5qfLSecret123456</body>',
    );
    expect(text).toContain('Email [address] is invalid');
    expect(text).not.toMatch(/jane|acme|CJSP5qfL|<|\n/);
    expect(clean('x'.repeat(5_000)).length).toBeLessThanOrEqual(400);
  });
});
