import type { ImageTensor } from '@faceanim/tensor';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** A frozen landmark network that draws one heat map for each landmark of a face. */
export interface LandmarkNet extends Disposable {
  readonly specificationVersion: 'v1';
  /** Side of its input in pixels (256 for FAN). */
  readonly inputSize: number;
  /** Side of its heat maps in cells (64 for FAN); cell j is centred at `(j + 0.5) * inputSize / heatmapSize`. */
  readonly heatmapSize: number;
  /** Number of landmarks; 68 for the iBUG layout, which tracking and the measures of a face need. */
  readonly points: number;
  /**
   * First and last landmark of each part of the face, by the name under which loss terms weigh it. Default with 68 points:
   * `landmarkGroups` of `@faceanim/core/landmarks`.
   */
  readonly groups?: Readonly<Record<string, readonly [first: number, last: number]>>;
  /** Images `[N, inputSize, inputSize, 3]` to heat maps `[N, heatmapSize, heatmapSize, points]`; differentiable. */
  heatmaps(image: ImageTensor<'unit'>): Tensor4D;
}
