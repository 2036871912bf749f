import type { ImageTensor } from '@faceanim/tensor';
import type { Tensor4D } from '@tensorflow/tfjs-core';

/** A frozen landmark network that draws one heat map for each of the 68 iBUG points. */
export interface LandmarkNet extends Disposable {
  readonly specificationVersion: 'v1';
  /** Side of its input in pixels (256 for FAN). */
  readonly inputSize: number;
  /** Side of its heat maps in cells (64 for FAN); cell j is centred at `(j + 0.5) * inputSize / heatmapSize`. */
  readonly heatmapSize: number;
  /** Number of landmarks, 68. */
  readonly points: number;
  /** Images `[N, inputSize, inputSize, 3]` to heat maps `[N, heatmapSize, heatmapSize, points]`; differentiable. */
  heatmaps(image: ImageTensor<'unit'>): Tensor4D;
}
