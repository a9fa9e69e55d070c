import { cpSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { files } from '../../../connectors/files/index.ts';
import { loadMapping } from '../../../connectors/files/mapping.ts';
import { FACT_KINDS, FACTS, type Fact, type FactKind } from '../../../src/core/fact.ts';
import { folderOf, pullAll, testCtx } from './ctx.ts';

const MAPPING = fileURLToPath(new URL('../../../mappings/files/example.yaml', import.meta.url));
const EXPORTS = fileURLToPath(new URL('./example', import.meta.url));

/** The example mapping over exports with every file that it names. */
function example(): string {
  const folder = folderOf({ 'mapping.yaml': readFileSync(MAPPING, 'utf8') });
  cpSync(EXPORTS, folder, { recursive: true });
  return folder;
}

async function everything(): Promise<{ facts: Fact[]; rejects: string[] }> {
  const ctx = testCtx(example());
  const all = await Promise.all(Object.keys(loadMapping(MAPPING).files).map((stream) => pullAll(ctx, stream)));
  return {
    facts: all.flatMap((p) => p.facts),
    rejects: all.flatMap((p) => p.rejects.map((r) => `${r.where}: ${r.reason}`)),
  };
}

describe('the example mapping', () => {
  it('shows every kind of fact', () => {
    expect(new Set(Object.values(loadMapping(MAPPING).files).map((e) => e.kind))).toEqual(new Set(FACT_KINDS));
  });

  it('fits its exports: check finds every column, and none that is not used', async () => {
    const { items } = await files.check(testCtx(example()));
    expect(items.filter((i) => !i.ok)).toEqual([]);
    expect(items).toHaveLength(1 + Object.keys(loadMapping(MAPPING).files).length);
  });

  it('brings facts of every kind that are what they should be, and no bad row', async () => {
    const { facts, rejects } = await everything();
    expect(rejects).toEqual([]);
    for (const fact of facts) FACTS[fact.kind].data.parse(fact.data);
    expect(new Set(facts.map((f) => f.kind))).toEqual(new Set(FACT_KINDS));
  });

  it('reads each new kind as it stands', async () => {
    const { facts } = await everything();
    const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
    const of = (kind: FactKind) => facts.filter((f) => f.kind === kind).map((f) => [day(f.at), f.data]);
    const jo = { person: 'jo@acme.com' };
    expect(of('training')).toEqual([
      ['2026-05-01', { type: 'course', name: 'Basics', completed: true, ...jo }], // midnight in London is the day before in UTC
      ['2026-05-08', { type: 'certification', name: 'Administrator', completed: false, person: 'al@acme.com' }],
    ]);
    expect(of('community').map(([, data]) => data)).toEqual([
      { type: 'post', ...jo },
      { type: 'reply', ...jo },
    ]);
    expect(of('participation').map(([, data]) => data)).toMatchObject([
      { type: 'review', attended: true, outcome: 'Positive' },
      { type: 'webinar', attended: false, outcome: null },
    ]);
    expect(of('marketing')).toEqual(['sent', 'open', 'click'].map((type) => ['2026-11-02', { type, ...jo }]));
    expect(of('advocacy').map(([, data]) => data)).toEqual([{ type: 'case-study', ...jo }]);
    expect(of('resource').map(([, data]) => data)).toEqual([{ type: 'guide', name: 'Set up single sign-on', ...jo }]);
    expect(of('contact').map(([, data]) => data)).toMatchObject([
      { lastUsedOn: '2026-11-20', roleEndedOn: null },
      { lastUsedOn: '2026-06-01', roleEndedOn: '2026-11-02' },
    ]);
    expect(of('activity').map(([, data]) => data)).toMatchObject([
      { type: 'meeting', contactIds: ['C1', 'C2'], seniorities: ['executive', 'user'] },
      { type: 'call', contactIds: [], seniorities: ['user', 'user'] },
    ]);
  });

  it('knows a milestone as done only since that day', async () => {
    const { facts } = await everything();
    const versions = facts.flatMap((f) => (f.kind === 'milestone' ? [[f.id, f.at, f.data.doneOn]] : []));
    const at = (text: string): number => Date.parse(`${text}T00:00:00Z`);
    expect(versions).toEqual([
      ['M1', at('2026-02-01'), null],
      ['M1', at('2026-02-18'), '2026-02-18'],
      ['M2', at('2026-02-01'), null],
      ['M2', at('2026-03-15'), '2026-03-15'],
      ['M3', at('2026-02-01'), null],
    ]);
  });

  it('keeps one judgement an account, in versions', async () => {
    const { facts } = await everything();
    const pulse = facts.filter((f) => f.kind === 'pulse');
    expect(pulse.map((f) => [f.id, f.account])).toEqual([
      ['A-1', 'A-1'],
      ['A-1', 'A-1'],
    ]);
    expect(pulse.map((f) => f.data)).toMatchObject([
      { label: 'Green', value: 100, overrideBand: null },
      { label: 'At risk', value: 25, overrideBand: 'yellow', overrideUntil: '2027-01-14', context: 'migration' },
    ]);
  });
});

describe('a bad row of a new kind names its place', () => {
  const pull = async (body: string, content: string) => {
    const mapping = `version: 1\nfiles:\n  it: { file: it.csv, account: a, ${body} }\n`;
    const { facts, rejects } = await pullAll(testCtx(folderOf({ 'mapping.yaml': mapping, 'it.csv': content })), 'it');
    return { facts, rejects: rejects.map((r) => `${r.where}: ${r.reason}`) };
  };

  it.each([
    [
      'kind: community, observedAt: d, fields: { type: t }',
      'a,d,t\nA,2026-01-02,post\nA,2026-01-02,psot\n',
      'it.csv:3:3: column "t": found "psot"; expected one of post, reply, idea, other; declare other words in `map`',
    ],
    [
      'kind: advocacy, observedAt: d, fields: { type: t }',
      'a,d,t\nA,2026-01-02,\nA,2026-01-02,review\n',
      'it.csv:2:3: column "t": found nothing; expected one of reference, case-study, review, referral, other',
    ],
    [
      'kind: training, observedAt: d, fields: { type: { const: course }, completed: c }',
      'a,d,c\nA,2026-01-02,perhaps\nA,2026-01-02,yes\n',
      'it.csv:2:3: column "c": found "perhaps"; expected true or false; declare other words: { column, map: { Ja: true, Nein: false } }',
    ],
    [
      'kind: marketing, observedAt: d, fields: { type: t }',
      'a,d,t\nA,,open\nA,2026-01-02,open\n',
      'it.csv:2:2: column "d": found nothing; expected the date of the row',
    ],
    [
      'kind: milestone, id: i, fields: { doneOn: d }',
      'a,i,d\nA,1,31/12/2026\nA,2,2026-01-02\n',
      'it.csv:2:3: column "d": found "31/12/2026"; expected an ISO date like 2026-11-25; declare another form: { column, pattern: dd/MM/yyyy }',
    ],
    [
      'kind: pulse, fields: { value: v }',
      'a,v\nA,high\nB,5\n',
      'it.csv:2:2: column "v": found "high"; expected a number like 1234.56',
    ],
    [
      'kind: activity, observedAt: d, fields: { type: { const: call }, seniorities: { column: r, separator: ";" } }',
      'a,d,r\nA,2026-01-02,user; boss\nA,2026-01-02,user; executive\n',
      'it.csv:2:3: column "r": found "boss"; expected one of executive, manager, user, unknown; declare other words in `map`',
    ],
  ])('%s', async (body, content, reject) => {
    const { facts, rejects } = await pull(body, content);
    expect(rejects).toEqual([reject]);
    expect(facts).toHaveLength(1);
  });

  it('several values of a cell are parted where the mapping says so', async () => {
    const { facts } = await pull(
      'kind: activity, observedAt: d, fields: { type: { const: call }, contactIds: { column: w, separator: "|" }, seniorities: { column: [r, s] } }',
      'a,d,w,r,s\nA,2026-01-02,C1 | C2|,user,user\n',
    );
    expect(facts[0]?.data).toMatchObject({ contactIds: ['C1', 'C2'], seniorities: ['user', 'user'] });
  });

  it('ranks in other words are what the mapping says', async () => {
    const { facts } = await pull(
      'kind: activity, observedAt: d, fields: { type: { const: call }, seniorities: { column: r, separator: ";", map: { C-level: executive, VP: executive }, otherwise: unknown } }',
      'a,d,r\nA,2026-01-02,C-level;VP;Intern\n',
    );
    expect(facts[0]?.data).toMatchObject({ seniorities: ['executive', 'executive', 'unknown'] });
  });
});
