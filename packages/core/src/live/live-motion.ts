import type { Landmarks } from '../landmarks/measures';
import { fitFace } from '../retargeting/fit-face';
import type { FrameFit } from '../retargeting/frame-fit';
import type { LandmarkModel } from '../retargeting/landmark-model';
import { type LiveFit, liveFit } from '../retargeting/live-fit';
import { alignedTarget, drawnTargets, type RetargetOptions } from '../retargeting/retarget';

/** Options of {@link liveMotion}. */
export interface LiveMotionOptions extends Pick<RetargetOptions, 'gain' | 'pose'> {
  readonly model: LandmarkModel;
  /** The 68 landmarks of the look. */
  readonly look: Landmarks;
  /** Delay in pictures. */
  readonly lag: number;
}

/** The driver's motion on the face of the look, picture by picture. */
export interface LiveMotion {
  /**
   * Adds the landmarks of a picture; undefined if it shows no face. Returns those that the result should have, in pixels of an
   * aligned picture of `size`; undefined before the first face.
   */
  push(landmarks: Landmarks | undefined, size: number): Landmarks | undefined;
  /** Forgets the driver: the next face may be another one. */
  restart(): void;
}

/** Fits the landmark model to a live driver, and draws the face of the look with its expression and pose. */
export function liveMotion({ model, look: landmarks, lag, gain, pose }: LiveMotionOptions): LiveMotion {
  const look = fitFace(model, landmarks);
  let fit: LiveFit = liveFit(model, { lag });
  let target: Landmarks | undefined;
  return {
    push(landmarks, size) {
      const frame: FrameFit | undefined = fit.push(landmarks);
      if (!frame) return target;
      const [drawn] = drawnTargets({ model, driver: { frames: [frame] }, look, gain, pose });
      // One that does not span a face is held from before.
      target = alignedTarget(drawn!, size) ?? target;
      return target;
    },
    restart: () => {
      fit = liveFit(model, { lag });
      target = undefined;
    },
  };
}
