import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ProgressEvent } from '../../src';
import { progressClock } from '../../src/sequence/progress-clock';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Runs frames of 2, 1 and 1 steps, each of so many seconds, and returns the reported events. */
function told(seconds: readonly number[], options: { compiles: boolean; frames?: number }): ProgressEvent[] {
  const events: ProgressEvent[] = [];
  const clock = progressClock({
    steps: { look: 0, first: 2, next: 1 },
    onProgress: (e) => events.push(e),
    ...options,
  });
  let taken = 0;
  for (const [first, steps] of [2, 1, 1].entries()) {
    clock.begin({ first, count: 1, frame: first }, steps);
    for (let step = 0; step < steps; step++) {
      vi.advanceTimersByTime(1000 * seconds[taken++]!);
      clock.step({ first, count: 1, frame: first }, step, steps, { total: 1 });
    }
  }
  return events;
}

const paces = (events: ProgressEvent[]) =>
  events.filter(({ step }) => step !== undefined).map(({ msPerStep }) => msPerStep);
const etas = (events: ProgressEvent[]) =>
  events.filter(({ step }) => step !== undefined).map(({ etaSeconds }) => etaSeconds);

it('estimates from the first step on, if it compiles nothing', () => {
  expect(etas(told([20, 20, 20, 20], { compiles: false, frames: 3 }))).toEqual([60, 40, 20, 0]);
});

it('ignores the time of a first step that compiles', () => {
  expect(etas(told([90, 2, 2, 2], { compiles: true, frames: 3 }))).toEqual([undefined, 4, 2, 0]);
});

it('estimates nothing without a number of frames, and never below 0 for a driver with more frames', () => {
  expect(etas(told([1, 1, 1, 1], { compiles: false }))).toEqual([undefined, undefined, undefined, undefined]);
  const events = told([1, 1, 1, 1], { compiles: false, frames: 2 });
  expect(etas(events)).toEqual([2, 1, 0, 0]);
  expect(events.at(-1)!.fraction).toBe(1);
});

it('counts the first frame of every shot, and frames that were resumed', () => {
  const fractions: (number | undefined)[] = [];
  const clock = progressClock({
    ...{ frames: 3, shots: 2, steps: { look: 0, first: 4, next: 1 }, compiles: false },
    onProgress: ({ fraction }) => fractions.push(fraction),
  });
  const window = (first: number) => ({ first, count: 1, frame: first });
  clock.skip(window(0), 4);
  clock.begin(window(1), 1);
  clock.step(window(1), 0, 1, { total: 1 });
  clock.begin(window(2), 4);
  clock.step(window(2), 1, 4, { total: 1 });
  expect(fractions).toEqual([4, 4, 5, 5, 7].map((steps) => steps / 9));
});

it('reports the mean time per step, without a first one that compiles', () => {
  expect(paces(told([2, 4, 6, 4], { compiles: false }))).toEqual([2000, 3000, 4000, 4000]);
  expect(paces(told([90, 4, 6, 2], { compiles: true }))).toEqual([undefined, 4000, 5000, 4000]);
});

it('counts steps whose losses were not read, but no time between frames', () => {
  const events: ProgressEvent[] = [];
  const clock = progressClock({
    steps: { look: 0, first: 4, next: 1 },
    compiles: true,
    onProgress: (e) => events.push(e),
  });
  const [first, second] = [0, 1].map((frame) => ({ first: frame, count: 1, frame }));
  clock.begin(first!, 4);
  vi.advanceTimersByTime(90_000);
  clock.step(first!, 0, 4, { total: 1 });
  vi.advanceTimersByTime(3000);
  clock.step(first!, 3, 4, { total: 1 });
  vi.advanceTimersByTime(60_000);
  clock.begin(second!, 1);
  vi.advanceTimersByTime(1000);
  clock.step(second!, 0, 1, { total: 1 });
  expect(events.map(({ msPerStep }) => msPerStep)).toEqual([undefined, undefined, 1000, 1000, 1000]);
});
