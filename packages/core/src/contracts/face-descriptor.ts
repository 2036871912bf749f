import type { ImageTensor } from '@faceanim/tensor';
import type { Tensor2D } from '@tensorflow/tfjs-core';

/**
 * A frozen network that describes whose face an image shows, such as ArcFace (Deng et al. 2019, arXiv 1801.07698): vectors
 * of the same person point in about the same direction.
 *
 * @category Networks and backends
 */
export interface FaceDescriptor extends Disposable {
  readonly specificationVersion: 'v1';
  /** Width and height of its input in pixels (112 for ArcFace). */
  readonly inputSize: number;
  /**
   * The square of a picture aligned like FFHQ that its input shows, as fractions of the picture's side. The input of ArcFace,
   * aligned by five points, is about `{ x: 0.11, y: 0.115, side: 0.78 }`. Default: the whole picture.
   */
  readonly crop?: { readonly x: number; readonly y: number; readonly side: number };
  /** Describes faces `[N, inputSize, inputSize, 3]` by vectors `[N, d]` of any length. Differentiable. */
  embed(image: ImageTensor<'signed'>): Tensor2D;
}
