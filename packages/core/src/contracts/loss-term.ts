import type { Scalar, Tensor, Tensor4D, TensorContainer } from '@tensorflow/tfjs-core';
import type { Critic } from './critic';
import type { Generator, NoiseMaps } from './generator';
import type { ImageTensor } from './image';
import type { LandmarkNet } from './landmark-net';
import type { PerceptualNet } from './perceptual-net';
import type { ScalarOrSchedule } from './progress';

/** The frozen networks of a run. */
export interface Networks {
  readonly generator: Generator;
  /** Needed by every term that looks at landmarks, and to align the driver. */
  readonly landmarkNet?: LandmarkNet;
  /** Needed by `lpips`. */
  readonly perceptual?: PerceptualNet;
  /** Needed by `realism`. */
  readonly critic?: Critic;
}

/** What a loss term may need; a run that cannot give it fails before the first step. */
export type Requirement = 'look' | 'driver' | 'perceptual' | 'landmarkNet' | 'critic';

/** What stays the same while one frame is optimised. Its tensors are owned by the run. */
export interface FrameContext {
  /** Index of the frame, from 0. */
  readonly index: number;
  readonly networks: Networks;
  /** The look `[1, resolution, resolution, 3]`, in identity mode. */
  readonly look?: ImageTensor<'signed'>;
  /** Heat maps of the driver frame `[1, 64, 64, 68]`, the landmark target. */
  readonly driverHeatmaps?: Tensor4D;
  /** W+ latent of the frame before `[1, numWs, wDim]`; absent in frame 0. */
  readonly previous?: Tensor;
  /** Mean latent ŵ `[1, 1, wDim]`. */
  readonly mean: Tensor;
}

/** What one optimisation step has to offer to a loss term; computed on demand, once, and differentiable. */
export interface StepContext {
  readonly frame: FrameContext;
  /** Step within the frame, from 0. */
  readonly step: number;
  /** Steps of the frame. */
  readonly steps: number;
  /** `step / steps`. */
  readonly progress: number;
  /** The coordinates that are optimised, in the latent space of the run, without latent noise. */
  readonly coordinates: Tensor;
  /** W+ latent `[1, numWs, wDim]`, without latent noise. */
  readonly ws: Tensor;
  /** Noise maps by layer name, where they are optimised; else empty. */
  readonly noise: NoiseMaps;
  /** The image `[1, resolution, resolution, 3]` of the latent with latent noise. */
  image(): ImageTensor<'signed'>;
  /** Heat maps `[1, 64, 64, 68]` of the image. */
  heatmaps(): Tensor4D;
}

/**
 * One summand of the objective. A term is one file: a factory that returns this.
 *
 * @example
 * const brightness = (weight = 1): LossTerm => ({
 *   specificationVersion: 'v1',
 *   name: 'brightness',
 *   weight,
 *   value: ({ image }) => tf.squaredDifference(tf.mean(image()), 0.2),
 * });
 */
export interface LossTerm<Prepared extends TensorContainer = TensorContainer> {
  readonly specificationVersion: 'v1';
  /** Key of its value in `losses`; unique in a run. */
  readonly name: string;
  /** Factor in the objective; a schedule is asked at every step. A frame whose weight is 0 skips the term. */
  readonly weight: ScalarOrSchedule;
  /** What it cannot do without. */
  readonly requires?: readonly Requirement[];
  /** Whether it takes part in this frame. Default yes. */
  applies?(frame: FrameContext): boolean;
  /** Constant tensors it needs, such as features of the look; disposed by the run. */
  prepare?(frame: FrameContext): Prepared;
  /** How long what was prepared is good for: one frame (default), or the run where it depends on the look alone. */
  readonly preparedFor?: 'frame' | 'run';
  /** The value before weighting, a scalar; differentiable in the coordinates, the latent, the image and the noise. */
  value(step: StepContext, prepared: Prepared): Scalar;
}
