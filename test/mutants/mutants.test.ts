import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mutated, ROOT } from './mutant.ts';
import { MUTANTS } from './mutants.ts';

describe('the list of mutants', () => {
  it('is long, and every name is its own', () => {
    for (const crm of ['salesforce', 'hubspot'])
      expect(MUTANTS.filter((m) => m.file.startsWith(`connectors/${crm}/`)).length).toBeGreaterThanOrEqual(40);
    expect(new Set(MUTANTS.map((m) => m.name)).size).toBe(MUTANTS.length);
  });
  it.each(MUTANTS.map((m) => [m.name, m] as const))('%s still fits the code', (_name, mutant) => {
    expect(mutated(mutant)).toContain(mutant.replace);
    expect(mutant.replace).not.toBe(mutant.find);
    expect(mutant.tests.filter((t) => !existsSync(resolve(ROOT, t)))).toEqual([]);
  });
});

describe('a mutant whose text has gone', () => {
  const mutant = { name: 'm', file: 'f.ts', find: 'a', replace: 'b', why: '', tests: [] };
  it('is told with what to do', () => {
    expect(() => mutated(mutant, 'c')).toThrow(/no longer occurs in f\.ts[\s\S]*--only m/);
    expect(() => mutated(mutant, 'a a')).toThrow(/occurs 2 times/);
    expect(mutated(mutant, 'xay')).toBe('xby');
  });
});
