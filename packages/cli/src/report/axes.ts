import { scaleLinear, scaleLog } from 'd3-scale';

/** A value on an axis, and what is written beside it; on a logarithmic axis most ticks have no text. */
export interface Tick {
  readonly value: number;
  readonly text: string;
}

/** Where the values of one axis lie, in pixels. */
export interface Axis {
  (value: number): number;
  readonly ticks: readonly Tick[];
}

/** An axis of whole numbers, from one pixel to another. */
export function wholeNumberAxis(values: readonly number[], [from, to]: readonly [number, number]): Axis {
  const scale = scaleLinear(extent(values, false), [from, to]);
  const ticks = scale.ticks(Math.abs(to - from) / 100).filter(Number.isInteger);
  const text = scale.tickFormat(0, ',d');
  return Object.assign((value: number) => scale(value), {
    ticks: ticks.map((value) => ({ value, text: text(value) })),
  });
}

/** An axis of any numbers, from one pixel to another; on a logarithmic one they are above 0. */
export function numberAxis(
  values: readonly number[],
  [from, to]: readonly [number, number],
  log: boolean,
): Axis {
  const scale = (log ? scaleLog() : scaleLinear()).domain(extent(values, log)).range([from, to]);
  const count = Math.abs(to - from) / 45;
  const text = log ? scale.tickFormat(count, '~g') : scale.tickFormat(count);
  return Object.assign((value: number) => scale(value), {
    ticks: scale.ticks(count).map((value) => ({ value, text: text(value) })),
  });
}

/** The least and the greatest value, or one below and one above if they are the same. */
function extent(values: readonly number[], log: boolean): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low < high) return [low, high];
  return log ? [low / 2, high * 2] : [low - 0.5, high + 0.5];
}
