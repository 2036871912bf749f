import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pageScript, pageStyle } from '../assets';
import { type Content, Html, html, jsonScript } from './html';

/** A line of a {@link Chart}. */
export interface Curve {
  readonly label: string;
  /** One for each `x` of the chart; `null` leaves a gap. */
  readonly values: readonly (number | null)[];
  /** Number of its colour in the style sheet; the first three are those of driver, target and result. */
  readonly colour: number;
}

/** A chart that the page's script draws. */
export interface Chart {
  readonly title: string;
  /** What it tells, in words. */
  readonly text: string;
  readonly x: readonly number[];
  readonly xLabel: string;
  readonly curves: readonly Curve[];
  readonly log?: boolean;
  /** Marks on the x axis: where shots begin, and frames without a face. */
  readonly cuts?: readonly number[];
  readonly held?: readonly number[];
}

/** A page that needs no other file and no network. */
export function page(title: string, body: Content): string {
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${content(require.resolve('uplot/dist/uPlot.min.css'))}${content(pageStyle)}</style>
<main>${body}</main>
<script>${content(require.resolve('uplot/dist/uPlot.iife.min.js'))}</script>
<script>${content(pageScript)}</script>
</html>
`.text;
}

/** Charts side by side where there is room. */
export function charts(id: string, all: readonly Chart[]): Html {
  return html`<div class="charts">${all.map(
    ({ title, text }, i) => html`<figure>
<figcaption><h3>${title}</h3><p id="${id}-${i}">${text}</p></figcaption>
<div class="chart" data-chart="${id}-data" data-index="${i}" role="img" aria-label="${title}" aria-describedby="${id}-${i}"></div>
</figure>`,
  )}</div>
${jsonScript(
  `${id}-data`,
  all.map(({ text, ...chart }) => shorter(chart)),
)}`;
}

/** A section of a page. */
export function section(title: string, ...content: readonly Content[]): Html {
  return html`<section><h2>${title}</h2>${content}</section>`;
}

/** A table with a header; numbers are aligned. */
export function table(
  caption: string,
  header: readonly string[],
  rows: readonly (readonly Content[])[],
): Html {
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${header.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cell}</td>`)}</tr>\n`)}</tbody>
</table></div>`;
}

/** Four digits are more than a chart can show. */
function shorter(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (_, each) =>
    typeof each === 'number' && !Number.isInteger(each) ? Number(each.toPrecision(4)) : each,
  );
}

const require = createRequire(import.meta.url);

const content = (file: string) => new Html(readFileSync(file, 'utf8'));
