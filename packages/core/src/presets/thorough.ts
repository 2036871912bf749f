import type { ProjectSequenceOptions } from '../sequence/options';

/**
 * Options that make {@link projectSequence} take the original program's steps: Adam, 300 for the first frame and 50 for
 * each later one, from the mean latent ŵ and from the frame before. The default, `fast`, comes to about the same pictures
 * in a fifth of them.
 *
 * @example
 * projectSequence({ ...models, look, driver, ...thorough() })
 */
export function thorough(): Pick<ProjectSequenceOptions, 'optimizer' | 'steps' | 'encoder'> {
  return { optimizer: 'adam', steps: { first: 300, next: 50 }, encoder: undefined };
}
