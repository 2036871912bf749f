import type { Latent } from '../contracts/frames';
import { FaceanimError, invalidOption } from '../errors';

/** Options of {@link interpolate}. */
export interface InterpolateOptions {
  /** Sub-frames from one latent to the next: 1 adds none, 2 (default) one mid-point, any whole number is allowed. */
  factor?: number;
  /** `linear` (default, the original's), or `catmull-rom`: a smooth curve through all latents. */
  method?: 'linear' | 'catmull-rom';
}

/** One latent, or something that carries one, such as a projected frame. */
export type LatentSource = Latent | { readonly latent: Latent };

/**
 * Fills in latents between neighbours: n latents become `(n - 1) · factor + 1`. Latents pass through as they come, so
 * that rendering can follow the optimisation.
 *
 * @throws {FaceanimError} `invalid-option` for a bad factor, or latents whose shapes differ.
 */
export async function* interpolate(
  latents: AsyncIterable<LatentSource> | Iterable<LatentSource>,
  { factor = 2, method = 'linear' }: InterpolateOptions = {},
): AsyncGenerator<Latent> {
  if (!Number.isInteger(factor) || factor < 1) throw invalidOption('factor', factor, 'a whole number from 1');
  const blend = blends[method];
  if (!blend) throw invalidOption('method', method, "'linear' or 'catmull-rom'");
  // The curve from b to c bends by their neighbours a and d, which at the ends are b and c themselves.
  let a: Latent | undefined;
  let b: Latent | undefined;
  let c: Latent | undefined;
  const segment = function* (d: Latent) {
    for (let k = 0; k < factor; k++) yield k === 0 ? b! : mix([a ?? b!, b!, c!, d], blend(k / factor));
  };
  for await (const source of latents) {
    const latent = latentOf(source);
    if (b && c) yield* segment(latent);
    checkShape(latent, c);
    [a, b, c] = [b, c, latent];
  }
  if (b && c) yield* segment(c);
  if (c) yield c;
}

/** The latent of a {@link LatentSource}. */
export function latentOf(source: LatentSource): Latent {
  return 'latent' in source ? source.latent : source;
}

const blends: Record<string, (t: number) => number[]> = {
  linear: (t) => [0, 1 - t, t, 0],
  'catmull-rom': (t) => [
    (-t + 2 * t * t - t ** 3) / 2,
    (2 - 5 * t * t + 3 * t ** 3) / 2,
    (t + 4 * t * t - 3 * t ** 3) / 2,
    (t ** 3 - t * t) / 2,
  ],
};

function mix(latents: Latent[], weights: number[]): Latent {
  const { numWs, wDim } = latents[1]!;
  const data = new Float32Array(numWs * wDim);
  latents.forEach(({ data: values }, k) => {
    const weight = weights[k]!;
    if (weight !== 0) for (let i = 0; i < data.length; i++) data[i]! += weight * values[i]!;
  });
  return { numWs, wDim, data };
}

function checkShape(latent: Latent, before: Latent | undefined): void {
  if (!before || (before.numWs === latent.numWs && before.wDim === latent.wDim)) return;
  throw new FaceanimError(
    'invalid-option',
    `Latents differ in shape: [${before.numWs}, ${before.wDim}], then [${latent.numWs}, ${latent.wDim}].`,
    { hint: 'Interpolate latents of one generator only.' },
  );
}
