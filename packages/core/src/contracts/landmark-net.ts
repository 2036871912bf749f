import type { ImageTensor } from '@faceanim/tensor';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/**
 * A frozen landmark network, such as FAN: returns one heat map per landmark of a face.
 *
 * @category Networks and backends
 */
export interface LandmarkNet extends Disposable {
  readonly specificationVersion: 'v1';
  /** Width and height of its input in pixels (256 for FAN). */
  readonly inputSize: number;
  /** Width and height of its heat maps in cells (64 for FAN); cell j is centred at `(j + 0.5) * inputSize / heatmapSize`. */
  readonly heatmapSize: number;
  /** Number of landmarks; 68 for the iBUG layout, which tracking and the face measures need. */
  readonly points: number;
  /**
   * First and last landmark of each part of the face, by the name that loss weights use for it. Default with 68 points:
   * `landmarkGroups` of `@faceanim/core/landmarks`.
   */
  readonly groups?: Readonly<Record<string, readonly [first: number, last: number]>>;
  /** Computes heat maps `[N, heatmapSize, heatmapSize, points]` of images `[N, inputSize, inputSize, 3]`. Differentiable. */
  heatmaps(image: ImageTensor<'unit'>): Tensor4D;
}
