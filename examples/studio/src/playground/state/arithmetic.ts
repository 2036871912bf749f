import type { Latent } from '@faceanim/core';

/** From `a` (0) to `b` (1), by a share for each layer. */
export function mixLayers(a: Latent, b: Latent, shares: readonly number[]): Latent {
  const data = a.data.map((value, i) => value + shares[Math.floor(i / a.wDim)]! * (b.data[i]! - value));
  return { numWs: a.numWs, wDim: a.wDim, data };
}

/** Truncation: `psi` times the way from the mean face to a face. */
export function truncated(latent: Latent, mean: Latent, psi: number): Latent {
  return mixLayers(mean, latent, Array(latent.numWs).fill(psi));
}

/** `latent` with the change from `before` to `after`. */
export function changed(latent: Latent, before: Latent, after: Latent): Latent {
  return { ...latent, data: latent.data.map((value, i) => value + after.data[i]! - before.data[i]!) };
}
