import { writeImage } from '@faceanim/media';
import { effect, signal } from '@preact/signals';
import { projector } from '../engine/engine';
import { isCancelled, problemOf } from '../ui/problem';
import { lookProblem, takeLook } from './look';

/** A face of the generator: drawn by chance, with some named factors set. */
export interface Face {
  readonly seed: number;
  /** In standard deviations, by name. */
  readonly factors: Readonly<Record<string, number>>;
}

/** The face that is the look, if it was made here. */
export const face = signal<Face | undefined>(undefined);

/** Makes a face that nobody has seen before. */
export function surprise(): void {
  face.value = { seed: crypto.getRandomValues(new Uint32Array(1))[0]!, factors: {} };
}

/** Sets a factor of the face. */
export function setFactor(name: string, value: number): void {
  const { seed, factors } = face.value ?? { seed: 1, factors: {} };
  face.value = { seed, factors: { ...factors, [name]: value } };
}

effect(() => {
  const { value: wanted } = face;
  if (!wanted) return;
  const controller = new AbortController();
  // Not for every place that a slider passes.
  const timer = setTimeout(() => void make(wanted, controller.signal), 60);
  return () => {
    clearTimeout(timer);
    controller.abort();
  };
});

async function make(wanted: Face, signal: AbortSignal): Promise<void> {
  try {
    const open = await projector();
    const latent = await open.latent({ ...wanted, signal });
    for await (const image of open.render({ latents: [latent], signal })) {
      const source = await (await writeImage('face.png', image)).blob();
      if (face.value === wanted) await takeLook(source, 'A new face', image);
    }
  } catch (error) {
    if (!isCancelled(error)) lookProblem.value = problemOf(error);
  }
}
