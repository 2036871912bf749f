import type { Quad } from '../images/quad';

/** The quad of one frame of a shot. */
export interface QuadAt {
  readonly index: number;
  readonly quad: Quad;
}

/** Default `smoothing`, in frames. */
export const defaultSmoothing = 1.5;

/** How many frames before and after a frame count for a smoothing of `sigma` frames. */
export const smoothingRadius = (sigma: number) => Math.ceil(3 * sigma);

/**
 * Smooths the quads of a shot around one frame: the value at the frame of a straight line through the quads of its
 * neighbours, fitted with Gaussian weights of standard deviation `sigma`. Looks both ways, so there is no lag, and steady
 * motion is left as it is, also at the ends of a shot and beside gaps.
 */
export function smoothQuad(quads: readonly QuadAt[], index: number, sigma: number): Quad {
  const radius = smoothingRadius(sigma);
  const near = quads.filter((at) => Math.abs(at.index - index) <= radius);
  const weights = near.map((at) =>
    at.index === index ? 1 : Math.exp(-((at.index - index) ** 2 / 2 / sigma ** 2)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const centre = near.reduce((sum, at, i) => sum + weights[i]! * (at.index - index), 0) / total;
  const spread = near.reduce((sum, at, i) => sum + weights[i]! * (at.index - index - centre) ** 2, 0);
  // The value of the line at the frame is itself a weighted sum.
  const shares = near.map((at, i) => {
    const offset = at.index - index - centre;
    return weights[i]! * (1 / total - (spread > 0 ? (offset * centre) / spread : 0));
  });
  const sum = (of: (quad: Quad) => number) =>
    near.reduce((total, { quad }, i) => total + shares[i]! * of(quad), 0);
  const point = (of: (quad: Quad) => Quad['center']) =>
    [sum((quad) => of(quad)[0]), sum((quad) => of(quad)[1])] as const;
  return { center: point(({ center }) => center), x: point(({ x }) => x), y: point(({ y }) => y) };
}
