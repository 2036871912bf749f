import { basename } from 'node:path';
import type { RgbImage } from '@faceanim/core';
import { type Content, html } from '../report/html';
import type { ObjectiveHistory } from '../report/loss-curve';
import { followed, meanOfKnown } from '../report/motion';
import { charts, page, section } from '../report/page';
import type { SheetFrame } from '../report/sheet-frames';
import { counted } from '../terminal/counted';
import { formatSeconds } from '../terminal/durations';
import type { AnimateReport } from './report';
import { courseCharts, curveNames, inEyes, likeness, lossCharts, motionCharts } from './report-charts';
import { animationIn, framesOf, link, picture } from './report-pictures';
import { numbersTable, settingsTable } from './report-tables';

/** What a page shows beside the numbers of the report. */
interface Shown {
  readonly sheet: readonly SheetFrame[];
  readonly look: RgbImage | undefined;
  readonly histories: readonly ObjectiveHistory[];
  /** Where the page and its numbers will be. */
  readonly page: string;
  readonly numbers: string;
  /** Whether its pictures say that a model made them (yes). */
  readonly aiTag?: boolean;
}

/** The page of `--report`. */
export async function reportPage(
  report: AnimateReport,
  { sheet, look, histories, page: path, numbers, aiTag }: Shown,
): Promise<string> {
  const { driverFrames, outputFrames, fps, seconds, backend, stepsTaken } = report;
  const name = basename(report.out);
  return page(`${name}, faceanim`, [
    html`<header><h1>${name}</h1>
<p class="soft">${counted(driverFrames, 'driver frame')}, ${counted(outputFrames, 'output frame')} at ${Number(fps.toFixed(2))} per second, ${counted(stepsTaken, 'step')} in ${formatSeconds(seconds)} on ${backend}</p></header>`,
    notes(report),
    html`<dl class="figures">${keyFigures(report)}</dl>`,
    html`<div class="stage">${[
      look &&
        html`<figure><figcaption>Look</figcaption><img src="${await picture(look, { size: 512 })}" alt="The look: the face that is animated"></figure>`,
      html`<figure><figcaption>Animation</figcaption>${await animationIn(report, path)}</figure>`,
    ]}</div>`,
    section(
      'Frames',
      html`<p class="soft">Driver, its target on the result, and the result.</p>`,
      await framesOf(sheet, aiTag),
    ),
    report.motion &&
      section(
        'Motion',
        html`<p class="soft">Lengths are in distances between the outer corners of the eyes.${marks(report)}</p>`,
        charts('motion', motionCharts(report)),
      ),
    section('Likeness, steadiness and time', charts('course', courseCharts(report))),
    section('Losses', charts('losses', lossCharts(report, histories))),
    section('To repeat it', html`<pre><code>${report.command}</code></pre>`, settingsTable(report)),
    section('Numbers', numbersTable(report), numbersLink(path, numbers)),
  ]);
}

function notes({ warnings, failures }: AnimateReport): Content {
  const all = [...new Set([...warnings, ...failures])];
  return all.length > 0 && html`<ul class="warnings">${all.map((note) => html`<li>${note}</li>`)}</ul>`;
}

function keyFigures({ following, jitter, losses, frames, msPerStep }: AnimateReport): Content[] {
  const figure = (name: string, value: string, note: string) =>
    html`<div><dt>${name}</dt><dd>${value}</dd><dd>${note}</dd></div>\n`;
  const perFrame = meanOfKnown(frames.slice(1).map(({ seconds }) => seconds));
  return [
    followed.map((curve) => {
      const { correlation, slope, unknown } = following?.[curve] ?? {};
      if (correlation === undefined || slope === undefined)
        return (
          unknown && figure(curveNames[curve], '–', unknown === 'few frames' ? 'too few frames' : unknown)
        );
      return [
        figure(
          curveNames[curve],
          correlation.toFixed(3),
          `correlation with the target, slope ${slope.toFixed(2)}`,
        ),
      ];
    }),
    jitter?.result !== undefined &&
      figure('Jitter', inEyes(jitter.result), `eye distances; driver ${inEyes(jitter.driver)}`),
    ...['lpips', 'identity'].map(
      (term) =>
        losses[term] !== undefined &&
        figure(likeness[term]!, losses[term].toFixed(3), 'mean distance to the look'),
    ),
    perFrame !== undefined &&
      figure(
        'Time per frame',
        `${perFrame.toFixed(1)} s`,
        msPerStep === undefined ? 'after the first' : `${Math.round(msPerStep)} ms per step`,
      ),
  ];
}

function marks({ frames }: AnimateReport): string {
  const shots = new Set(frames.map(({ shot }) => shot)).size > 1;
  const held = frames.some(({ found }) => !found);
  return `${shots ? ' Vertical lines are cuts.' : ''}${held ? ' Shaded frames have no face.' : ''}`;
}

function numbersLink(page: string, numbers: string): Content {
  return html`<p>The same as JSON: <a href="${link(page, numbers)}">${basename(numbers)}</a></p>`;
}
