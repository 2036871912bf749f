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
  /** `linear` (default, as in the original program), or `catmull-rom`, a smooth curve through all latents. */
  method?: 'linear' | 'catmull-rom';
}

const checks: OptionChecks<InterpolateOptions> = {
  factor: wholeNumberFrom(1),
  times: iterableOf('a list of times'),
  method: oneOf('linear', 'catmull-rom'),
};

/**
 * A latent, or an object with one, that may say when it is shown.
 *
 * @category Latents and pictures
 */
export type TimedLatent = LatentSource & { readonly time?: number };

/**
 * Adds sub-frames: interpolates between consecutive latents, so that n latents become `(n - 1) · factor + 1`. Latents are
 * passed on as they arrive, so rendering can keep up with the optimisation; `catmull-rom` lags by one latent.
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
  // The curve from b to c also depends on their neighbours a and d; at the ends of a shot b and c are repeated.
  let a: Latent | undefined;
  let b: Latent | undefined;
  let c: Latent | undefined;
  let [start, end] = [0, 0];
  const fill = function* (d: Latent) {
    const [from, to] = [b!, c!];
    const cut = !sameShot(from, to);
    const four = [sameShot(a, from) ? a : from, from, to, sameShot(d, to) ? d : to];
    for (const share of moments.between(start, end)) {
      if (share === 1) yield to;
      else yield cut ? from : mix(four, blends[method](share));
    }
  };
  let position = 0;
  for await (const source of latents) {
    const latent = latentOf(source, position);
    checkShape(latent, c);
    const time = times ? timeOf(source, position, end) : position;
    position++;
    if (method === 'catmull-rom' && b) yield* fill(latent);
    [a, b, c] = [b, c, latent];
    [start, end] = [end, time];
    if (!b) for (let i = moments.upTo(time); i > 0; i--) yield c;
    else if (method === 'linear') yield* fill(c);
  }
  if (method === 'catmull-rom' && b) yield* fill(c!);
}

function timeOf({ time }: TimedLatent, position: number, before: number): number {
  const rises = position === 0 || time! > before;
  if (typeof time === 'number' && Number.isFinite(time) && rises) return time;
  throw invalidOption(`time of latent ${position}`, time, position === 0 ? 'a number' : `above ${before}`);
}

const blends: Record<'linear' | 'catmull-rom', (t: number) => number[]> = {
  linear: (t) => [0, 1 - t, t, 0],
  'catmull-rom': (t) => [
    (-t + 2 * t * t - t ** 3) / 2,
    (2 - 5 * t * t + 3 * t ** 3) / 2,
    (t + 4 * t * t - 3 * t ** 3) / 2,
    (t ** 3 - t * t) / 2,
  ],
};

function sameShot(a: Latent | undefined, b: Latent): a is Latent {
  return a !== undefined && (a.shot ?? 0) === (b.shot ?? 0);
}

function mix(latents: Latent[], weights: number[]): Latent {
  const { data: _data, ...rest } = latents[1]!;
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
