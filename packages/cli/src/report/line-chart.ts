import { invalidOption } from '@faceanim/tensor';
import { scaleLinear, scaleLog } from 'd3-scale';
import { line } from 'd3-shape';
import sharp from 'sharp';
import { svgText, textWidth } from './text';

type Point = readonly [x: number, y: number];

/** One line of a {@link lineChart}. */
export interface ChartSeries {
  /** Its name in the legend. */
  readonly label: string;
  /** In order of x. Points that are not finite (on a logarithmic axis: not above 0) are left out. */
  readonly points: readonly Point[];
}

/** Options of {@link lineChart}. Text that has no room is drawn smaller. */
export interface LineChartOptions {
  title?: string;
  xLabel?: string;
  yLabel?: string;
  /** Logarithmic y axis. Default false. */
  log?: boolean;
  /** Width in pixels. Default 960. */
  width?: number;
  /** Height in pixels. Default 540. */
  height?: number;
}

/** Okabe and Ito's colours, which the colour-blind can tell apart too; from the ninth line on they are dashed. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000', '#999999'];
/** Nobody finds a line in a longer legend. */
const maxLegend = 12;
const margin = 16;
const swatch = 22;
const rowHeight = 22;
const quiet = '#666';

/**
 * Draws lines over whole numbers, e.g. losses over steps, as a PNG.
 *
 * @throws {FaceanimError} `invalid-option` when there is no point to draw.
 */
export async function lineChart(
  series: readonly ChartSeries[],
  { title = '', xLabel = '', yLabel = '', log = false, width = 960, height = 540 }: LineChartOptions = {},
): Promise<Buffer> {
  const drawable = ([x, y]: Point) => Number.isFinite(x) && Number.isFinite(y) && (!log || y > 0);
  const lines = series.map(({ label, points }) => ({ label, points: points.filter(drawable) }));
  if (lines.every(({ points }) => points.length === 0)) {
    throw invalidOption('series', series, 'lines with at least one point to draw');
  }
  const xs = lines.flatMap(({ points }) => points.map(([x]) => x));
  const ys = lines.flatMap(({ points }) => points.map(([, y]) => y));
  const x = scaleLinear().domain(extent(xs, false));
  const y = (log ? scaleLog() : scaleLinear()).domain(extent(ys, log));

  const legend = lines.length > 1 && lines.length <= maxLegend ? lines.map(({ label }) => label) : [];
  const legendText = { maxWidth: 0.35 * width };
  const legendWidth = Math.max(0, ...legend.map((label) => swatch + textWidth(label, legendText) + margin));
  const [top, bottom] = [title ? 56 : margin, height - 56];

  const count = height / 50;
  const yText = log ? y.tickFormat(count, '~g') : y.tickFormat(count);
  const yTicks = y.ticks(count).map((value) => ({ value, text: yText(value) }));
  const left = margin + 28 + Math.max(...yTicks.map(({ text }) => textWidth(text)));
  const right = width - margin - legendWidth;
  x.range([left, right]);
  y.range([bottom, top]);
  const xTicks = x.ticks((right - left) / 100).filter(Number.isInteger);
  const xText = x.tickFormat(0, ',d');

  const path = line<Point>()
    .x(([at]) => x(at))
    .y(([, value]) => y(value))
    .digits(1);
  const parts = [
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...xTicks.map((value) => ruler([x(value), bottom], [x(value), top], '#eee')),
    // On a logarithmic axis most ticks have no text.
    ...yTicks.map(({ value, text }) =>
      ruler([left, y(value)], [right, y(value)], text === '' ? '#f4f4f4' : '#ddd'),
    ),
    ...xTicks.map((value) => svgText(xText(value), x(value), bottom + 20, { anchor: 'middle', fill: quiet })),
    ...yTicks.map(({ value, text }) =>
      svgText(text, left - 8, y(value) + 4.5, { anchor: 'end', fill: quiet }),
    ),
    ...lines.map(({ points }, i) =>
      points.length === 1
        ? `<circle cx="${x(points[0]![0])}" cy="${y(points[0]![1])}" r="3.5" fill="${colour(i)}"/>`
        : `<path d="${path(thin(points, x))}" ${stroke(i)} stroke-linejoin="round"/>`,
    ),
    ...legend.map((label, i) => {
      const [at, middle] = [right + margin, top + (i + 0.5) * rowHeight];
      const sample = `<path d="M${at} ${middle}h${swatch - 8}" ${stroke(i)}/>`;
      return sample + svgText(label, at + swatch, middle + 4.5, legendText);
    }),
    svgText(title, left, 34, { size: 18, bold: true, maxWidth: width - left - margin }),
    svgText(xLabel, (left + right) / 2, height - margin + 2, {
      size: 14,
      anchor: 'middle',
      maxWidth: right - left,
    }),
    svgText(yLabel, margin + 10, (top + bottom) / 2, {
      size: 14,
      anchor: 'middle',
      upwards: true,
      maxWidth: bottom - top,
    }),
  ];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${parts.join('')}</svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

function colour(i: number): string {
  return colours[i % colours.length]!;
}

function stroke(i: number): string {
  const dashes = i < colours.length ? '' : ' stroke-dasharray="6 3"';
  return `fill="none" stroke="${colour(i)}" stroke-width="2"${dashes}`;
}

function ruler([x1, y1]: Point, [x2, y2]: Point, shade: string): string {
  return `<path d="M${x1} ${y1}L${x2} ${y2}" stroke="${shade}"/>`;
}

/** The least and the greatest value, or values around them where they are one. */
function extent(values: readonly number[], log: boolean): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low < high) return [low, high];
  return log ? [low / 2, high * 2] : [low - 0.5, high + 0.5];
}

/** The lowest and the highest point of each column of pixels: more is not seen, and 100,000 points take librsvg 15 s. */
function thin(points: readonly Point[], x: (value: number) => number): Point[] {
  const columns = new Map<number, [low: Point, high: Point]>();
  for (const point of points) {
    const column = Math.round(x(point[0]));
    const [low, high] = columns.get(column) ?? [point, point];
    columns.set(column, [point[1] < low[1] ? point : low, point[1] > high[1] ? point : high]);
  }
  return [...columns.values()].flatMap(([low, high]) => {
    if (low === high) return [low];
    return low[0] < high[0] ? [low, high] : [high, low];
  });
}
