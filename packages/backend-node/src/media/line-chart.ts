import { invalidOption } from '@faceanim/tensor';
import {
  aText,
  checkOptions,
  type OptionChecks,
  trueOrFalse,
  wholeNumberFrom,
} from '@faceanim/tensor/options';
import sharp from 'sharp';
import { fittingScale, svgText, textWidth } from './pixel-text';

/** One line of a {@link lineChart}. */
export interface ChartSeries {
  /** Its name in the legend. */
  readonly label: string;
  /** `[x, y]` in order of x; points that are not finite (on a logarithmic axis: not above 0) are left out. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Options of {@link lineChart}. Texts are in ASCII; those that are too long are drawn smaller. */
export interface LineChartOptions {
  title?: string;
  xLabel?: string;
  yLabel?: string;
  /** Logarithmic y axis. Default false. */
  log?: boolean;
  /** Width in pixels. Default 900. */
  width?: number;
  /** Height in pixels. Default 500. */
  height?: number;
}

const checks: OptionChecks<LineChartOptions> = {
  title: aText,
  xLabel: aText,
  yLabel: aText,
  log: trueOrFalse,
  width: wholeNumberFrom(1),
  height: wholeNumberFrom(1),
};

/** Okabe and Ito's colours, told apart by the colour-blind too. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000', '#999999'];
/** More lines than this get no legend. */
const maxLegend = 12;
const margin = { left: 90, right: 20, top: 44, bottom: 64 };

/** Maps values of one axis to pixels. */
interface Axis {
  at(value: number): number;
  ticks: readonly number[];
}

/**
 * Draws lines over common axes, e.g. losses over steps, as a PNG file in memory. Needs no system font.
 *
 * @throws FaceanimError `invalid-option` when no point can be drawn
 */
export async function lineChart(
  series: readonly ChartSeries[],
  options: LineChartOptions = {},
): Promise<Buffer> {
  checkOptions('lineChart', options, checks);
  const { title = '', xLabel = '', yLabel = '', log = false, width = 900, height = 500 } = options;
  const drawn = series.map(({ label, points }) => ({
    label,
    points: points.filter((point) => fits(point, log)),
  }));
  const all = drawn.flatMap(({ points }) => points);
  if (all.length === 0) throw invalidOption('series', series, 'lines with at least one finite point');

  const [right, bottom] = [width - margin.right, height - margin.bottom];
  const xs = linearAxis(
    all.map(([x]) => x),
    margin.left,
    right,
  );
  const ys = (log ? logAxis : linearAxis)(
    all.map(([, y]) => y),
    bottom,
    margin.top,
  );
  const legend = drawn.length > 1 && drawn.length <= maxLegend ? drawn.map(({ label }) => label) : [];
  const parts = [
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...xs.ticks.map((x) => tick(xs.at(x), bottom, xs.at(x), margin.top)),
    ...xs.ticks.map((x) => svgText(format(x), Math.round(xs.at(x)), bottom + 8, { anchor: 'middle' })),
    ...ys.ticks.map((y) => tick(margin.left, ys.at(y), right, ys.at(y))),
    ...ys.ticks.map((y) => svgText(format(y), margin.left - 8, Math.round(ys.at(y)) - 7, { anchor: 'end' })),
    ...drawn.map(({ points }, i) => line(points, xs, ys, colour(i))),
    ...legend.map((label, i) => {
      const scale = fittingScale(label, right - margin.left - 16, 2);
      const x = right - 8 - textWidth(label, scale);
      return svgText(label, x, margin.top + 8 + i * 20, { fill: colour(i), scale });
    }),
    svgText(title, width / 2, 12, { anchor: 'middle', scale: fittingScale(title, width - 16, 3) }),
    svgText(xLabel, (margin.left + right) / 2, height - 24, {
      anchor: 'middle',
      scale: fittingScale(xLabel, right - margin.left, 2),
    }),
    svgText(yLabel, 8, (margin.top + bottom) / 2, {
      anchor: 'middle',
      upwards: true,
      scale: fittingScale(yLabel, bottom - margin.top, 2),
    }),
  ];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${parts.join('')}</svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

function fits([x, y]: readonly [number, number], log: boolean): boolean {
  return Number.isFinite(x) && Number.isFinite(y) && (!log || y > 0);
}

function colour(i: number): string {
  return colours[i % colours.length]!;
}

function tick(x1: number, y1: number, x2: number, y2: number): string {
  return `<path d="M${x1} ${y1}L${x2} ${y2}" stroke="#ddd"/>`;
}

function line(points: ChartSeries['points'], xs: Axis, ys: Axis, stroke: string): string {
  if (points.length === 1) {
    const [x, y] = points[0]!;
    return `<circle cx="${xs.at(x)}" cy="${ys.at(y)}" r="3" fill="${stroke}"/>`;
  }
  const path = points.map(([x, y]) => `${xs.at(x).toFixed(1)},${ys.at(y).toFixed(1)}`).join(' ');
  return `<polyline points="${path}" fill="none" stroke="${stroke}" stroke-width="2" stroke-linejoin="round"/>`;
}

/** An axis from `from` to `to` pixels with about five ticks at 1, 2 or 5 times a power of ten. */
function linearAxis(values: readonly number[], from: number, to: number): Axis {
  let [low, high] = extent(values);
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999)!;
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step - 1e-6); i * step <= high + step * 1e-6; i++) ticks.push(i * step);
  return { at: (value) => from + ((value - low) / (high - low)) * (to - from), ticks };
}

/** A logarithmic axis with ticks at powers of ten; it is widened until there are two. */
function logAxis(values: readonly number[], from: number, to: number): Axis {
  let [low, high] = extent(values.map(Math.log10));
  if (Math.floor(high) <= Math.ceil(low)) [low, high] = [Math.floor(low), Math.floor(high) + 1];
  const powers = Array.from({ length: Math.floor(high) - Math.ceil(low) + 1 }, (_, i) => Math.ceil(low) + i);
  return {
    at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
    ticks: powers.map((power) => 10 ** power),
  };
}

function extent(values: readonly number[]): [low: number, high: number] {
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}

/** Up to four digits, without the noise of binary fractions. */
function format(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(0);
  return String(Number(value.toPrecision(4)));
}
