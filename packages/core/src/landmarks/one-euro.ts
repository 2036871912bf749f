import type { Quad } from '../images/quad';

/**
 * Settings of the One-Euro filter of {@link trackFaces}. Frequencies are in cycles per frame. On the test clips the defaults
 * halve the jitter of the quad or more, with a lag of 0.7 to 1.2 frames; `beta: 16` takes off 15 to 50 % at half the lag.
 */
export interface OneEuroOptions {
  /** Cutoff frequency at rest: lower is steadier. Default 0.05. */
  readonly minCutoff?: number;
  /** How much the cutoff rises with speed, in half sides of the quad per frame: higher lags less. Default 4. */
  readonly beta?: number;
}

/** Cutoff frequency for the speed itself. */
const speedCutoff = 0.15;

/**
 * Smooths quads as they come, by a low-pass filter whose cutoff rises with speed: steady at rest, with little lag in motion
 * (Casiez, Roussel and Vogel 2012, doi 10.1145/2207676.2208639). All parts of the quad share one cutoff, so it stays a square.
 */
export function oneEuroFilter({ minCutoff = 0.05, beta = 4 }: OneEuroOptions) {
  let last: { index: number; values: number[]; speeds: number[] } | undefined;
  return (index: number, quad: Quad): Quad => {
    const given = [...quad.center, ...quad.x, ...quad.y];
    if (last) {
      const { values, speeds } = last;
      const frames = Math.max(1, index - last.index);
      const side = Math.hypot(...quad.x);
      const speed = mix(
        speeds,
        given.map((value, i) => (value - values[i]!) / frames / side),
        shareOf(speedCutoff, frames),
      );
      // The centre and one axis: the other axis moves as the first one does.
      const cutoff = minCutoff + beta * Math.hypot(...speed.slice(0, 4));
      last = { index, values: mix(values, given, shareOf(cutoff, frames)), speeds: speed };
    } else {
      last = { index, values: given, speeds: given.map(() => 0) };
    }
    const [cx, cy, xx, xy, yx, yy] = last.values as [number, number, number, number, number, number];
    return { center: [cx, cy], x: [xx, xy], y: [yx, yy] };
  };
}

/** Share of the newest value in an exponential filter with this cutoff. */
const shareOf = (cutoff: number, frames: number) => 1 / (1 + 1 / (2 * Math.PI * cutoff * frames));

const mix = (a: readonly number[], b: readonly number[], share: number) =>
  a.map((value, i) => value + share * (b[i]! - value));
