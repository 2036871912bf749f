import { adam } from '../optimizers/adam';
import type { ProjectSequenceOptions } from '../sequence/options';

/**
 * Options that make {@link projectSequence} take the original program's steps: Adam, 300 for the first frame and 50 for
 * each later one, from the mean latent ŵ and from the frame before. {@link fast}, the default, comes to about the same
 * pictures in a fifth of them.
 *
 * @example
 * projectSequence({ ...models, look, driver, ...thorough() })
 */
export function thorough(): Required<Pick<ProjectSequenceOptions, 'optimizer' | 'steps'>> & {
  encoder: undefined;
} {
  const optimizer = adam();
  return { optimizer, steps: optimizer.steps, encoder: undefined };
}
