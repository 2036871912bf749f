import { FaceanimError } from '@faceanim/tensor';
import type { RgbImage } from '../contracts/image';
import type { LandmarkNet } from '../contracts/landmark-net';
import { centredSquare, imageToQuad } from '../images/quad';
import { cropQuad } from '../images/warp';
import { type DetectedLandmarks, detectLandmarks } from '../landmarks/detect';
import { defaultMinScore } from '../landmarks/locate';
import type { AlignedFrame } from '../landmarks/track';
import type { ProjectSequenceOptions } from './options';
import type { Settings } from './settings';

/** Whether a run needs the landmarks of the look: for a target, or to project it. */
export const needsLookFrame = ({ target, steps }: Pick<Settings, 'target' | 'steps'>) =>
  target !== undefined || steps.look > 0;

/**
 * The look as a driver frame, if the run needs it. It is aligned, so that the whole picture is what the network sees of results.
 *
 * @throws {FaceanimError} `no-face` if it shows none.
 */
export async function lookFrame(
  { look, landmarkNet: net, tracking }: ProjectSequenceOptions,
  settings: Pick<Settings, 'target' | 'steps'>,
): Promise<AlignedFrame | undefined> {
  if (!look || !net || !needsLookFrame(settings)) return undefined;
  const { minScore = defaultMinScore } = tracking ?? {};
  const quad = centredSquare(look);
  const { landmarks, score } = await detectLandmarks(look, quad, net);
  // A network that overflows gives NaN.
  if (!(score >= minScore)) {
    throw new FaceanimError('no-face', 'No face was found in the look.', {
      hint: "Align it with prepareLook, or lower minScore. With target: 'driver' and steps: { look: 0 }, it needs no face.",
    });
  }
  return lookWith(look, { landmarks, score }, net);
}

/** The look as a driver frame, with landmarks that are known. */
export function lookWith(
  look: RgbImage,
  { landmarks, score }: Pick<DetectedLandmarks, 'landmarks' | 'score'>,
  { inputSize }: LandmarkNet,
): AlignedFrame {
  const quad = centredSquare(look);
  const image = cropQuad(look, quad, inputSize);
  return {
    ...{ index: 0, shot: 0, found: true, image, quad, landmarks, score },
    alignedLandmarks: imageToQuad(landmarks, quad, inputSize),
  };
}
