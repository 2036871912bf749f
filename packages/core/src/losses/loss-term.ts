import type { ImageTensor } from '@faceanim/tensor';
import type { Tensor, Tensor4D, TensorContainer } from '@tensorflow/tfjs-core';
import type { Generator, NoiseMaps } from '../contracts/generator';
import type { LandmarkNet } from '../contracts/landmark-net';
import type { TargetedFrame } from '../contracts/motion-target';
import type { HeatmapShape } from '../landmarks/heatmap-shape';
import type { Landmarks } from '../landmarks/measures';
import type { ScalarOrSchedule } from './schedule';

/** The facts about a run that {@link LossTerm.check} can verify. */
export interface RunContext {
  readonly generator: Generator;
  /** Whether there is a look, i.e. the run is in identity mode. */
  readonly look: boolean;
  /** The network whose landmarks a target sets; absent without one. */
  readonly targetNet?: LandmarkNet;
}

/** How heat maps are drawn at target landmarks. */
export interface TargetHeatmapShape {
  /** The network that the shape was measured with. */
  readonly net: LandmarkNet;
  readonly shape: HeatmapShape;
  /** The heat maps of the frames, if they are drawn already. */
  readonly maps?: Tensor4D;
}

/** The look as a face whose landmarks are known. */
export interface LookFace {
  /** Its 68 landmarks, in sides of the picture. */
  readonly landmarks: Landmarks;
  /** The look as the frames pose it, if that is known already. */
  readonly posed?: ImageTensor<'signed'>;
}

/**
 * Shares tensors between loss terms: the first call with a key computes them, later calls return the same tensors. They
 * belong to the run; do not dispose them.
 *
 * Two keys are equal if they have the same length and identical elements. A key should hold everything that the result
 * depends on, and a name for it.
 *
 * @example
 * const embedding = memo([net, 'embedding'], () => net.embed(image()));
 */
export type Memo = <T extends TensorContainer>(key: readonly unknown[], compute: () => T) => T;

/** What stays the same for a whole run. Its tensors belong to the run. */
export interface RunConstants {
  /** The look, `[1, resolution, resolution, 3]`; absent in free mode. */
  readonly look?: ImageTensor<'signed'>;
  /** Mean latent ŵ `[1, 1, wDim]`. */
  readonly mean: Tensor;
  /** Shares constants between terms, for as long as prepared tensors are kept. */
  readonly memo: Memo;
}

/** Constants of a frame, or a batch of frames, that is optimised. The tensors belong to the run. */
export interface FrameContext extends RunConstants {
  /** Index of the frame in its shot, from 0; of the first one, in a batch. */
  readonly index: number;
  /**
   * The aligned driver frames, one per frame of the batch. They have `targetLandmarks` if the run has a target; while the look
   * is projected, the only one is the look itself, without.
   */
  readonly drivers: readonly TargetedFrame[];
  /** How heat maps are drawn at `targetLandmarks`; absent if the frames have none. */
  readonly heatmapShape?: TargetHeatmapShape;
  /** The look that {@link posedLook} warps; absent if the frames have no `targetLandmarks`. */
  readonly lookFace?: LookFace;
  /** W+ latent of the last finished frame, `[1, numWs, wDim]`; absent in the first frame of a shot. */
  readonly previous?: Tensor;
}

/**
 * Inputs of a loss term in one optimisation step. They are computed on first use, and differentiable.
 *
 * A step may be recorded and replayed, even for later frames. Only tensors change then; any number that a term reads or
 * computes is fixed when the step is recorded. Use `weight` or `prepare` for values that depend on the step or the frame.
 */
export interface StepContext {
  /** The optimised coordinates in the latent space of the run, `[batch, layers, dimensions]`, without latent noise. */
  readonly coordinates: Tensor;
  /** The latents in W+, `[batch, numWs, wDim]`, without latent noise. */
  readonly ws: Tensor;
  /**
   * W+ latents of the previous frame of each frame, `[batch, numWs, wDim]`; absent in the first frame of a shot. A term that
   * reads them couples the frames of a batch.
   */
  readonly previous?: Tensor;
  /** Mean latent ŵ `[1, 1, wDim]`. */
  readonly mean: Tensor;
  /** The look `[1, resolution, resolution, 3]`; absent in free mode. */
  readonly look?: ImageTensor<'signed'>;
  /** Noise maps by layer name if they are optimised, else empty. */
  readonly noise: NoiseMaps;
  /**
   * The generated images, `[batch, resolution, resolution, 3]`, with latent noise; smaller than `look` if the run draws smaller
   * images, but not smaller than the {@link LossTerm.imageSize} of any term.
   */
  image(): ImageTensor<'signed'>;
  /** Shares results between terms in this step. */
  readonly memo: Memo;
}

/**
 * One term of the loss that is minimised, such as {@link lpips} or {@link smooth}. A term holds the networks it needs.
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
  /** The name of its value in `losses`; unique in a run. */
  readonly name: string;
  /** Weight in the sum. A schedule is called at every step; while the weight is 0, the term is not computed. */
  readonly weight: ScalarOrSchedule;
  /**
   * Whether the weight is relative to how different faces are: a run divides it by the mean value of the term over random faces
   * of the generator, with the mean face as the look and as the previous frame. The same weight then fits every generator and
   * network. Not for terms with `prepare` alone. Default no.
   */
  readonly relative?: boolean;
  /**
   * The smallest side in pixels of the images that the term can compare; 0 if it looks at none. A run may draw images of this
   * size or larger ones (`synthesisResolution` of `projectSequence`), while the look stays as it is. Default: it needs the whole
   * images of the generator.
   */
  readonly imageSize?: number;
  /**
   * The other options of the term, with defaults filled in: numbers, strings, and objects of them. They must be the same
   * when a run is resumed. Default: nothing is compared.
   */
  readonly settings?: Readonly<Record<string, unknown>>;
  /**
   * What its value depends on besides `settings`, such as its network, and what tells it from other kinds of terms, such as the
   * function that made it. Terms whose `settings` are equal and whose keys have identical elements are the same term to the runs
   * of a projector: the scale of a relative weight is computed only once, and a look is not projected again. A copy with another `value` needs another key; copies of
   * built-in terms do not inherit theirs. Default: the term itself.
   */
  readonly key?: readonly unknown[];
  /**
   * Checks, before anything is computed, that the run has what the term needs.
   *
   * @throws FaceanimError `invalid-option` if it does not; see {@link needsLook}.
   */
  check?(run: RunContext): void;
  /** Whether the term applies to this frame. Default yes. */
  applies?(frame: FrameContext): boolean;
  /** Computes constant tensors for `value` in a frame, such as features of the driver; the run disposes them. */
  prepare?(frame: FrameContext): Prepared;
  /**
   * Whether `prepare` reads nothing of a frame but {@link targetHeatmaps} and {@link posedLook}. A live session then records it, and
   * calls it for the first frame only. Default no.
   */
  readonly preparesTargets?: boolean;
  /**
   * As `prepare`, once for all frames, such as features of the look. If a term has both, `prepare` is for frames whose look is
   * posed; see {@link posedLook}.
   */
  prepareForRun?(run: RunConstants): Prepared;
  /**
   * Computes the unweighted value of every frame, `[batch]`. Differentiable in the coordinates, the latents, the images and the
   * noise maps. Values are summed over frames, so weights do not depend on the batch size.
   */
  value(step: StepContext, prepared: Prepared): Tensor;
}
