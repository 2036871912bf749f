import { quasiNewton } from '../optimizers/quasi-newton';
import type { ProjectSequenceOptions } from '../sequence/options';

/**
 * Options that make {@link projectSequence} take few steps: quasi-Newton, 60 for the first frame and 10 for each later one.
 * This is the default.
 *
 * @example
 * projectSequence({ ...models, look, driver, ...fast() })
 */
export function fast(): Required<Pick<ProjectSequenceOptions, 'optimizer' | 'steps'>> {
  const optimizer = quasiNewton();
  return { optimizer, steps: optimizer.steps };
}
