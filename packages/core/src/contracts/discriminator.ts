import type { ImageTensor } from '@faceanim/tensor';
import type { Tensor2D } from '@tensorflow/tfjs-core';

/**
 * A frozen discriminator of a GAN: rates how real an image looks.
 *
 * @category Networks and backends
 */
export interface Discriminator extends Disposable {
  readonly specificationVersion: 'v1';
  /** Width and height of its input in pixels. */
  readonly resolution: number;
  /** Rates images `[N, resolution, resolution, 3]` by logits `[N, 1]`: larger is more real. Differentiable. */
  logits(image: ImageTensor<'signed'>, c?: Tensor2D): Tensor2D;
}
