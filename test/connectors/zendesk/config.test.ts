import { describe, expect, it } from 'vitest';
import { bucketsOf, Config, EXAMPLE, originOf } from '../../../connectors/zendesk/config.ts';
import { zendesk } from '../../../connectors/zendesk/index.ts';
import { parseYaml } from '../../../src/kit/yaml.ts';

const of = (over: Record<string, unknown>) => Config.parse({ subdomain: 'acme', ...over });

describe('limits', () => {
  it.each([
    [{ plan: 'team' }, 190, 10],
    [{ plan: 'growth' }, 390, 10],
    [{ plan: 'professional' }, 390, 10],
    [{ plan: 'enterprise' }, 690, 10],
    [{ plan: 'enterprise-plus' }, 2490, 10],
    [{ plan: 'professional', highVolume: true }, 2470, 30],
    [{ plan: 'team', limits: { exportsPerMinute: 3 } }, 197, 3],
    [{ plan: 'team', limits: { perMinute: 20, exportsPerMinute: 50 } }, 1, 19],
  ])('%j: %i calls and %i exports a minute, together the account’s', (over, limit, exports) => {
    expect(zendesk.limits?.(of(over))).toEqual(bucketsOf(of(over)));
    expect(bucketsOf(of(over))).toMatchObject({
      default: { limit, intervalMs: 60_000 },
      export: { limit: exports, intervalMs: 60_000, concurrency: 1 },
    });
  });
});

describe('the address', () => {
  it('is the subdomain’s, or a host of its own; plain http only on this machine', () => {
    expect(originOf(of({}))).toBe('https://acme.zendesk.com');
    for (const baseUrl of ['https://help.acme.com/x', 'http://127.0.0.1:8080', 'http://localhost:1', 'http://[::1]:1'])
      expect(originOf(Config.parse({ baseUrl }))).toBe(new URL(baseUrl).origin);
  });
  it.each([
    [{}, /either subdomain/],
    [{ subdomain: 'acme', baseUrl: 'https://help.acme.com' }, /either subdomain/],
    [{ baseUrl: 'http://help.acme.com' }, /in the clear/],
    [{ baseUrl: 'http://127.0.0.1.evil.example' }, /in the clear/],
    [{ subdomain: 'acme.zendesk.com' }, /like acme/],
    [{ subdomain: 'acme', plann: 'team' }, /plann/],
    [{ subdomain: 'acme', plan: 'gold' }, /plan/],
  ])('is refused: %j', (config, why) => {
    const told = Config.safeParse(config);
    expect(told.success).toBe(false);
    expect(String(told.error)).toMatch(why);
  });
});

it('the example is a valid configuration, and so are the settings that it has as comments', () => {
  expect(parseYaml(EXAMPLE, 'example', Config)).toMatchObject({ plan: 'professional', highVolume: false });
  const uncommented = EXAMPLE.replace(/^( *)# ( *[a-zA-Z]+: )/gm, '$1$2');
  expect(parseYaml(uncommented, 'example', Config)).toMatchObject({
    highVolume: true,
    limits: { perMinute: 400, exportsPerMinute: 10 },
    since: '2025-01-01',
    escalation: { priorities: ['urgent'], groups: [360001234], fields: [{ id: 360005678, values: ['yes'] }] },
    csat: 'auto',
    textDays: 90,
  });
});
