import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html } from '../../src/report/html.ts';

describe('the template', () => {
  it('escapes whatever is not its own, in text and in attributes', () => {
    expect(html`<b title="${'"><script>'}">${"<i>'&"}</b>`.text).toBe(
      '<b title="&quot;&gt;&lt;script&gt;">&lt;i&gt;&#39;&amp;</b>',
    );
  });

  it('leaves templates inside as they are, joins lists, and shows nothing for null and false', () => {
    const items = ['a', '<'].map((item) => html`<li>${item}</li>`);
    expect(html`<ul>${items}${null}${false}${[html`<li>${1.005}</li>`, 'x']}</ul>`.text).toBe(
      '<ul><li>a</li><li>&lt;</li><li>1</li>x</ul>',
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %s', (value) => {
    expect(() => html`${value}`).toThrow(/must not stand in a page/);
  });

  it('takes out control characters and halves of characters, and keeps other scripts whole', () => {
    expect(html`${'a\u0000b\ud800c\u001b'}`.text).toBe('ab\ufffdc');
    expect(html`${'شركة 🚀 株式会社'}`.text).toBe('شركة 🚀 株式会社');
  });

  it('never lets a text open or close anything', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(html`${text}`.text.replace(/&(amp|lt|gt|quot|#39);/g, '')).not.toMatch(/[<>&"']/);
      }),
    );
  });
});
