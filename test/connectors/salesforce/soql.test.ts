import { type FieldType, parseQuery } from '@jetstreamapp/soql-parser-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  and,
  anyOf,
  after as behind,
  id,
  instant,
  isId,
  name,
  select,
  since,
  text,
} from '../../../connectors/salesforce/soql.ts';
import { InputError } from '../../../src/contract/index.ts';
import { sfId } from './support.ts';

/** What an independent reader of SOQL string literals would see. */
const read = (literal: string): string =>
  literal.slice(1, -1).replace(/\\(.)/g, (_, c: string) => ({ n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' })[c] ?? c);

describe('texts', () => {
  it('come back as they were, whatever they hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (s) => {
        expect(read(text(s))).toBe(s);
      }),
    );
  });
  it('cannot end their literal early', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("'", '\\', 'a', ' ', '"', '\n') }), (s) => {
        const body = text(s).slice(1, -1).replace(/\\./g, '');
        expect(body).not.toMatch(/['\n]/);
      }),
    );
  });
  it('are one value to an independent parser', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("'", '\\', 'x', ' ', '%'), maxLength: 12 }), (s) => {
        const query = parseQuery(select({ fields: ['Id'], from: 'User', where: `Username = ${text(s)}` })) as {
          where?: { left?: unknown };
        };
        expect((query.where?.left as { value?: string } | undefined)?.value).toBe(text(s));
      }),
    );
  });
});

describe('ids and names', () => {
  it('take records ids only', () => {
    expect(id(sfId('001', 7))).toBe("'001000000000007AAA'");
    for (const bad of ['', "001' OR Id != '", '001', `${sfId('001', 1)}x`]) {
      expect(isId(bad)).toBe(false);
      expect(() => id(bad)).toThrow(InputError);
    }
  });
  it('take field names and paths only', () => {
    expect(name('Owner.ManagerId')).toBe('Owner.ManagerId');
    for (const bad of ['', 'a b', '1a', 'A.', 'Id FROM User', 'A--']) expect(() => name(bad)).toThrow(InputError);
  });
});

describe('queries', () => {
  const key = { t: Date.parse('2026-11-01T10:20:30Z'), id: sfId('001', 9) };
  it('stand behind the last row, and share its stamp', () => {
    expect(behind(key)).toBe(
      "(SystemModstamp > 2026-11-01T10:20:30.000Z) OR (SystemModstamp = 2026-11-01T10:20:30.000Z AND Id > '001000000000009AAA')",
    );
    expect(since(key.t)).toBe('SystemModstamp >= 2026-11-01T10:20:30.000Z');
  });
  it('keep or apart from and', () => {
    expect(and("UserType = 'Standard'", behind(key))).toMatch(/^\(UserType = 'Standard'\) AND \(\(System.*\)\)$/);
    expect(and(null, undefined, '')).toBeNull();
    expect(and('A = 1')).toBe('A = 1');
  });
  it('parse for an independent parser, whatever the keyset', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
        fc.nat(10 ** 9),
        (d, n) => {
          const soql = select({
            fields: ['Id', 'Owner.Name', 'Id'],
            from: 'Account',
            where: and(
              'IsDeleted = false',
              anyOf('Id', [id(sfId('001', n))]),
              behind({ t: d.getTime(), id: sfId('001', n) }),
            ),
            orderBy: ['SystemModstamp', 'Id'],
            limit: 200,
          });
          const parsed = parseQuery(soql);
          expect(
            parsed.fields?.map((f: FieldType) => ('rawValue' in f && f.rawValue) || ('field' in f && f.field)),
          ).toEqual(['Id', 'Owner.Name']);
          expect(parsed.limit).toBe(200);
          expect(soql).toContain(instant(d.getTime()));
        },
      ),
    );
  });
});
