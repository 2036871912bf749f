import type { Latent } from '../contracts/frames';
import type { RgbImage } from '../contracts/image';
import type { LandmarkNet } from '../contracts/landmark-net';
import type { TrackFacesOptions } from '../landmarks/track-options';
import type { Optimizer } from '../optimizers/optimizer';
import type { RetargetOptions } from '../retargeting/retarget';
import type { ProjectSequenceOptions } from '../sequence/options';

/**
 * Options of {@link openLive}.
 *
 * @category Live
 */
export interface LiveOptions
  extends Pick<
      ProjectSequenceOptions,
      | 'generator'
      | 'perceptual'
      | 'encoder'
      | 'landmarkModel'
      | 'losses'
      | 'statistics'
      | 'seed'
      | 'backend'
      | 'signal'
      | 'onProgress'
      | 'onWarning'
    >,
    Pick<RetargetOptions, 'gain' | 'pose'> {
  /** Finds the landmarks of the driver and of the results; with the 68 iBUG landmarks. */
  landmarkNet: LandmarkNet;
  /** Whose face is animated: square and aligned, as {@link prepareLook} returns it. */
  look: RgbImage;
  /** Updates the latent. Default {@link quasiNewton} with a trust radius of 0.06, for short steps. */
  optimizer?: Optimizer;
  /**
   * Time for each picture in ms, from when it comes until its result is there: as many steps are taken as fit, at least one.
   * Default 40, for 25 frames a second.
   */
  budgetMs?: number;
  /**
   * The steps of the look, which is projected when the session opens, and the most steps of each frame. Default: as in
   * {@link defaultSteps}, with `quasiNewton` 60 and 10.
   */
  steps?: { look?: number; most?: number };
  /**
   * Which landmarks the results should have: those of the look's face with the driver's motion (`retargeted`, the default with
   * a `landmarkModel`), or those of the driver as they are (`driver`).
   */
  target?: 'retargeted' | 'driver';
  /**
   * Delay of the motion in pictures, which makes it steadier; as `gain` and `pose`, only with `retargeted`. Latencies are those of the pictures
   * without it. Default 0.
   */
  lag?: number;
  /** How the face is found and followed. `smoothing` is for the target `driver` only, whose crops it steadies. */
  tracking?: Pick<TrackFacesOptions, 'face' | 'locate' | 'minScore' | 'smoothing'>;
}

/**
 * The result for a picture of the driver.
 *
 * @category Live
 */
export interface LiveFrame {
  /** Index of the picture, from 0; dropped pictures count too. */
  readonly index: number;
  /** Whether a face was found in it. If not, the last result is held. */
  readonly found: boolean;
  /** The result: `resolution` × `resolution` pixels of the generator. */
  readonly image: RgbImage;
  /** The latent of the image. */
  readonly latent: Latent;
  /** Number of steps taken; 0 if the last result is held. */
  readonly steps: number;
  /** Milliseconds from when the picture came until its result was there. */
  readonly latencyMs: number;
  /** The part of it in which the face was found, in milliseconds; on a GPU with the wait for the picture before. */
  readonly trackMs: number;
  /** How many pictures were dropped since the last result. */
  readonly dropped: number;
}

/**
 * An open live session; see {@link openLive}.
 *
 * @category Live
 */
export interface Live extends Disposable {
  /** The latent of the look. */
  readonly look: Latent;
  /**
   * Animates the look after a live driver. The newest picture is always taken next; those that came in between are dropped, and
   * counted in `dropped`. On a GPU, which computes meanwhile, the face in the next picture is already looked for while a result is
   * on its way. The generator ends with the driver.
   *
   * @param driver pictures, such as those of a camera; also objects with an `image`, such as the frames of `readVideo`. It is
   *   closed at once when the generator ends. A generator that waits for a picture closes after that, so give it the `signal` too.
   * @throws {FaceanimError} as `next`; whatever the driver throws.
   */
  animate(
    driver: AsyncIterable<LivePicture> | Iterable<LivePicture>,
    options?: { signal?: AbortSignal },
  ): AsyncGenerator<LiveFrame, void, undefined>;
  /**
   * Animates the look after one more picture of the driver, for callers with a clock of their own, such as
   * `requestVideoFrameCallback`, and for files of which every frame is wanted. One picture at a time.
   *
   * @throws {FaceanimError} `invalid-option`, also while another picture is worked on, and once the session is disposed;
   *   `diverged`; `aborted`. After any of these the session can be used on.
   */
  next(picture: LivePicture, options?: { signal?: AbortSignal }): Promise<LiveFrame>;
}

/**
 * A picture of a live driver.
 *
 * @category Live
 */
export type LivePicture = RgbImage | { readonly image: RgbImage };
