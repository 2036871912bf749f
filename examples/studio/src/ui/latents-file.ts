import type { Latent } from '@faceanim/core';

/** Latents as a file for `faceanim render`. */
export async function latentsFile(latents: readonly Latent[], fps: number): Promise<Blob> {
  // Brings TensorFlow.js with it, which the page does without until then.
  const { encodeLatents } = await import('@faceanim/core');
  const bytes = encodeLatents(latents, { format: '1', fps: String(fps), start: '0' });
  return new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'application/octet-stream' });
}
