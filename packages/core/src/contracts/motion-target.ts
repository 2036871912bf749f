import type { Landmarks } from '../landmarks/measures';
import type { AlignedFrame } from '../landmarks/track';
import type { ClipFrame } from '../landmarks/track-clip';

/**
 * What a {@link MotionTarget} is given: a shot of the driver, and the look, as the landmark network saw them.
 *
 * @category Look and driver
 */
export interface TrackedClip {
  /**
   * All frames of a shot. Their `landmarks` are in pixels of the uncropped frames. Those of frames that are not `found` are
   * held from a frame nearby. Those that `every` leaves out have no `image`.
   */
  readonly frames: readonly ClipFrame[];
  /** All frames of the driver. */
  readonly driver: readonly ClipFrame[];
  /** Width and height of the crops in pixels. */
  readonly size: number;
  /** The 68 landmarks of the look, in its pixels. */
  readonly look: Landmarks;
  /** Aborts the run. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The result of {@link MotionTarget.landmarks}.
 *
 * @category Look and driver
 */
export type TargetLandmarks = readonly (Landmarks | undefined)[];

/**
 * Where the landmarks of the results should be, if not where the driver has them. `retargeted` of
 * `@faceanim/core/retargeting` makes one.
 *
 * @category Look and driver
 */
export interface MotionTarget {
  readonly specificationVersion: 'v1';
  /** Its name in messages. */
  readonly name: string;
  /**
   * Its options, with defaults filled in: numbers, strings, and objects of them. They must be the same when a run is
   * resumed. Default: nothing is compared.
   */
  readonly settings?: Readonly<Record<string, unknown>>;
  /**
   * Computes the target landmarks of a shot. Called for one shot after the other.
   *
   * @returns for each frame 68 landmarks `x0, y0, x1, …`, in pixels of its crop; undefined holds those of a frame
   *   nearby.
   */
  landmarks(clip: TrackedClip): TargetLandmarks | Promise<TargetLandmarks>;
}

/**
 * An aligned driver frame, with the landmarks that its result should have.
 *
 * @category Look and driver
 */
export interface TargetedFrame extends AlignedFrame {
  /** In pixels of `image`. Absent if the run has no target: the result should have the landmarks of the driver. */
  readonly targetLandmarks?: Landmarks;
}
