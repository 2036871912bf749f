import { adam } from '../optimizers/adam';
import type { ProjectSequenceOptions } from '../sequence/options';
import { refuseSpread } from './refuse-spread';

/**
 * A preset of {@link projectSequence} with the steps of the original program: Adam, 300 steps for the look, 100 for the first
 * frame and 50 for each later frame, without an encoder. The default, {@link fast}, reaches about the same result in a fifth
 * of the steps.
 *
 * @example
 * projectSequence({ ...models, look, driver, ...thorough() })
 *
 * @category Optimizers and presets
 * @function
 */
export const thorough = /* @__PURE__ */ refuseSpread('thorough', function thorough(): Required<
  Pick<ProjectSequenceOptions, 'optimizer'>
> & { encoder: undefined } {
  return { optimizer: adam(), encoder: undefined };
});
