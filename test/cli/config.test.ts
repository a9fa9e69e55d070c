import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { connectors } from '../../connectors/index.ts';
import { inlineConfig, loadConfig, modelPath, PACKAGE_ROOT } from '../../src/config.ts';
import { ConfigFile } from '../../src/config-file.ts';
import { type Connector, InputError } from '../../src/contract/index.ts';
import { secretsOf } from '../../src/kit/secrets.ts';
import { folder } from './support.ts';

function configured(text: string): { dir: string; path: string } {
  const dir = folder();
  const path = join(dir, 'pulseback.yaml');
  writeFileSync(path, text);
  return { dir, path };
}
const refusal = (text: string): InputError => {
  try {
    loadConfig(configured(text).path, connectors);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
};
const whole = (error: InputError): string => [error.message, ...error.problems, error.hint].join('\n');

interface Schema {
  description?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
}
function undescribed(schema: Schema, path: string[] = []): string[] {
  const own = path.length && !schema.description ? [path.join('.')] : [];
  const below = Object.entries(schema.properties ?? {}).flatMap(([key, s]) => undescribed(s, [...path, key]));
  const values = typeof schema.additionalProperties === 'object' ? (schema.additionalProperties.properties ?? {}) : {};
  return [...own, ...below, ...Object.entries(values).flatMap(([key, s]) => undescribed(s, [...path, '*', key]))];
}

describe('the configuration', () => {
  it('describes every key', () => {
    const schema = z.toJSONSchema(ConfigFile, { io: 'input' }) as Schema;
    expect(Object.keys(schema.properties ?? {}).length).toBeGreaterThan(10);
    expect(undescribed(schema)).toEqual([]);
  });

  it('has a safe default for everything: nothing is written and no task raised', () => {
    const config = loadConfig(configured('{}').path, connectors);
    expect(config).toMatchObject({
      workspace: 'main',
      write: { enabled: false },
      tasks: { start: 'manual' },
      sources: {},
    });
  });

  it.each([
    ['curency: GBP', ['curency', 'currency']],
    ['write: { enable: true }', ['write.enable', 'enabled']],
    [
      'sources: { usage: { connector: files, config: { path: x }, staleAfterDay: 3 } }',
      ['staleAfterDay', 'staleAfterDays'],
    ],
    ['sources: { usage: { connector: files, config: { pth: x } } }', ['pth', 'path']],
    ['sources: { usage: { connector: file, config: { path: x } } }', ['file', 'files']],
  ])('refuses %s with the nearest name, the file and the line', (text, names) => {
    const told = whole(refusal(`# comment\n${text}\n`));
    for (const name of names) expect(told).toContain(name);
    expect(told).toMatch(/nearest/);
    expect(told).toMatch(/pulseback\.yaml:2:\d+/);
  });

  it.each([
    ['timezone: Mars/Base', 'IANA'],
    ['currency: pounds', 'ISO 4217'],
    ['rates: { USD: -1 }', 'rates.USD'],
    ['rates: [{ from: 2026-01-01, USD: -1 }]', 'rates[0].USD'],
    ['rates: [{ from: 2026-01-01, usd: 1 }]', 'ISO 4217'],
    ['rates: [{ from: soon, USD: 1 }]', 'rates[0].from'],
    ['workspace: Main Org', 'lower-case'],
    ['breaker: { bandChangeShare: 20 }', 'breaker.bandChangeShare'],
    ['tasks: { start: soon }', 'tasks.start'],
  ])('refuses %s', (text, words) => expect(whole(refusal(text))).toContain(words));

  it('refuses a secret that stands in the file, wherever, without repeating it', () => {
    for (const connector of Object.values(connectors) as Connector[])
      for (const [name, spec] of Object.entries(connector.secrets)) {
        const error = refusal(`crm:\n  connector: ${connector.name}\n  config:\n    auth:\n      ${name}: HUSH-HUSH\n`);
        expect(whole(error)).toContain(spec.env);
        expect(whole(error)).toContain('a secret must not stand in the configuration file');
        expect(whole(error)).not.toContain('HUSH-HUSH');
      }
  });

  it('says where a missing file was looked for', () => {
    expect(() => loadConfig(join(folder(), 'none.yaml'), connectors)).toThrow(/none\.yaml: no such file/);
  });
});

describe('secrets', () => {
  const connector = {
    secrets: {
      token: { env: 'THE_TOKEN', description: 'opens the door', optional: false },
      key: { env: 'THE_KEY', description: 'opens the safe', optional: false },
      extra: { env: 'THE_EXTRA', description: 'nice to have', optional: true },
    },
  } as unknown as Connector;

  it('come from the environment by the names that the connector declares', () => {
    expect(secretsOf(connector, 'crm', { THE_TOKEN: 't', THE_KEY: 'k', OTHER: 'x' })).toEqual({ token: 't', key: 'k' });
  });

  it('that are missing or empty are all named at once, with what they are for', () => {
    try {
      secretsOf(connector, 'crm', { THE_TOKEN: '' });
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({
        message: 'crm: credentials are missing',
        problems: ['environment variable THE_TOKEN: opens the door', 'environment variable THE_KEY: opens the safe'],
      });
    }
  });
});

describe('paths', () => {
  it('are looked up beside the file first, then in the package, never in the working folder', () => {
    const { dir, path } = configured('{}');
    const config = loadConfig(path, connectors);
    expect(config.file('mappings/match.yaml')).toBe(join(PACKAGE_ROOT, 'mappings/match.yaml'));
    mkdirSync(join(dir, 'mappings'));
    writeFileSync(join(dir, 'mappings/match.yaml'), '{}');
    expect(config.file('mappings/match.yaml')).toBe(join(dir, 'mappings/match.yaml'));
    expect(config.file('pulseback.db')).toBe(join(dir, 'pulseback.db'));
    expect(config.file('/tmp/x')).toBe('/tmp/x');
  });

  it('of a model: shipped by name, or a file', () => {
    const { dir, path } = configured('model: mine.yaml');
    writeFileSync(join(dir, 'mine.yaml'), '{}');
    expect(modelPath(loadConfig(path, connectors))).toBe(join(dir, 'mine.yaml'));
    expect(modelPath(inlineConfig({}, connectors))).toBe(join(PACKAGE_ROOT, 'mappings/models/five-dimension.yaml'));
  });
});
