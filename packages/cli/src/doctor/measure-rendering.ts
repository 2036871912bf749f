import { type Generator, type Latent, render } from '@faceanim/core';
import type { Backend } from '@faceanim/tensor';
import { quantile } from '../report/series';

/** Options of {@link measureRendering}. */
export interface MeasureRenderingOptions {
  readonly backend: Backend;
  /** Pictures to measure, after one that compiles and warms up. */
  readonly pictures: number;
  /** Ends after so many milliseconds, with at least one picture. */
  readonly maxMs: number;
  readonly signal?: AbortSignal;
}

/** Median milliseconds of rendering the picture of a latent and reading it from the device. */
export async function measureRendering(
  generator: Generator,
  latent: Latent,
  { backend, pictures, maxMs, signal }: MeasureRenderingOptions,
): Promise<number> {
  const latents = Array.from({ length: pictures + 1 }, () => latent);
  const ends: number[] = [];
  for await (const _ of render(latents, generator, { backend, signal })) {
    ends.push(performance.now());
    if (ends.length > 1 && ends.at(-1)! - ends[0]! > maxMs) break;
  }
  return quantile(
    ends.slice(1).map((end, i) => end - ends[i]!),
    0.5,
  );
}
