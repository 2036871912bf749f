/** What a long call tells about itself; `onProgress` gets one of these. */
export interface ProgressEvent {
  /**
   * What is going on: bytes being loaded, an encoder being fitted, latent statistics being taken, faces being found,
   * latents being optimised, frames being rendered or written. Told before the work of a frame begins and, of steps and
   * pictures, after each.
   */
  stage: 'load' | 'fit' | 'track' | 'statistics' | 'optimize' | 'render' | 'write';
  /**
   * Index of the frame in the driver, from 0; of frames that are optimised together, the last. While pictures are rendered
   * or written, the index of the picture.
   */
  frame?: number;
  /** Which frame of the run it is, from 0: not `frame` where the driver begins later or leaves frames out. */
  position?: number;
  /** Number of frames of the run, where it is known. */
  frames?: number;
  /** Step within the frame that was taken, from 0; absent before the first. */
  step?: number;
  /** Steps of this frame. */
  steps?: number;
  /** Values of the loss terms, before weighting, and `total`, the weighted sum, as far as they were read. */
  losses?: Readonly<Record<string, number>>;
  /**
   * Estimated seconds to the end of the call, from the mean time of the steps so far; absent until that is known. A first
   * step that compiles programs (on a GPU) does not count.
   */
  etaSeconds?: number;
  /**
   * Mean milliseconds of an optimisation step so far, without what is done between frames; absent until one was measured.
   * A first step that compiles programs (on a GPU) does not count.
   */
  msPerStep?: number;
  /** Share done, 0..1, where it is known: of the steps of all frames while latents are optimised, else of the stage. */
  fraction?: number;
}

/** Receives the {@link ProgressEvent}s of a long call; called synchronously, so keep it short. */
export type OnProgress = (event: ProgressEvent) => void;
