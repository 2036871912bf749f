import type { ImageTensor } from '@faceanim/tensor';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';

/**
 * A frozen network that measures how similar two images look, such as LPIPS (Zhang et al. 2018, arXiv 1801.03924).
 *
 * @category Networks and backends
 */
export interface PerceptualNet extends Disposable {
  readonly specificationVersion: 'v1';
  /** Features of images `[N, height, width, 3]`, one tensor per layer, normalised over channels. Differentiable. */
  features(image: ImageTensor<'signed'>): Tensor4D[];
  /** Distance `[N]` between the features of two batches of images. Differentiable in both. */
  distance(a: readonly Tensor4D[], b: readonly Tensor4D[]): Tensor1D;
  /** Same as `distance(features(image), b)` for constant b, if the network has a cheaper way to compute it. */
  distanceTo?(image: ImageTensor<'signed'>, b: readonly Tensor4D[]): Tensor1D;
}
