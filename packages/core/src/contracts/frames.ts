/** One latent in W+ on the host: `data[layer * wDim + i]`. */
export interface Latent {
  readonly numWs: number;
  readonly wDim: number;
  readonly data: Float32Array;
}

/** Why the optimisation of a frame ended. */
export type StopReason = 'steps' | 'plateau';

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
   * The inverse Hessian that `quasi-newton` found, `[n, n]` for n coordinates, in the first frames: later ones start
   * with it, and resume with it.
   */
  readonly curvature?: Float32Array;
  /** Noise maps after the frame by layer name, where they are optimised. */
  readonly noise?: Readonly<Record<string, Float32Array>>;
}
