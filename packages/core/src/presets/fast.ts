import { quasiNewton } from '../optimizers/quasi-newton';
import type { ProjectSequenceOptions } from '../sequence/options';
import { refuseSpread } from './refuse-spread';

/**
 * The default preset of {@link projectSequence}, which takes few steps: quasi-Newton, 60 steps for the look, 20 for the first
 * frame and 10 for each later frame.
 *
 * @example
 * projectSequence({ ...models, look, driver, ...fast() })
 *
 * @category Optimizers and presets
 * @function
 */
export const fast = /* @__PURE__ */ refuseSpread('fast', function fast(): Required<
  Pick<ProjectSequenceOptions, 'optimizer'>
> {
  return { optimizer: quasiNewton() };
});
