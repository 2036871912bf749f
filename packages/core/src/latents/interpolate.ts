import { FaceanimError } from '@faceanim/tensor';
import { checkOptions, type OptionChecks, oneOf, wholeNumberFrom } from '@faceanim/tensor/options';
import type { Latent } from '../contracts/frames';
import { latentsCheck } from '../options';
import { type LatentSource, latentOf } from './latent-source';

/** Options of {@link interpolate}. */
export interface InterpolateOptions {
  /** Sub-frames from one latent to the next: 1 adds none, 2 (default) one mid-point, any whole number is allowed. */
  factor?: number;
  /** `linear` (default, the original's), or `catmull-rom`: a smooth curve through all latents. */
  method?: 'linear' | 'catmull-rom';
}

const checks: OptionChecks<InterpolateOptions> = {
  factor: wholeNumberFrom(1),
  method: oneOf('linear', 'catmull-rom'),
};

/**
 * Fills in latents between neighbours: n latents become `(n - 1) · factor + 1`. Latents pass through as they come, the
 * first at once, so that rendering can follow the optimisation; the curve waits for one more before it goes on.
 *
 * What lies between two latents is drawn with the noise maps of the earlier one, if it has its own.
 *
 * @throws {FaceanimError} `invalid-option` for a bad factor, what is no latent, or latents whose shapes differ.
 */
export async function* interpolate(
  latents: AsyncIterable<LatentSource> | Iterable<LatentSource>,
  options: InterpolateOptions = {},
): AsyncGenerator<Latent> {
  checkOptions('interpolate', options, checks);
  latentsCheck(latents, 'The latents of interpolate');
  const { factor = 2, method = 'linear' } = options;
  // The curve from b to c bends by their neighbours a and d, which at the ends are b and c themselves.
  let a: Latent | undefined;
  let b: Latent | undefined;
  let c: Latent | undefined;
  const fill = function* (d: Latent) {
    for (let k = 1; k < factor; k++) yield mix([a ?? b!, b!, c!, d], blends[method](k / factor));
    yield c!;
  };
  let position = 0;
  for await (const source of latents) {
    const latent = latentOf(source, position++);
    checkShape(latent, c);
    if (method === 'catmull-rom' && b) yield* fill(latent);
    [a, b, c] = [b, c, latent];
    if (!b) yield c;
    else if (method === 'linear') yield* fill(c);
  }
  if (method === 'catmull-rom' && b) yield* fill(c!);
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

function mix(latents: Latent[], weights: number[]): Latent {
  const { numWs, wDim, noise } = latents[1]!;
  const data = new Float32Array(numWs * wDim);
  latents.forEach(({ data: values }, k) => {
    const weight = weights[k]!;
    if (weight !== 0) for (let i = 0; i < data.length; i++) data[i]! += weight * values[i]!;
  });
  return { numWs, wDim, data, ...(noise && { noise }) };
}

function checkShape(latent: Latent, before: Latent | undefined): void {
  if (!before || (before.numWs === latent.numWs && before.wDim === latent.wDim)) return;
  throw new FaceanimError(
    'invalid-option',
    `Latents differ in shape: [${before.numWs}, ${before.wDim}], then [${latent.numWs}, ${latent.wDim}].`,
    { hint: 'Interpolate latents of one generator only.' },
  );
}
