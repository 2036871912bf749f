import type { MotionTarget } from '@faceanim/core';
import { type FaceChoice, type GroupWeights, type MissingFace, trackClip } from '@faceanim/core/landmarks';
import { retargeted } from '@faceanim/core/retargeting';
import { openVideo } from '@faceanim/media';
import { type LimitFlags, withinLimits } from '../limits/limits';
import type { Networks } from '../networks/networks';
import { inFile, warningsOf } from '../terminal/in-file';

/** Flags that say which face of the driver is followed, and how its motion is put on the look. */
export interface MotionFlags {
  face?: FaceChoice;
  /** Which face of the look is animated, if it is cropped. */
  lookFace?: FaceChoice;
  onMissingFace?: MissingFace;
  minScore?: number;
  gain?: GroupWeights;
  pose?: 'driver' | 'look' | number;
  /** Index of the driver frame in which the face is at rest. */
  neutral?: number;
  /** Another video whose expressions are blended in. */
  blend?: string;
  blendShare?: number;
}

export const defaultBlendShare = 0.5;

interface Hooks {
  readonly signal?: AbortSignal;
  readonly onWarning?: (message: string) => void;
}

/**
 * The driver's motion on the face of the look, as the flags want it. Tracks the video of `--blend`.
 *
 * @throws {FaceanimError} as `readVideo` and `trackClip`; `too-large`.
 */
export async function motionOnLook(
  flags: MotionFlags & LimitFlags,
  { landmarkNet, landmarkModel: model }: Pick<Networks, 'landmarkNet' | 'landmarkModel'>,
  { signal, onWarning }: Hooks,
): Promise<MotionTarget> {
  const { gain, pose, neutral, blend, blendShare: share = defaultBlendShare, minScore } = flags;
  if (blend === undefined) return retargeted({ model, gain, pose, neutral });
  const video = await openVideo(blend, { signal });
  const all = video.frames({ signal, onWarning });
  const clip = await trackClip(withinLimits(all, { name: '--blend', path: blend }, video.info.fps, flags), {
    ...{ landmarkNet, minScore, signal },
    onWarning: warningsOf(blend, onWarning),
  }).catch((error) => {
    throw inFile(error, blend);
  });
  const frames = clip.map(({ found, landmarks }) => (found ? landmarks : undefined));
  return retargeted({ model, gain, pose, neutral, blend: { frames, share } });
}
