import type { HostTensors } from '../optimizers/optimizer';

/**
 * A latent in W+ in host memory: `data[layer * wDim + i]`.
 *
 * @category Latents and pictures
 */
export interface Latent {
  readonly numWs: number;
  readonly wDim: number;
  readonly data: Float32Array;
  /** Noise maps by layer name to render it with, if they are not those of the checkpoint. */
  readonly noise?: Readonly<Record<string, Float32Array>>;
  /** Index of its shot, from 0. {@link interpolate} does not blend latents of different shots. Default 0. */
  readonly shot?: number;
}

/**
 * What a frame was made from. A run that resumes after the frame must have the same origin; otherwise its latents would
 * differ from those of an uninterrupted run.
 *
 * @category Latents and pictures
 */
export interface FrameOrigin {
  /** Version of `@faceanim/core`. */
  readonly sdk: string;
  /**
   * The options that affect latents, by name, with defaults filled in: numbers, strings, and the string `function` for a
   * function, since functions cannot be compared.
   */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** The first components of the mean latent ŵ, which identify the generator. */
  readonly mean: readonly number[];
  /** SHA-256 of the look's pixels. */
  readonly look?: string;
  /** SHA-256 of the driver frame's pixels before cropping; for a driver that was aligned before, of the crop and its landmarks. */
  readonly driver?: string;
}

/**
 * Why the optimisation of a frame ended.
 *
 * @category Latents and pictures
 */
export type StopReason = 'steps' | 'early-stopping';

/**
 * A finished frame of {@link projectSequence}: its latent and how the optimisation went.
 *
 * @category Latents and pictures
 */
export interface ProjectedFrame {
  /** Index of the frame in the run, from 0. */
  readonly index: number;
  /** Index of the driver frame that it follows. */
  readonly driverIndex: number;
  /** The latent in W+. */
  readonly latent: Latent;
  /** The coordinates of the latent in the latent space of the run, from which the next frame starts. */
  readonly coordinates: Float32Array;
  /** The latent of the look itself, projected before frame 0; only in frame 0 of a run that projects it. */
  readonly lookLatent?: Latent;
  /** Beside {@link lookLatent}: what the optimizer has learnt while it was projected, with which the first frame of every shot starts. */
  readonly lookCarriedOver?: HostTensors;
  /** Values of the loss terms at the last step, before weighting, and `total`, their weighted sum. */
  readonly losses: Readonly<Record<string, number>>;
  /** `total` at the steps at which losses were read, oldest first. */
  readonly history: readonly { readonly step: number; readonly total: number }[];
  /** Number of steps taken. */
  readonly steps: number;
  readonly stopReason: StopReason;
  /**
   * Optimizer state that later frames start with, also after `resume`; only in the first frames of a shot. With
   * `quasiNewton` it is the inverse Hessian, `inverse` `[n, n]` for n coordinates.
   */
  readonly carriedOver?: HostTensors;
  /**
   * Noise maps by layer name that later frames start with, if they are optimised. The maps to render this frame with are
   * in `latent.noise`.
   */
  readonly noise?: Readonly<Record<string, Float32Array>>;
  /** What the frame was made from; compared on `resume`. */
  readonly origin: FrameOrigin;
}

/**
 * The finished frames of a run, from frame 0: a list, or a store that reads each one when it is needed, since those of a long run
 * may not fit into memory.
 *
 * @category Latents and pictures
 */
export interface FrameStore {
  /** Number of frames. */
  readonly length: number;
  /** The frame of this index in the store; undefined after the last one. */
  at(index: number): ProjectedFrame | undefined | Promise<ProjectedFrame | undefined>;
}
