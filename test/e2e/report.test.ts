import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { folder } from '../cli/support.ts';
import { cli } from './harness.ts';

const ROOT = join(import.meta.dirname, '../..');
const NOW = ['--now', '2026-11-02T07:00:00Z'];
const MAPPING = `
version: 1
defaults: { currency: USD }
files:
  accounts:
    file: accounts.csv
    kind: account
    account: id
    observedAt: since
    fields: { name: name, seats: seats }
    attributes: [churned]
`;
const MODEL = `
name: seats
version: 3
bands:
  - { key: green, from: 70 }
  - { key: red, from: 0 }
floor: 0.4
dimensions:
  - key: size
    label: Size
    weight: 100
    signals:
      - key: seats
        label: Seats
        unit: seats
        weight: 100
        tag: lagging
        direction: higher is better
        from: { kind: account, metric: seats }
        aggregation: latest
        curve: { linear: [[0, 0], [100, 100]] }
        text: '{value} seats'
`;
const EVIL = `<script>alert('x')</script> & "Söhne" שלום`;

describe('backtest --report', () => {
  let dir: string;
  let run: string[];
  beforeEach(() => {
    dir = folder();
    const from = join(dir, 'exports');
    mkdirSync(from);
    const rows = Array.from({ length: 600 }, (_, i) => {
      const [name, seats] = [`${EVIL} ${i} ${'long '.repeat(300)}`, 20 + ((i * 7) % 80)];
      return `A${i},"${name.replaceAll('"', '""')}",${seats},2026-01-01,${(i * 31) % 100 > seats - 10 ? 'yes' : 'no'}`;
    });
    writeFileSync(join(from, 'accounts.csv'), ['id,name,seats,since,churned', ...rows, ''].join('\n'));
    writeFileSync(join(from, 'mapping.yaml'), MAPPING);
    writeFileSync(join(dir, 'model.yaml'), MODEL);
    run = [
      'backtest',
      '--from',
      from,
      '--model',
      join(dir, 'model.yaml'),
      '--outcome',
      'churned',
      '--resamples',
      '100',
      ...NOW,
    ];
  });

  it('writes one file and names it; the same data give the same bytes', async () => {
    const [first, again] = [join(dir, 'first.html'), join(dir, 'again.HTM')];
    const { code, json, out } = await cli([...run, '--report', first, '--json']);
    expect({ code, report: json.report }).toEqual({ code: 0, report: first });
    expect(out).not.toContain('Wrote');
    const told = await cli([...run, '--report', again]);
    expect(told.out).toContain(`Wrote the report to ${again}.`);
    const page = readFileSync(first, 'utf8');
    expect(readFileSync(again, 'utf8')).toBe(page);
    expect(readdirSync(dir).filter((name) => name.endsWith('.partial'))).toEqual([]);
    // The figures of the page are those of the machine's answer.
    const [worst] = json.bands.slice(-1);
    const texts = [
      `<strong>${Math.round(worst.rate * 100)} %</strong>`,
      `${json.lost} of 600 observations`,
      'Made on 2 Nov 2026',
      'left by the end of the data',
      '&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;Söhne&quot; שלום ',
    ];
    expect(texts.filter((text) => !page.includes(text))).toEqual([]);
    expect(page.includes('<script')).toBe(false);
  });

  it('says in the page that some of the data could not be read', async () => {
    const from = join(dir, 'exports');
    const tickets =
      '  tickets:\n    file: tickets.csv\n    kind: ticket\n    account: account\n    id: id\n    fields: { openedAt: opened }\n';
    writeFileSync(join(from, 'mapping.yaml'), MAPPING + tickets);
    writeFileSync(join(from, 'tickets.csv'), 'id,account,opened\n1,A1,"2026-02-01\n');
    const file = join(dir, 'partial-data.html');
    const { code, json } = await cli([...run, '--report', file, '--json']);
    expect({ code: code !== 0, ok: json.ok }).toEqual({ code: true, ok: false });
    expect(readFileSync(file, 'utf8')).toContain('<li>Not all data could be read: ');
  });

  it.each([
    ['report.pdf', /--report .*report\.pdf: expected a name that ends in \.html/],
    ['nowhere/report.html', /--report .*: there is no folder .*nowhere/],
  ])('refuses %s before anything is scored', async (name, says) => {
    const { code, err, out } = await cli([...run, '--report', join(dir, name)]);
    expect(code).toBe(2);
    expect(err).toMatch(says);
    expect(err + out).not.toContain('read outcomes');
  });

  it('leaves an earlier report alone where the run fails', async () => {
    const file = join(dir, 'report.html');
    writeFileSync(file, 'earlier');
    const { code } = await cli([...run, '--report', file, '--outcome', 'churnedd']);
    expect(code).toBe(2);
    expect(readFileSync(file, 'utf8')).toBe('earlier');
    expect(existsSync(`${file}.partial`)).toBe(false);
  });

  it('tells all of a long answer to a reader that takes its time', () => {
    const words = [process.execPath, join(ROOT, 'src/bin.js'), ...run, '--json'].map((word) => `'${word}'`).join(' ');
    const { stdout } = spawnSync('sh', ['-c', `${words} 2>/dev/null | (sleep 3; cat)`], { encoding: 'utf8', cwd: dir });
    const last = stdout.trimEnd().split('\n').at(-1) ?? '';
    expect(last.length).toBeGreaterThan(65_536); // more than a pipe holds
    expect(JSON.parse(last)).toMatchObject({ ok: true, observations: 600 });
  });
});
