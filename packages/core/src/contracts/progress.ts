/**
 * Progress of a long call, as passed to `onProgress`.
 *
 * @category Run
 */
export interface ProgressEvent {
  /**
   * What the call is doing: loading files, fitting an encoder, finding the face in a picture such as the look, tracking it
   * through the driver, computing statistics of latents and loss terms, projecting the look, optimising and refining latents,
   * rendering or writing images. Reported when work on a frame begins, and after each step or image.
   */
  stage:
    | 'load'
    | 'fit'
    | 'locate'
    | 'track'
    | 'statistics'
    | 'look'
    | 'optimize'
    | 'refine'
    | 'render'
    | 'write';
  /**
   * Index of the frame in the driver, from 0; of the last one, if several are optimised together. While images are rendered
   * or written, the index of the image.
   */
  frame?: number;
  /** Index of the frame in the run, from 0. It differs from `frame` if the driver starts later or skips frames. */
  position?: number;
  /** Number of frames of the run, if known. */
  frames?: number;
  /** The step of the frame that was just taken, from 0; absent before the first. */
  step?: number;
  /** Number of steps of this frame. */
  steps?: number;
  /** Values of the loss terms before weighting, and `total`, their weighted sum. */
  losses?: Readonly<Record<string, number>>;
  /** In `look`: an earlier run of the projector has projected the look, so that this run takes none of the steps. */
  kept?: true;
  /**
   * Estimated seconds until the call ends, from the mean time per step; absent until a step was measured. A first step that
   * compiles GPU programs does not count.
   */
  etaSeconds?: number;
  /**
   * Mean milliseconds per optimisation step, without the time between frames; absent until a step was measured. A first
   * step that compiles GPU programs does not count.
   */
  msPerStep?: number;
  /**
   * Share of the stage that is done, 0..1, if known; it starts over with each stage. Of `optimize`, it is the share of the
   * steps of all frames.
   */
  fraction?: number;
}

/**
 * Receives the {@link ProgressEvent}s of a long call. Called synchronously, so keep it short.
 *
 * @category Run
 */
export type OnProgress = (event: ProgressEvent) => void;
