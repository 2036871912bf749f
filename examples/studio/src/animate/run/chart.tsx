import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { isDark } from '../../app/theme';

/** A curve. All of a chart have the same `x`. */
export interface Series {
  readonly label: string;
  /** Name of a colour of the page, without the dashes. */
  readonly colour: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

interface ChartProps {
  readonly title: string;
  readonly caption: string;
  readonly series: readonly Series[];
  /** First and last frame of the run. */
  readonly range: readonly [number, number];
}

const height = 168;

/** The distances between ticks to choose from: there are no half frames. */
const wholeFrames = [1, 10, 100, 1000, 10_000].flatMap((ten) => [ten, 2 * ten, 5 * ten]);

/** Curves over the frames of a run. */
export function Chart({ title, caption, series, range }: ChartProps) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const names = series.map(({ label }) => label).join();
  const dark = isDark();
  const last = range[1];

  useEffect(() => {
    const { current: element } = holder;
    if (!element || series.length === 0) return;
    const colour = (name: string) => resolved(element, `var(--${name})`);
    const axis: uPlot.Axis = {
      stroke: colour('muted'),
      font: `11px ${getComputedStyle(element).fontFamily}`,
      grid: { stroke: colour('line'), width: 1 },
      ticks: { show: false },
    };
    const made = new uPlot(
      {
        ...{ width: element.clientWidth, height },
        legend: { show: false },
        cursor: { show: false },
        padding: [8, 8, 0, 0],
        scales: { x: { time: false, range: [range[0], last] }, y: { range: fromZero } },
        axes: [
          { ...axis, size: 28, grid: { show: false }, incrs: wholeFrames },
          { ...axis, size: 44 },
        ],
        series: [
          {},
          ...series.map((each) => ({
            label: each.label,
            stroke: colour(each.colour),
            width: 1.75,
            points: { show: false },
          })),
        ],
      },
      dataOf(series),
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [names, dark, last]);

  useEffect(() => {
    plot.current?.setData(dataOf(series));
  }, [series]);

  return (
    <figure class="card chart">
      <figcaption>
        <h3>{title}</h3>
        <span class="hint">{caption}</span>
      </figcaption>
      <div ref={holder} class="chart-plot" role="img" aria-label={summary(title, series)} />
      <ul class="legend">
        {series.map(({ label, colour }) => (
          <li key={label}>
            <span style={{ background: `var(--${colour})` }} />
            {label}
          </li>
        ))}
      </ul>
    </figure>
  );
}

/** Curves that hardly change should not look as if they did. */
function fromZero(_: uPlot, least: number | null, most: number | null): [number, number] {
  return [Math.min(0, least ?? 0), 1.1 * Math.max(most ?? 1, 1e-3)];
}

function dataOf(series: readonly Series[]): uPlot.AlignedData {
  return [series[0]?.x ?? [], ...series.map(({ y }) => y)] as uPlot.AlignedData;
}

/** A canvas takes no variables, and no colours that depend on the scheme. */
function resolved(element: HTMLElement, colour: string): string {
  element.style.color = colour;
  const { color } = getComputedStyle(element);
  element.style.color = '';
  return color;
}

/** The curves in words, for screen readers. */
function summary(title: string, series: readonly Series[]): string {
  const last = series.map(({ label, y }) => `${label} ${y.at(-1)?.toFixed(2) ?? 'unknown'}`);
  return `${title}. Latest values: ${last.join(', ')}.`;
}
