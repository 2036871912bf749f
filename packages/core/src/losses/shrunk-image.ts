import { type ImageTensor, shrinkTo } from '@faceanim/tensor';
import type { StepContext } from './loss-term';

/** The images of a step, by area to this size in pixels if they are larger. Terms share them. */
export function shrunkImage({ image, memo }: StepContext, size: number): ImageTensor<'signed'> {
  return memo([shrinkTo, size], () => shrinkTo(image(), size));
}
