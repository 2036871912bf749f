import type { LatentInWorkerOptions, WorkerProjector } from '@faceanim/browser';
import type { Latent } from '@faceanim/core';
import type { FactorValues } from '@faceanim/models';
import { changed, truncated } from './arithmetic';
import type { Face } from './faces';

/** The latent of a face. `values` are those of all sliders, if the generator has named factors. */
export async function latentOf(
  projector: WorkerProjector,
  { from, seed, psi }: Face,
  { values, look }: { values: FactorValues | undefined; look: Latent | undefined },
): Promise<Latent> {
  const get = (options: LatentInWorkerOptions) => known(projector, options);
  const mean = await get({ psi: 0 });
  if (from === 'random' || !look) return truncated(await get({ seed, factors: values }), mean, psi);
  const face = truncated(look, mean, psi);
  if (!values) return face;
  // What the sliders do to another face, they do to this one.
  const still = Object.fromEntries(Object.keys(values).map((name) => [name, 0]));
  return changed(face, await get({ factors: still }), await get({ factors: values }));
}

let latents = new Map<string, Promise<Latent>>();
let owner: WorkerProjector | undefined;

/** Asks the worker for a latent, unless it was asked a moment ago. */
function known(projector: WorkerProjector, options: LatentInWorkerOptions): Promise<Latent> {
  if (owner !== projector || latents.size > 50) latents = new Map();
  owner = projector;
  const key = JSON.stringify(options);
  const latent = latents.get(key) ?? projector.latent(options);
  latents.set(key, latent);
  return latent;
}
