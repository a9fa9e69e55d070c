import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ReportInput } from '../../src/report/input.ts';
import { reportPage } from '../../src/report/page.ts';
import { startChromium } from '../chromium.ts';
import { calibrationOf, inputOf, oneDate, SAMPLE_DATES, sampleCases, sampleInput } from './support.ts';

/** The report as Chromium shows it, on a desktop, a phone and paper. Screenshots go to PULSEBACK_SHOTS, else to a folder that is removed. */

const LOOK = readFileSync(join(import.meta.dirname, 'look.js'), 'utf8');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const Axe = z.object({
  violations: z.array(z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string() })) })),
  passes: z.array(z.unknown()),
});
const Looked = z.object({
  scroll: z.number(),
  overflowing: z.array(z.string()),
  squeezed: z.array(z.string()),
  charts: z.array(
    z.object({
      id: z.string(),
      width: z.number(),
      height: z.number(),
      marks: z.number(),
      smallest: z.number(),
      overlapping: z.array(z.string()),
      outside: z.array(z.string()),
    }),
  ),
  small: z.object({ count: z.number(), narrowest: z.number(), lowest: z.number() }),
  tallest: z.number(),
  folded: z.number(),
  background: z.string(),
});

const NAMES = [
  `<script>document.title = 'broken'</script>`,
  'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft',
  'شركة الاتصالات المتحدة 🚀🚀',
  'W'.repeat(255),
  '"Quotes" & \'Sons\' <img src=x onerror=alert(1)>',
  '株式会社とても長い名前の会社ですがこれでもまだ終わりません',
];
const whole = (): ReportInput => {
  const flags = ['champion-left', 'renewal-near-without-conversation'];
  const input = inputOf({ cases: sampleCases(), dates: SAMPLE_DATES, flags });
  for (const [i, row] of input.result.falseGreens.rows.entries()) row.name = NAMES[i % NAMES.length] ?? '';
  return { ...input, calibration: calibrationOf(input) };
};
const REPORTS: [name: string, input: () => ReportInput, charts: string[]][] = [
  [
    'whole',
    whole,
    ['chart-calibration-before', 'chart-calibration-after', 'chart-distribution', 'chart-calibration', 'chart-lead'],
  ],
  [
    'one-date',
    () => inputOf({ cases: sampleCases(80).filter((c) => c.date === 0) }),
    ['chart-distribution', 'chart-calibration', 'chart-lead'],
  ],
  ['one-class', () => inputOf({ cases: oneDate(new Array<'kept'>(60).fill('kept')) }), ['chart-distribution']],
  ['nothing', () => inputOf({ cases: [] }), []],
];
const DESKTOP = { viewport: { width: 1280, height: 900 } };
const PHONE = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
/** A4 less its margins, at 96 dots an inch. */
const PAPER = { viewport: { width: 703, height: 1016 } };

describe('the report in Chromium', () => {
  let browser: Browser;
  let dir: string;
  const kept = process.env.PULSEBACK_SHOTS;

  beforeAll(async () => {
    dir = kept ?? mkdtempSync(join(tmpdir(), 'pulseback-report-'));
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    if (kept === undefined) rmSync(dir, { recursive: true, force: true });
  });

  /** Opens a report as a file; fails on any word of the console and on any call but for the file itself. */
  async function opened(
    name: string,
    input: ReportInput,
    options: BrowserContextOptions,
    use: (page: Page) => Promise<void>,
  ) {
    const file = join(dir, `${name}.html`);
    writeFileSync(file, reportPage(input));
    const context = await browser.newContext(options);
    const [said, asked]: string[][] = [[], []];
    try {
      const page = await context.newPage();
      page.on('console', (message) => said?.push(message.text()));
      page.on('pageerror', (error) => said?.push(error.message));
      page.on('request', (request) => asked?.push(request.url()));
      await page.goto(pathToFileURL(file).href);
      await use(page);
      expect(said).toEqual([]);
      expect(asked?.filter((url) => !url.startsWith('data:'))).toEqual([pathToFileURL(file).href]);
    } finally {
      await context.close();
    }
  }
  const looked = async (page: Page) => Looked.parse(await page.evaluate(LOOK));

  function readsWell(found: z.infer<typeof Looked>, charts: string[], smallest: number): void {
    expect(found.scroll).toBeLessThanOrEqual(0);
    expect(found.overflowing).toEqual([]);
    expect(found.squeezed).toEqual([]);
    expect(found.charts.map((c) => c.id)).toEqual(charts);
    for (const chart of found.charts) {
      expect(chart.width).toBeGreaterThan(250);
      expect(chart.height).toBeGreaterThan(150);
      expect(chart.marks).toBeGreaterThan(0);
      expect(chart.overlapping).toEqual([]);
      expect(chart.outside).toEqual([]);
      expect(chart.smallest).toBeGreaterThan(smallest);
    }
    if (charts.length === 0) return;
    expect(found.small.count).toBeGreaterThan(5);
    expect(found.small.narrowest).toBeGreaterThan(60);
    expect(found.small.lowest).toBeGreaterThan(15);
  }

  describe.each(REPORTS)('%s', (name, input, charts) => {
    it.each([
      ['desktop', DESKTOP, 11],
      ['phone', PHONE, 9.5],
    ] as const)('reads well on a %s: nothing cut, nothing over something else', async (device, options, smallest) => {
      await opened(`${name}-${device}`, input(), options, async (page) => {
        readsWell(await looked(page), charts, smallest);
        const shot = join(dir, `${name}-${device}.png`);
        await page.screenshot({ path: shot, fullPage: true });
        expect(statSync(shot).size).toBeGreaterThan(10_000);
        // With all that is folded laid open, too.
        await page.evaluate('document.querySelectorAll("details").forEach((d) => { d.open = true })');
        const open = await looked(page);
        expect(open.folded).toBe(0);
        readsWell(open, charts, smallest);
      });
    });

    it('prints: no chart or row is taller than a page, in colours for paper whatever the screen has', async () => {
      await opened(`${name}-print`, input(), { ...PAPER, colorScheme: 'dark' }, async (page) => {
        await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
        const found = await looked(page);
        readsWell(found, charts, 9);
        expect(found.tallest).toBeLessThan(PAPER.viewport.height);
        expect(found.background).toBe('rgb(255, 255, 255)');
        const pdf = await page.pdf({ path: join(dir, `${name}.pdf`), preferCSSPageSize: true });
        expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
      });
    });
  });

  it('is dark where the reader likes it so', async () => {
    await opened('dark', sampleInput(), { ...DESKTOP, colorScheme: 'dark' }, async (page) => {
      const { background } = await looked(page);
      expect(background).toBe('rgb(16, 20, 26)');
      await page.screenshot({ path: join(dir, 'dark.png'), fullPage: true });
    });
  });

  it('shows names as they are, and runs none of them', async () => {
    await opened('names', whole(), DESKTOP, async (page) => {
      expect(await page.title()).toBe('Calibration of five-dimension 1 – Pulseback');
      const shown = await page.locator('#greens bdi').allTextContents();
      for (const name of NAMES) expect(shown).toContain(name);
    });
  });

  it.each([
    ['light', DESKTOP],
    ['dark', PHONE],
  ] as const)('has nothing that axe speaks against, %s', async (colorScheme, options) => {
    await opened(`axe-${colorScheme}`, whole(), { ...options, colorScheme }, async (page) => {
      await page.evaluate(AXE);
      const { violations, passes } = Axe.parse(await page.evaluate('axe.run()'));
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join(' ')}`)).toEqual([]);
      expect(passes.length).toBeGreaterThan(20);
    });
  });

  it('tells who hears it what the charts show', async () => {
    await opened('heard', sampleInput(), DESKTOP, async (page) => {
      const charts = page.getByRole('img');
      expect(await charts.count()).toBe(3);
      await expect.poll(() => page.getByRole('img', { name: /Calibration: churn that was said/ }).count()).toBe(1);
      expect(await page.getByRole('table', { name: 'Churn by band', exact: true }).count()).toBe(1);
      expect(await page.getByRole('heading', { level: 1 }).allTextContents()).toHaveLength(1);
      expect(await page.getByRole('rowheader', { name: /^Green/ }).count()).toBe(1);
    });
  });
});
