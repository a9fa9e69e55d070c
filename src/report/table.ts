import { type Html, html, type Part } from './html.ts';

export interface Column<T> {
  head: Part;
  /** Stands before the cell where rows are stacked on a narrow screen; null = nothing needs to. */
  label?: string;
  /** `name`, `figure` (right-aligned), `wide` (takes what room there is), `date` (never broken), `text`. */
  kind: 'name' | 'figure' | 'wide' | 'date' | 'text';
  cell: (row: T, at: number) => Part;
}

/** A table for eyes and for screen readers; roles are said, since stacked rows would lose them. The first column names the row. */
export function table<T>(
  caption: string,
  columns: readonly Column<T>[],
  rows: readonly T[],
  /** `stacked`: a row is a block on a narrow screen; `long`: names need room. */
  look: 'rows' | 'stacked' | 'rows long' = 'rows',
): Html {
  const cell = (row: T, at: number, column: Column<T>, i: number): Html => {
    const label = column.label === undefined ? '' : html` data-label="${column.label}"`;
    return i === 0
      ? html`<th scope="row" role="rowheader" class="${column.kind}">${column.cell(row, at)}</th>`
      : html`<td role="cell" class="${column.kind}"${label}>${column.cell(row, at)}</td>`;
  };
  return html`<table role="table" class="${look}"><caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${columns.map((c) => html`<th scope="col" role="columnheader" class="${c.kind}">${c.head}</th>`)}</tr></thead>
<tbody role="rowgroup">${rows.map((row, at) => html`<tr role="row">${columns.map((c, i) => cell(row, at, c, i))}</tr>\n`)}</tbody></table>`;
}

/** Figures of a drawing, for who wants them, or cannot see it. */
export const figures = (content: Html): Html =>
  html`<details class="figures"><summary>The figures</summary>${content}</details>`;

/** For who hears the page: a word where eyes need none. */
export const heard = (text: string): Html => html`<span class="heard">${text}</span>`;

/** Why there is no chart, or no figure: never an empty axis. */
export const cannotTell = (reason: string): Html => html`<p class="cannot">${reason}</p>`;

export const chart = (drawing: Html, below: Part = null): Html =>
  html`<figure class="chart">${drawing}${below}</figure>`;

export function section(id: string, title: string, intro: string, body: Part): Html {
  return html`<section id="${id}" aria-labelledby="${id}-head"><h2 id="${id}-head">${title}</h2><p class="intro">${intro}</p>${body}</section>\n`;
}
