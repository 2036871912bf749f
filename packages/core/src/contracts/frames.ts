import type { HostTensors } from '../optimizers/optimizer';

/** One latent in W+ on the host: `data[layer * wDim + i]`. */
export interface Latent {
  readonly numWs: number;
  readonly wDim: number;
  readonly data: Float32Array;
  /** Noise maps by layer name that the picture is drawn with, where they are not those of the checkpoint. */
  readonly noise?: Readonly<Record<string, Float32Array>>;
}

/**
 * What a frame was made from. A run that goes on after the frame must have the same, else its latents would be others
 * than those of a run that was never stopped.
 */
export interface FrameOrigin {
  /** Version of `@faceanim/core`. */
  readonly sdk: string;
  /**
   * What was asked for, with defaults filled in, by the name of the option: numbers, words, and for a function the word
   * `function`, since it cannot be compared.
   */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** The first components of the mean latent ŵ, by which a generator is known. */
  readonly mean: readonly number[];
  /** SHA-256 of the look's pixels. */
  readonly look?: string;
  /** SHA-256 of the pixels of the driver frame as the driver gave it, before it was cropped. */
  readonly driver?: string;
  /**
   * The `minScore` that its face was found with. Not compared: it may change for frames to come, and finished ones are
   * found again with their own.
   */
  readonly minScore?: number;
}

/** Why the optimisation of a frame ended. */
export type StopReason = 'steps' | 'early-stopping';

/** One frame that {@link projectSequence} has finished. */
export interface ProjectedFrame {
  /** Index among the projected frames, from 0. */
  readonly index: number;
  /** The latent in W+. */
  readonly latent: Latent;
  /** The optimised coordinates in the latent space of the run, from which the next frame starts. */
  readonly coordinates: Float32Array;
  /** Loss terms before weighting at the last step, and `total`, the weighted sum. */
  readonly losses: Readonly<Record<string, number>>;
  /** `total` every few steps, oldest first. */
  readonly history: readonly { readonly step: number; readonly total: number }[];
  /** Steps taken. */
  readonly steps: number;
  readonly stopReason: StopReason;
  /**
   * In the first frames, what the optimizer has learned and later frames start with, also after `resume`: of
   * {@link quasiNewton} the inverse Hessian, `inverse` `[n, n]` for n coordinates.
   */
  readonly carriedOver?: HostTensors;
  /**
   * Noise maps after the frame by layer name, where they are optimised: what later frames start with. Those that its
   * picture is drawn with are in `latent.noise`.
   */
  readonly noise?: Readonly<Record<string, Float32Array>>;
  /** What it was made from; compared when a run goes on after it. */
  readonly origin: FrameOrigin;
}
