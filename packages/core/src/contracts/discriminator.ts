import type { ImageTensor } from '@faceanim/tensor';
import type { Tensor2D } from '@tensorflow/tfjs-core';

/** A frozen discriminator: how real an image looks. */
export interface Discriminator extends Disposable {
  readonly specificationVersion: 'v1';
  /** Side of its input in pixels. */
  readonly resolution: number;
  /** Images `[N, resolution, resolution, 3]` to logits `[N, 1]`, larger is more real; differentiable. */
  logits(image: ImageTensor<'signed'>, c?: Tensor2D): Tensor2D;
}
