import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact } from '../../src/http/redact.ts';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 1024,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

describe('redact', () => {
  it.each([
    ['Authorization: Bearer abc.DEF-123456', 'abc.DEF-123456'],
    ['{"authorization":"Basic dXNlcjpwYXNz"}', 'dXNlcjpwYXNz'],
    ['sent bearer 00Dxx!AQEAQ.x9 to the server', 'AQEAQ.x9'],
    ['session 00D5g0000012345!AQEAQK7x9.abcdefg expired', 'AQEAQK7x9.abcdefg'],
    ['jwt eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl here', 'eyJzdWIiOiJ4In0'],
    ['GET /v1/x?access_token=abc123&limit=5', 'abc123'],
    ['GET /v1/x?a=1&client_secret=abc123', 'abc123'],
    ['https://user:hunter2@example.com/x', 'hunter2'],
    ['{"refresh_token": "abc\\"123", "id": 5}', '123'],
    ['password=hunter2', 'hunter2'],
    ['GET /callback?code=abc123&state=1', 'abc123'],
    ['apiKey: hunter2xyz', 'hunter2xyz'],
    ['key sk_live_1234567890abcdefghij', '1234567890abcdefghij'],
    [`bad key ${privateKey}`, privateKey.slice(60, 100)],
    [`cut key ${privateKey.slice(0, 200)}`, privateKey.slice(60, 100)],
  ])('hides the secret of %s', (text, secret) => {
    expect(redact(text)).not.toContain(secret);
    expect(redact(text)).toContain('[hidden]');
  });

  it('leaves the rest readable', () => {
    expect(redact('GET /v1/x?access_token=abc&limit=5 failed: 401')).toBe(
      'GET /v1/x?access_token=[hidden]&limit=5 failed: 401',
    );
    for (const text of [
      'query: 503 Service Unavailable, trying again',
      'INVALID_FIELD: no such column Health_Score__c on entity Account',
      'The basic plan and the bearer of this letter',
      'tokens: 5 accounts were skipped'.replace('tokens: ', ''),
      '[{"errorCode":"INVALID_FIELD","code":"429","message":"no such column"}]',
      'code 429 at 12:00:01, account 0015g00000AbCdEAAV',
    ])
      expect(redact(text)).toBe(text);
  });

  it('hides any secret behind a bearer or a secret parameter, and a second pass changes nothing', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9_-]{12,40}$/).filter((s) => /\d/.test(s));
    fc.assert(
      fc.property(
        secret,
        fc.constantFrom('Authorization: Bearer ', '/x?api_key=', '/x?sessionToken=', 'password: ', 'client_secret='),
        (s, before) => {
          const once = redact(`call ${before}${s} failed`);
          expect(once).not.toContain(s);
          expect(redact(once)).toBe(once);
        },
      ),
    );
  });
});
