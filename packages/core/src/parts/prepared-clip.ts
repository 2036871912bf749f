import type { FrameOrigin, Latent } from '../contracts/frames';
import type { TargetedFrame } from '../contracts/motion-target';
import type { HeatmapShape } from '../landmarks/heatmap-shape';
import type { Landmarks } from '../landmarks/measures';
import type { HostTensors } from '../optimizers/optimizer';

/** Consecutive frames of a run that are optimised by themselves; see {@link planParts}. */
export interface Part {
  /** Index of its first frame in the run, from 0. */
  readonly start: number;
  /** Index after its last frame. */
  readonly end: number;
  /** How many of its first frames are also the last ones of the part before; 0 at a cut. */
  readonly overlap: number;
}

/** The look of a prepared clip. */
export interface ClipLook {
  /** Its 68 landmarks, in its pixels. */
  readonly landmarks: Landmarks;
  /** How sure the landmark network was of them. */
  readonly score: number;
  /** Its latent, if the run projects it. */
  readonly latent?: Latent;
  /** What the optimizer has learnt while it was projected. */
  readonly carriedOver?: HostTensors;
}

/**
 * A driver that is ready to be optimised, made by {@link prepareClip}: it is tracked, its targets are computed and its look is
 * projected. It may be a part of a longer one ({@link partOf}), and then has all that its frames need of the whole.
 */
export interface PreparedClip {
  readonly prepared: 'v1';
  /** Index of its first frame in the run. */
  readonly start: number;
  /** Its frames, without those that `every` leaves out. */
  readonly frames: readonly TargetedFrame[];
  /** A hash of each driver frame as it was given. */
  readonly hashes: readonly (string | undefined)[];
  /** Whether the frames were aligned before. */
  readonly aligned: boolean;
  /** Number of driver frames in the whole clip, if it was known. */
  readonly length: number | undefined;
  /** What all frames of the run are made from. */
  readonly origin: Omit<FrameOrigin, 'driver'>;
  /** Present if the run has a target or projects its look. */
  readonly look?: ClipLook;
  /** How the landmark network draws its landmarks; present if the run has a target. */
  readonly heatmapShape?: HeatmapShape;
}

/** Whether the driver of a run is a prepared clip. */
export function isPreparedClip(driver: unknown): driver is PreparedClip {
  return (driver as Partial<PreparedClip> | null)?.prepared === 'v1';
}
