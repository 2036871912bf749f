import { expect, it } from 'vitest';
import {
  defaultInterpolation,
  latentTime,
  moments,
  outputFps,
  timesOf,
  videoRate,
} from '../../src/animate/timing';

const steady = { count: 3, fps: 10 };
const irregular = { count: 4, fps: 3 / 0.9, times: [0, 0.1, 0.5, 0.9] };
const drawn = (...args: Parameters<typeof moments>) => [...moments(...args)];
const rounded = (times: Iterable<number>) => [...times].map((time) => Number(time.toFixed(6)));

it('sub-frames divide the time between two latents evenly', () => {
  expect(rounded(timesOf(moments(steady, {})))).toEqual([0, 0.05, 0.1, 0.15, 0.2]);
  expect(rounded(timesOf(moments(irregular, { subframes: 2 })))).toEqual([0, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9]);
  expect(videoRate(steady, { subframes: 3 })).toEqual({ fps: 30 });
  expect(videoRate(irregular, { subframes: 1 })).toEqual({ times: irregular.times });
});

it('a given rate has its own ticks, and latents between them are drawn only to be measured', () => {
  const all = drawn(irregular, { fps: 4 });
  expect(rounded(timesOf(all.filter(({ shown }) => shown)))).toEqual([0, 0.25, 0.5, 0.75]);
  expect(rounded(timesOf(all))).toEqual([0, 0.1, 0.25, 0.5, 0.75, 0.9]);
  expect(videoRate(irregular, { fps: 4 })).toEqual({ fps: 4 });
  expect(outputFps(irregular, { fps: 4 })).toBe(4);
});

it('draws at the very times of latents, also where ticks have rounding errors, and without end if none is known', () => {
  const clock = { count: undefined, fps: 30000 / 1001 };
  for (const rate of [{ subframes: 3 }, { fps: 60000 / 1001 }, { fps: 25 }]) {
    const times = new Set<number>();
    for (const { time } of moments(clock, rate)) if (times.add(time).size === 1000) break;
    for (let k = 0; k < 300; k++) expect(times.has(latentTime(clock, k))).toBe(true);
  }
  const [twice] = [drawn({ ...clock, count: 100 }, { fps: 60000 / 1001 })];
  expect(twice).toHaveLength(199);
  expect(twice!.every(({ shown }) => shown)).toBe(true);
});

it('steadies latents of neighbouring video frames, not those that are far apart or of an unknown rate', () => {
  expect([24000 / 1001, 25, 60].map(defaultInterpolation)).toEqual(['b-spline', 'b-spline', 'b-spline']);
  expect([12.5, 15, undefined].map(defaultInterpolation)).toEqual(['linear', 'linear', 'linear']);
});
