import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { InputError } from '../../src/contract/errors.ts';
import { AccountRules, Condition } from '../../src/core/rules.ts';
import { loadYaml, nearest, parseYaml } from '../../src/kit/yaml.ts';

const Model = z.strictObject({
  name: z.string(),
  kind: z.enum(['ratio', 'count', 'latest']).optional(),
  weights: z.strictObject({
    usage: z.number().min(0),
    support: z.number().default(20),
    billing: z.number().nullable().optional(),
  }),
  bands: z.array(z.strictObject({ key: z.string(), from: z.int() })).default([]),
  extra: z.record(z.string(), z.strictObject({ curve: z.string() })).optional(),
});

function problems(text: string, schema: z.ZodType): string[] {
  try {
    parseYaml(text, 'm.yaml', schema);
  } catch (error) {
    if (error instanceof InputError) return error.problems;
    throw error;
  }
  return [];
}

describe('parseYaml', () => {
  it('returns what the schema makes of the file, defaults included', () => {
    expect(parseYaml('name: a\nweights:\n  usage: 30\n', 'm.yaml', Model)).toEqual({
      name: 'a',
      weights: { usage: 30, support: 20 },
      bands: [],
    });
  });

  it('names a misspelt key once, with its place and the nearest valid one', () => {
    expect(problems('name: a\nweights:\n  usge: 30\n', Model)).toEqual([
      'm.yaml:3:3: weights.usge: unknown key; nearest is `usage` (valid: usage, support, billing)',
    ]);
  });

  it('reports every problem of a file at once, in the order of the file', () => {
    const text =
      'name: 7\nkind: ratoi\nweights: {usage: -1}\nbands:\n  - key: green\n    from: 1.5\n  - key: red\n    frm: 2\n';
    expect(problems(text, Model)).toEqual([
      'm.yaml:1:7: name: found 7; expected a text',
      'm.yaml:2:7: kind: found "ratoi"; nearest is `ratio` (valid: ratio, count, latest)',
      'm.yaml:3:18: weights.usage: found -1; expected at least 0',
      'm.yaml:6:11: bands[0].from: found 1.5; expected a whole number',
      'm.yaml:8:5: bands[1].frm: unknown key; nearest is `from` (valid: key, from)',
    ]);
  });

  it('lists the valid names where none is near, and points at the mapping that lacks a key', () => {
    expect(problems('name: a\nzzzzzz: 1\nweights:\n  support: 1\n', Model)).toEqual([
      'm.yaml:2:1: zzzzzz: unknown key; expected one of name, kind, weights, bands, extra',
      'm.yaml:3:1: weights.usage: missing; expected a number',
    ]);
  });

  it('finds the keys through records, lazy and unions', () => {
    expect(problems('name: a\nweights: {usage: 1}\nextra:\n  one:\n    curv: x\n', Model)).toEqual([
      'm.yaml:5:5: extra.one.curv: unknown key; nearest is `curve` (valid: curve)',
    ]);
    expect(problems('all:\n  - field: Type\n    iz: Customer\n', Condition)[0]).toMatch(
      /^m\.yaml:3:5: all\[0\]\.iz: unknown key; nearest is `i[sn]` \(valid: field, is, not,/,
    );
    expect(problems('any:\n  - all:\n      - feild: Type\n', Condition)[0]).toMatch(
      /^m\.yaml:3:9: any\[0\]\.all\[0\]\.feild: unknown key; nearest is `field`/,
    );
  });

  it('says what every branch of a union takes where none fits, with the nearest literal', () => {
    expect(problems('roles:\n  csm: [onwer]\n', AccountRules)).toEqual([
      'm.yaml:2:9: roles.csm[0]: found "onwer"; expected `owner` or a mapping; nearest is `owner`',
    ]);
    expect(problems('roles:\n  csm:\n    - managerOf: cms\n', AccountRules)).toEqual([
      'm.yaml:3:18: roles.csm[0].managerOf: found "cms"; nearest is `csm` (valid: csm, owner)',
    ]);
  });

  it('follows a discriminated union to the branch that the value names', () => {
    const Curve = z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('steps'), steps: z.array(z.number()) }),
      z.strictObject({ type: z.literal('lookup'), values: z.record(z.string(), z.number()) }),
    ]);
    expect(problems('type: lookup\nvalue: {a: 1}\n', Curve)).toEqual([
      'm.yaml:2:1: value: unknown key; nearest is `values` (valid: type, values)',
    ]);
    expect(problems('type: lokup\n', Curve)).toEqual([
      expect.stringMatching(/^m\.yaml:1:7: type: found "lokup".*nearest is `lookup`/),
    ]);
  });

  it('prints custom checks that carry what was found and the valid names', () => {
    const Signals = z.strictObject({ signals: z.array(z.string()) }).superRefine((model, ctx) => {
      for (const [i, found] of model.signals.entries())
        if (found !== 'active_share')
          ctx.addIssue({
            code: 'custom',
            message: 'unknown signal',
            path: ['signals', i],
            params: { found, names: ['active_share'] },
          });
    });
    expect(problems('signals:\n  - active_share\n  - activ_share\n', Signals)).toEqual([
      'm.yaml:3:5: signals[1]: unknown signal `activ_share`; nearest is `active_share` (valid: active_share)',
    ]);
  });

  it('gives duplicate keys, tabs, second documents, tags and broken syntax the same form', () => {
    expect(problems('name: a\nweights:\n  usage: 1\n  usage: 2\n', Model)).toEqual([
      'm.yaml:4:3: weights.usage: found the key `usage` twice; expected every key once',
    ]);
    expect(problems('name: a\nweights:\n\tusage: 1\n', Model)[0]).toMatch(
      /^m\.yaml:3:\d+: weights: found a tab as indentation; expected spaces/,
    );
    expect(problems('name: a\n---\nname: b\n', Model)[0]).toMatch(/^m\.yaml:2:1: .*: found a second document/);
    expect(problems('name: !secret a\n', Model)[0]).toMatch(
      /^m\.yaml:1:7: name: unresolved tag.*; expected a plain value/i,
    );
    expect(problems('name: "a\nweights: {}\n', Model)[0]).toMatch(
      /^m\.yaml:\d+:\d+: .+: found .*; expected valid YAML/,
    );
    expect(problems('name: *nowhere\n', Model)[0]).toMatch(/^m\.yaml:1:\d+: .*nowhere.*expected an alias/);
  });

  it('tells a misspelt key once, although checks of the whole part miss it too', () => {
    const Window = z
      .strictObject({ windowDays: z.int().optional(), other: z.string().optional() })
      .superRefine((m, ctx) => {
        if (m.windowDays === undefined) ctx.addIssue({ code: 'custom', message: 'a count needs `windowDays`' });
        if (m.other === undefined) ctx.addIssue({ code: 'custom', message: 'a count needs `other`' });
      });
    expect(problems('windowdays: 3\n', Window)).toEqual([
      'm.yaml:1:1: windowdays: unknown key; nearest is `windowDays` (valid: windowDays, other)',
      'm.yaml:1:1: (top level): a count needs `other`',
    ]);
  });

  it('says limits in words', () => {
    const Limits = z.strictObject({
      text: z.string().min(1),
      short: z.string().max(3),
      list: z.array(z.int()).min(2),
      above: z.number().positive(),
      most: z.number().max(100),
    });
    expect(problems("text: ''\nshort: four\nlist: [1]\nabove: 0\nmost: 101\n", Limits)).toEqual([
      'm.yaml:1:1: text: found ""; expected a text that is not empty',
      'm.yaml:2:8: short: found "four"; expected a text of at most 3 characters',
      'm.yaml:3:1: list: found 1 in the list; expected at least 2',
      'm.yaml:4:8: above: found 0; expected more than 0',
      'm.yaml:5:7: most: found 101; expected at most 100',
    ]);
  });

  it('follows an alias to where the text stands', () => {
    expect(problems('name: a\nextra:\n  one: &c\n    curve: 5\n  two: *c\nweights: {usage: 1}\n', Model)).toEqual([
      'm.yaml:4:12: extra.one.curve: found 5; expected a text',
      'm.yaml:4:12: extra.two.curve: found 5; expected a text',
    ]);
  });

  it('reports an empty file, and nothing else in it', () => {
    expect(problems('', Model)).toEqual(['m.yaml:1:1: (top level): found nothing; expected a mapping']);
  });

  it('never shows a value whose key says that it is secret', () => {
    const [problem] = problems('clientSecret: 12345\n', z.strictObject({ clientSecret: z.string() }));
    expect(problem).toBe('m.yaml:1:15: clientSecret: found a value (not shown); expected a text');
  });

  it('points every unknown key at its own line, wherever it stands', () => {
    const Open = z.strictObject({ a: z.number().optional(), b: z.number().optional(), c: z.number().optional() });
    fc.assert(
      fc.property(fc.subarray(['a', 'b', 'c']), fc.integer({ min: 0, max: 3 }), (keys, position) => {
        const lines = keys.map((k) => `${k}: 1`);
        const at = Math.min(position, lines.length);
        lines.splice(at, 0, 'nonsense: 1');
        expect(problems(`${lines.join('\n')}\n`, Open)).toEqual([
          expect.stringMatching(new RegExp(`^m\\.yaml:${at + 1}:1: nonsense: unknown key`)),
        ]);
      }),
    );
  });

  it('reads back whatever is written as YAML', () => {
    const Any = z.record(z.string().regex(/^[a-z]+$/), z.union([z.string(), z.int(), z.boolean(), z.null()]));
    const value = fc.dictionary(
      fc.stringMatching(/^[a-z]{1,8}$/),
      fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
    );
    fc.assert(
      fc.property(value, (data) => {
        expect(parseYaml(stringify(data), 'x.yaml', Any)).toEqual({ ...data });
      }),
    );
  });
});

describe('loadYaml', () => {
  it('says which file is missing and what to do', () => {
    expect(() => loadYaml('/nowhere/model.yaml', Model)).toThrow(
      expect.objectContaining({
        name: 'InputError',
        message: '/nowhere/model.yaml: there is no such file',
        hint: expect.stringContaining('Create the file'),
      }),
    );
  });

  it('reads a file and names its path in problems', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'yaml-')), 'model.yaml');
    writeFileSync(path, '\uFEFFname: a\nweights: {usage: 1}\n');
    expect(loadYaml(path, Model).name).toBe('a');
    writeFileSync(path, 'nam: a\nweights: {usage: 1}\n');
    expect(() => loadYaml(path, Model)).toThrow(
      expect.objectContaining({ problems: [expect.stringContaining(`${path}:1:1: nam: unknown key`)] }),
    );
    expect(() => loadYaml(join(path, '..'), Model)).toThrow(InputError);
  });
});

describe('nearest', () => {
  it('ignores case and separators, and gives no advice where nothing is near', () => {
    expect(nearest('Active-Share', ['ticket_volume', 'activeShare'])).toBe('activeShare');
    expect(nearest('qqqqqqq', ['usage', 'support'])).toBeNull();
    expect(nearest('x', [])).toBeNull();
  });
  it('takes a name that was cut short for that name', () => {
    expect(nearest('lag', ['leading', 'lagging'])).toBe('lagging');
    expect(nearest('lead', ['leading', 'lagging'])).toBe('leading');
  });
  it('finds a valid name again after one wrong letter', () => {
    const names = ['active_share', 'ticket_volume', 'invoice_overdue', 'champion_left'];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(), fc.constantFrom(...'xyz'), (name, at, letter) => {
        const i = at % name.length;
        expect(nearest(name.slice(0, i) + letter + name.slice(i + 1), names)).toBe(name);
      }),
    );
  });
});
