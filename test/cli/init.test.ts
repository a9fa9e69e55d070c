import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { connectors } from '../../connectors/index.ts';
import { loadConfig } from '../../src/config.ts';
import { cli } from '../e2e/harness.ts';
import { folder } from './support.ts';

const crms = Object.values(connectors).filter((c) => c.crm);

describe.each(crms.map((c) => c.name))('init --crm %s', (crm) => {
  it('writes a configuration that is valid as it stands, apart from credentials', async () => {
    const path = join(folder(), 'pulseback.yaml');
    const told = await cli(['init', '--crm', crm, '--config', path, '--json']);
    expect(told).toMatchObject({ code: 0, json: { ok: true, path, crm } });
    const config = loadConfig(path, connectors);
    expect(config.crm?.connector).toBe(crm);
    expect(config.write.enabled).toBe(false);
    expect(config.tasks.start).toBe('manual');
    for (const mapping of [config.match, config.playbook, config.triggers])
      expect(existsSync(config.file(mapping))).toBe(true);
  });

  it('stays valid with every commented key switched on and its placeholder filled', async () => {
    const path = join(folder(), 'pulseback.yaml');
    await cli(['init', '--crm', crm, '--config', path]);
    const text = readFileSync(path, 'utf8');
    const on = text
      .split('\n')
      .map((line) =>
        line.replace(/^(\s*)# ?(\s*[A-Za-z]+:(?:\s.*)?)$/, (whole, indent: string, setting: string) =>
          isSetting(setting) ? indent + setting : whole,
        ),
      )
      .join('\n')
      .replaceAll("'…'", "'12345'");
    const enabled = on.split('\n').filter((line, i) => line !== text.split('\n')[i]).length;
    expect(enabled).toBeGreaterThanOrEqual(8);
    writeFileSync(path, on);
    const config = loadConfig(path, connectors);
    expect(config.rates).toEqual({ USD: 1.27, EUR: 1.17 });
    expect(config.sources.usage?.connector).toBe('files');
    expect(config.tasks.fallbackOwner).toBe('12345');
    expect(config.crm?.org).toBe('12345');
  });

  it('names the environment variables of its secrets and holds none', async () => {
    const path = join(folder(), 'pulseback.yaml');
    const told = await cli(['init', '--crm', crm, '--config', path]);
    const text = readFileSync(path, 'utf8');
    for (const secret of Object.values(connectors[crm]?.secrets ?? {})) {
      expect(text).toContain(`#   ${secret.env}: `);
      expect(told.out).toContain(secret.env);
    }
    expect(JSON.stringify(parse(text))).not.toMatch(/secret|BEGIN|password/i);
  });
});

/** A key with at most one word as its value; sentences of a comment have more. */
const isSetting = (text: string): boolean => /^\s*[A-Za-z]+:\s*\S*\s*$/.test(text.replace(/\s#.*$/, ''));

describe('init', () => {
  it('never overwrites unless told so', async () => {
    const path = join(folder(), 'pulseback.yaml');
    writeFileSync(path, 'mine');
    const told = await cli(['init', '--config', path, '--json']);
    expect(told).toMatchObject({ code: 2, json: { ok: false, error: { message: `${path} exists already` } } });
    expect(told.err).toContain('--force');
    expect(readFileSync(path, 'utf8')).toBe('mine');
    expect((await cli(['init', '--config', path, '--force'])).code).toBe(0);
    expect(readFileSync(path, 'utf8')).toContain('workspace: main');
  });

  it('is for Salesforce where no CRM is named', async () => {
    const told = await cli(['init', '--config', join(folder(), 'pulseback.yaml'), '--json']);
    expect(told.json).toMatchObject({ ok: true, crm: 'salesforce' });
  });

  it('names the nearest CRM where none is called that', async () => {
    const [crm] = crms;
    const path = join(folder(), 'pulseback.yaml');
    const told = await cli(['init', '--crm', crm?.name.slice(0, -1) ?? '', '--config', path, '--json']);
    expect(told.code).toBe(2);
    expect(told.json.error.hint).toContain(`The nearest is "${crm?.name}".`);
    expect(existsSync(path)).toBe(false);
  });
});
