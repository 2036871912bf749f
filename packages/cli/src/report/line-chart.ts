import { invalidOption } from '@faceanim/tensor';
import { line } from 'd3-shape';
import sharp from 'sharp';
import { type Axis, numberAxis, wholeNumberAxis } from './axes';
import { svgText, textWidth } from './text';

type Point = readonly [x: number, y: number];

/** One line of a {@link lineChart}. */
export interface ChartSeries {
  /** Its name in the legend. */
  readonly label: string;
  /** In order of x. Points that are not finite (on a logarithmic axis: not above 0) are left out. */
  readonly points: readonly Point[];
}

/** Options of {@link lineChart}. Text that is too long is drawn smaller. */
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

/** Okabe and Ito's colours, which the colour-blind can tell apart, too; from the ninth line on they are dashed. */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000', '#999999'];
/** Nobody finds a line in a longer legend. */
const maxLegend = 12;
const margin = 16;
const swatch = 14;
const rowHeight = 22;
const tickStyle = { fill: '#666' };
/** From the middle of a line of text down to its baseline. */
const toBaseline = 4.5;

/**
 * Draws lines over whole numbers, e.g. losses over steps, as a PNG.
 *
 * @throws {FaceanimError} `invalid-option` when there is no point to draw.
 */
export async function lineChart(
  series: readonly ChartSeries[],
  options: LineChartOptions = {},
): Promise<Buffer> {
  return sharp(Buffer.from(drawChart(series, options).svg))
    .png()
    .toBuffer();
}

/** A drawn chart, and where its x values are. */
export interface DrawnChart {
  readonly svg: string;
  readonly x: Axis;
  readonly top: number;
  readonly bottom: number;
}

/** {@link lineChart} as SVG. */
export function drawChart(
  series: readonly ChartSeries[],
  { title = '', xLabel = '', yLabel = '', log = false, width = 960, height = 540 }: LineChartOptions = {},
): DrawnChart {
  const drawable = ([x, y]: Point) => Number.isFinite(x) && Number.isFinite(y) && (!log || y > 0);
  const lines = series.map(({ label, points }) => ({ label, points: points.filter(drawable) }));
  const points = lines.flatMap((each) => each.points);
  if (points.length === 0) throw invalidOption('series', series, 'lines with at least one point to draw');

  const [top, bottom] = [title ? 56 : margin, height - 56];
  const y = numberAxis(
    points.map(([, value]) => value),
    [bottom, top],
    log,
  );
  const legend = legendOf(lines, 0.35 * width);
  const left = margin + 28 + Math.max(...y.ticks.map(({ text }) => textWidth(text)));
  const right = width - margin - legend.width;
  const x = wholeNumberAxis(
    points.map(([at]) => at),
    [left, right],
  );

  const label = { size: 14, anchor: 'middle' } as const;
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...x.ticks.map(({ value, text }) => {
      const grid = `<path d="M${x(value)} ${bottom}V${top}" stroke="#eee"/>`;
      return grid + svgText(text, x(value), bottom + 20, { ...tickStyle, anchor: 'middle' });
    }),
    ...y.ticks.map(({ value, text }) => {
      const grid = `<path d="M${left} ${y(value)}H${right}" stroke="${text === '' ? '#f4f4f4' : '#ddd'}"/>`;
      return grid + svgText(text, left - 8, y(value) + toBaseline, { ...tickStyle, anchor: 'end' });
    }),
    ...lines.map((each, i) => drawLine(each.points, i, x, y)),
    legend.draw(right + margin, top),
    svgText(title, left, 34, { size: 18, bold: true, maxWidth: width - left - margin }),
    svgText(xLabel, (left + right) / 2, height - margin + 2, { ...label, maxWidth: right - left }),
    svgText(yLabel, margin + 10, (top + bottom) / 2, { ...label, upwards: true, maxWidth: bottom - top }),
    '</svg>',
  ];
  return { svg: svg.join(''), x, top, bottom };
}

function drawLine(points: readonly Point[], i: number, x: Axis, y: Axis): string {
  if (points.length === 1) {
    const [at, value] = points[0]!;
    return `<circle cx="${x(at)}" cy="${y(value)}" r="3.5" fill="${colour(i)}"/>`;
  }
  const path = line<Point>()
    .x(([at]) => x(at))
    .y(([, value]) => y(value))
    .digits(1);
  return `<path d="${path(thin(points, x))}" ${stroke(i)} stroke-linejoin="round"/>`;
}

/** A column of names, for two lines or more; `width` includes the space at its left. */
function legendOf(lines: readonly ChartSeries[], maxWidth: number) {
  const labels = lines.length > 1 && lines.length <= maxLegend ? lines.map(({ label }) => label) : [];
  const indent = swatch + 8;
  return {
    width: Math.max(0, ...labels.map((label) => margin + indent + textWidth(label, { maxWidth }))),
    draw: (left: number, top: number): string =>
      labels
        .map((label, i) => {
          const middle = top + (i + 0.5) * rowHeight;
          const sample = `<path d="M${left} ${middle}h${swatch}" ${stroke(i)}/>`;
          return sample + svgText(label, left + indent, middle + toBaseline, { maxWidth });
        })
        .join(''),
  };
}

function colour(i: number): string {
  return colours[i % colours.length]!;
}

function stroke(i: number): string {
  const dashes = i < colours.length ? '' : ' stroke-dasharray="6 3"';
  return `fill="none" stroke="${colour(i)}" stroke-width="2"${dashes}`;
}

/** The lowest and the highest point of each column of pixels: no more can be seen, and 100,000 points take librsvg 15 s. */
function thin(points: readonly Point[], x: Axis): Point[] {
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
