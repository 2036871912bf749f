import type { ImageTensor } from '@faceanim/tensor';
import type { Tensor, Tensor4D, TensorContainer } from '@tensorflow/tfjs-core';
import type { Discriminator } from './discriminator';
import type { Generator, NoiseMaps } from './generator';
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
  readonly discriminator?: Discriminator;
}

/** What a loss term may need; a run that cannot give it fails before the first step. */
export type Requirement = 'look' | 'driver' | 'perceptual' | 'landmarkNet' | 'discriminator';

/** What stays the same while a frame, or a batch of frames, is optimised. Its tensors are owned by the run. */
export interface FrameContext {
  /** Index of the (first) frame, from 0. */
  readonly index: number;
  readonly networks: Networks;
  /** The look `[1, resolution, resolution, 3]`, in identity mode. */
  readonly look?: ImageTensor<'signed'>;
  /** Heat maps of the driver frames `[batch, 64, 64, 68]`, the landmark target. */
  readonly driverHeatmaps?: Tensor4D;
  /** W+ latent of the last finished frame `[1, numWs, wDim]`; absent in frame 0. */
  readonly previous?: Tensor;
  /** Mean latent ŵ `[1, 1, wDim]`. */
  readonly mean: Tensor;
}

/**
 * What one optimisation step has to offer to a loss term; computed on demand, once, and differentiable.
 *
 * Only tensors change from step to step: a step may be recorded and run again, for other frames too, so that a number
 * that a term reads or computes is taken as a constant. What depends on the step or the frame belongs in `weight`.
 */
export interface StepContext {
  /** The frame, without its index. Its tensors are those of the step: not the ones that `prepare` saw. */
  readonly frame: Omit<FrameContext, 'index'>;
  /** The coordinates that are optimised, `[batch, layers, dimensions]` in the latent space of the run, without noise. */
  readonly coordinates: Tensor;
  /** W+ latents `[batch, numWs, wDim]`, without latent noise. */
  readonly ws: Tensor;
  /**
   * W+ latents of the frame before each, `[batch, numWs, wDim]`; absent in frame 0. The one way to look at another frame:
   * who does ties the frames of a batch together.
   */
  readonly previous?: Tensor;
  /** Noise maps by layer name, where they are optimised; else empty. */
  readonly noise: NoiseMaps;
  /** The images `[batch, resolution, resolution, 3]` of the latents with latent noise. */
  image(): ImageTensor<'signed'>;
  /** Heat maps `[batch, 64, 64, 68]` of the images. */
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
 *   value: ({ image }) => tf.squaredDifference(tf.mean(image(), [1, 2, 3]), 0.2),
 * });
 */
export interface LossTerm<Prepared extends TensorContainer = TensorContainer> {
  readonly specificationVersion: 'v1';
  /** Key of its value in `losses`; unique in a run. */
  readonly name: string;
  /** Factor in the objective; a schedule is asked at every step. A step at which it is 0 skips the term. */
  readonly weight: ScalarOrSchedule;
  /**
   * What else it was made with, defaults filled in: numbers, words, and objects of them. A run that is resumed must have
   * the same. Default: nothing, which is then not compared.
   */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** What it cannot do without. */
  readonly requires?: readonly Requirement[];
  /** Whether it takes part in this frame. Default yes. */
  applies?(frame: FrameContext): boolean;
  /** Constant tensors it needs, such as features of the look; disposed by the run. */
  prepare?(frame: FrameContext): Prepared;
  /** How long what was prepared is good for: one frame (default), or the run where it depends on the look alone. */
  readonly preparedFor?: 'frame' | 'run';
  /**
   * The value before weighting for every frame, `[batch]`; differentiable in the coordinates, the latent, the image and
   * the noise. The objective is the sum over frames, so that a weight means the same at every batch size.
   */
  value(step: StepContext, prepared: Prepared): Tensor;
}
