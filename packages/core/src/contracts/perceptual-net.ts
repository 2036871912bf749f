import type { ImageTensor } from '@faceanim/tensor';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';

/** A frozen perceptual distance of the LPIPS kind (Zhang et al. 2018, arXiv 1801.03924). */
export interface PerceptualNet extends Disposable {
  readonly specificationVersion: 'v1';
  /** Features of images `[N, height, width, 3]` layer by layer, normalised over channels; differentiable. */
  features(image: ImageTensor<'signed'>): Tensor4D[];
  /** Distance `[N]` between two lists of features; differentiable in both. */
  distance(a: readonly Tensor4D[], b: readonly Tensor4D[]): Tensor1D;
  /** The same as `distance(features(image), b)`, b constant, where that takes fewer operations. */
  distanceTo?(image: ImageTensor<'signed'>, b: readonly Tensor4D[]): Tensor1D;
}
