import { FaceanimError, invalidOption } from '@faceanim/tensor';
import {
  checkOptions,
  iterableOf,
  type OptionChecks,
  oneOf,
  wholeNumberFrom,
} from '@faceanim/tensor/options';
import type { Latent } from '../contracts/frames';
import { latentsCheck } from '../options';
import { type LatentSource, latentOf } from './latent-source';
import { evenMoments, timedMoments } from './moments';

/**
 * Options of {@link interpolate}.
 *
 * @category Latents and pictures
 */
export interface InterpolateOptions {
  /** Steps from one latent to the next: 1 adds no latents, 2 (default) one mid-point, and so on. Any whole number from 1. */
  factor?: number;
  /**
   * Moments to draw instead, rising, e.g. the ticks of another frame rate: each latent must bring its `time` in the same
   * unit. Before the first latent, that one is given; moments after the last are left out.
   */
  times?: Iterable<number>;
  /**
   * `linear` (default, as in the original program); `catmull-rom`, a smooth curve through all latents; or `b-spline`, a smoother
   * curve past them, which takes jitter away: at a latent it has two thirds of it and a sixth of each neighbour. That suits
   * latents of consecutive video frames, also with factor 1; between latents that are further apart, it loses motion.
   */
  method?: InterpolationMethod;
}

/**
 * How {@link interpolate} draws the curve.
 *
 * @category Latents and pictures
 */
export type InterpolationMethod = 'linear' | 'catmull-rom' | 'b-spline';

const checks: OptionChecks<InterpolateOptions> = {
  factor: wholeNumberFrom(1),
  times: iterableOf('a list of times'),
  method: oneOf('linear', 'catmull-rom', 'b-spline'),
};

/**
 * A latent, or an object with one, that may say when it is shown.
 *
 * @category Latents and pictures
 */
export type TimedLatent = LatentSource & { readonly time?: number };

/**
 * Adds sub-frames: interpolates between consecutive latents, so that n latents become `(n - 1) · factor + 1`. Latents are
 * passed on as they arrive, so rendering can keep up with the optimisation; `catmull-rom` and `b-spline` lag by one latent.
 *
 * Interpolated latents have the noise maps of the earlier of their two neighbours. Latents of different shots are not
 * blended: before a cut, the last latent is repeated.
 *
 * @throws {FaceanimError} `invalid-option` for a wrong factor, for anything but latents, and for latents of different shapes.
 * @category Latents and pictures
 */
export async function* interpolate(
  latents: AsyncIterable<TimedLatent> | Iterable<TimedLatent>,
  options: InterpolateOptions = {},
): AsyncGenerator<Latent> {
  checkOptions('interpolate', options, checks);
  latentsCheck(latents, 'The latents of interpolate');
  const { factor = 2, method = 'linear', times } = options;
  const moments = times ? timedMoments(times) : evenMoments(factor);
  // The curve from b to c also depends on their neighbours a and d.
  let a: Latent | undefined;
  let b: Latent | undefined;
  let c: Latent | undefined;
  let [start, end] = [0, 0];
  const fill = function* (d?: Latent) {
    const [from, to] = [b!, c!];
    const cut = !sameShot(from, to);
    const before = sameShot(a, from) ? a : beyond(method, from, to);
    const four = [before, from, to, sameShot(d, to) ? d : beyond(method, to, from)];
    for (const share of moments.between(start, end)) {
      const near = share === 1 ? to : from;
      const exact = cut || (share === 1 && method !== 'b-spline');
      yield exact ? near : mix(four, blends[method](share), near);
    }
  };
  let position = 0;
  for await (const source of latents) {
    const latent = latentOf(source, position);
    checkShape(latent, c);
    const time = times ? timeOf(source, position, end) : position;
    position++;
    if (method !== 'linear' && b) yield* fill(latent);
    [a, b, c] = [b, c, latent];
    [start, end] = [end, time];
    if (!b) for (let i = moments.upTo(time); i > 0; i--) yield c;
    else if (method === 'linear') yield* fill();
  }
  if (method !== 'linear' && b) yield* fill();
}

function timeOf({ time }: TimedLatent, position: number, before: number): number {
  const rises = position === 0 || time! > before;
  if (typeof time === 'number' && Number.isFinite(time) && rises) return time;
  throw invalidOption(`time of latent ${position}`, time, position === 0 ? 'a number' : `above ${before}`);
}

const blends: Record<InterpolationMethod, (t: number) => number[]> = {
  linear: (t) => [0, 1 - t, t, 0],
  'catmull-rom': (t) => [
    (-t + 2 * t * t - t ** 3) / 2,
    (2 - 5 * t * t + 3 * t ** 3) / 2,
    (t + 4 * t * t - 3 * t ** 3) / 2,
    (t ** 3 - t * t) / 2,
  ],
  'b-spline': (t) => [
    (1 - t) ** 3 / 6,
    (4 - 6 * t * t + 3 * t ** 3) / 6,
    (1 + 3 * t + 3 * t * t - 3 * t ** 3) / 6,
    t ** 3 / 6,
  ],
};

/**
 * The neighbour of the last latent of a shot on the side where it has none: the latent itself, or for `b-spline` the mirror
 * image of its other neighbour, with which the curve ends at the latent.
 */
function beyond(method: InterpolationMethod, last: Latent, other: Latent): Latent {
  return method === 'b-spline' ? mix([last, other], [2, -1], last) : last;
}

function sameShot(a: Latent | undefined, b: Latent): a is Latent {
  return a !== undefined && (a.shot ?? 0) === (b.shot ?? 0);
}

/** A weighted sum of latents, otherwise like `near`. */
function mix(latents: readonly Latent[], weights: readonly number[], near: Latent): Latent {
  const { data: _data, ...rest } = near;
  const { numWs, wDim } = rest;
  const data = new Float32Array(numWs * wDim);
  latents.forEach(({ data: values }, k) => {
    const weight = weights[k]!;
    if (weight !== 0) for (let i = 0; i < data.length; i++) data[i]! += weight * values[i]!;
  });
  return { ...rest, data };
}

function checkShape(latent: Latent, before: Latent | undefined): void {
  if (!before || (before.numWs === latent.numWs && before.wDim === latent.wDim)) return;
  throw new FaceanimError(
    'invalid-option',
    `Latents differ in shape: [${before.numWs}, ${before.wDim}], then [${latent.numWs}, ${latent.wDim}].`,
    { hint: 'Interpolate only latents of the same generator.' },
  );
}
