import { expect, it } from 'vitest';
import type { Quad } from '../../src/images/quad';
import { oneEuroFilter } from '../../src/landmarks/one-euro';
import { smoothQuad } from '../../src/landmarks/smooth-quad';

const at = (x: number, y = 90): Quad => ({ center: [x, y], x: [60, 0], y: [0, 60] });
const noise = (i: number) => Math.sin(i * 2.3) + Math.sin(i * 1.7 + 1);
const xs = (quads: readonly Quad[]) => quads.map(({ center }) => center[0]);
const spread = (values: readonly number[]) => Math.max(...values) - Math.min(...values);

it('the One-Euro filter steadies a face at rest, and lags by one frame in motion', () => {
  const resting = oneEuroFilter({});
  const rest = Array.from({ length: 60 }, (_, i) => resting(i, at(100 + noise(i))).center[0]).slice(20);
  expect(spread(rest)).toBeLessThan(0.5 * spread(rest.map((_, i) => noise(i + 20))));
  const following = oneEuroFilter({});
  const moved = Array.from({ length: 60 }, (_, i) => following(i, at(100 + 3 * i)).center[0]);
  const lag = (100 + 3 * 59 - moved[59]!) / 3;
  expect(lag).toBeGreaterThan(0.1);
  expect(lag).toBeLessThan(1.1);
});

it('a skipped frame counts as time for the One-Euro filter', () => {
  const after = (step: number) => {
    const filter = oneEuroFilter({});
    filter(0, at(100));
    return filter(step, at(110)).center[0];
  };
  expect(after(1)).toBeLessThan(after(3));
});

it('smoothing over time leaves steady motion as it is, also at the ends and beside gaps', () => {
  const quads = [0, 1, 2, 3, 7, 8].map((index) => ({ index, quad: at(100 + 5 * index, 90 - 2 * index) }));
  for (const { index, quad } of quads) {
    const smooth = smoothQuad(quads, index, 1.5);
    expect(smooth.center[0]).toBeCloseTo(quad.center[0], 9);
    expect(smooth.center[1]).toBeCloseTo(quad.center[1], 9);
    expect(smooth.x).toEqual([expect.closeTo(60, 9), expect.closeTo(0, 9)]);
  }
  const shaken = Array.from({ length: 20 }, (_, index) => ({ index, quad: at(100 + noise(index)) }));
  const smooth = shaken.map(({ index }) => smoothQuad(shaken, index, 1.5));
  expect(spread(xs(smooth))).toBeLessThan(0.5 * spread(xs(shaken.map(({ quad }) => quad))));
  expect(smoothQuad(shaken, 5, 0)).toEqual(shaken[5]!.quad);
});
