import type { ImageTensor } from '@faceanim/tensor';
import type { Tensor, TensorContainer } from '@tensorflow/tfjs-core';
import type { Generator, NoiseMaps } from '../contracts/generator';
import type { AlignedFrame } from '../landmarks/track';
import type { ScalarOrSchedule } from './schedule';

/** What is known about a run before anything is computed. */
export interface RunContext {
  readonly generator: Generator;
  /** Whether there is a look, i.e. the run is in identity mode. */
  readonly look: boolean;
}

/**
 * Computes tensors once, however many terms ask for them: the first call with a key computes, later calls return the same
 * tensors. They belong to the run; do not dispose them.
 *
 * Two keys are equal if they have the same length and their elements are identical. Put in whatever the result depends
 * on, and a name that says what it is.
 *
 * @example
 * const embedding = memo([net, 'embedding'], () => net.embed(image()));
 */
export type Memo = <T extends TensorContainer>(key: readonly unknown[], compute: () => T) => T;

/** What stays constant while a frame, or a batch of frames, is optimised. Its tensors belong to the run. */
export interface FrameContext {
  /** Index of the frame, or of the first one of the batch, from 0. */
  readonly index: number;
  /** The aligned driver frames: one, or as many as the batch has. */
  readonly drivers: readonly AlignedFrame[];
  /** The look `[1, resolution, resolution, 3]`; absent in free mode. */
  readonly look?: ImageTensor<'signed'>;
  /** W+ latent of the last finished frame `[1, numWs, wDim]`; absent in frame 0. */
  readonly previous?: Tensor;
  /** Mean latent ŵ `[1, 1, wDim]`. */
  readonly mean: Tensor;
  /** Shares constants between the terms, for as long as what is prepared is kept. */
  readonly memo: Memo;
}

/**
 * What a loss term can use in one optimisation step. Everything is computed on demand, once, and is differentiable.
 *
 * A step may be recorded and replayed, also for later frames. Only tensors change then: a number that a term reads or
 * computes stays what it was when the step was recorded. Whatever depends on the step or the frame belongs into `weight`
 * or `prepare`.
 */
export interface StepContext {
  /** The optimised coordinates `[batch, layers, dimensions]` in the latent space of the run, without latent noise. */
  readonly coordinates: Tensor;
  /** W+ latents `[batch, numWs, wDim]`, without latent noise. */
  readonly ws: Tensor;
  /**
   * W+ latents of the frame before each, `[batch, numWs, wDim]`; absent in frame 0. The only access to another frame: a
   * term that reads it couples the frames of a batch.
   */
  readonly previous?: Tensor;
  /** Mean latent ŵ `[1, 1, wDim]`. */
  readonly mean: Tensor;
  /** The look `[1, resolution, resolution, 3]`; absent in free mode. */
  readonly look?: ImageTensor<'signed'>;
  /** Noise maps by layer name where they are optimised, else empty. */
  readonly noise: NoiseMaps;
  /** The images `[batch, resolution, resolution, 3]` of the latents, with latent noise. */
  image(): ImageTensor<'signed'>;
  /** Shares what is computed in this step between the terms. */
  readonly memo: Memo;
}

/**
 * One summand of the objective. A term is a factory in a file of its own, and holds the networks it needs.
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
  /** Factor in the objective. A schedule is called at every step; where it gives 0, the term is skipped. */
  readonly weight: ScalarOrSchedule;
  /**
   * What else the term was made with, defaults filled in: numbers, words, and objects of them. A run that is resumed must
   * have the same. Default: nothing is compared.
   */
  readonly settings?: Readonly<Record<string, unknown>>;
  /**
   * Refuses a run that cannot give the term what it needs, before anything is computed.
   *
   * @throws FaceanimError `invalid-option`; see {@link needsLook}.
   */
  check?(run: RunContext): void;
  /** Whether it takes part in this frame. Default yes. */
  applies?(frame: FrameContext): boolean;
  /** Constant tensors it needs, such as features of the look; the run disposes them. */
  prepare?(frame: FrameContext): Prepared;
  /** How long what was prepared is kept: for one frame (default), or for the run if it depends on the look alone. */
  readonly preparedFor?: 'frame' | 'run';
  /**
   * The unweighted value of every frame, `[batch]`; differentiable in the coordinates, the latent, the image and the noise
   * maps. The objective is the sum over frames, so a weight means the same at every batch size.
   */
  value(step: StepContext, prepared: Prepared): Tensor;
}
