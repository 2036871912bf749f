import { FaceanimError, invalidOption, read } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { RgbImage } from '../contracts/image';
import type { LandmarkNet } from '../contracts/landmark-net';
import type { MotionTarget, TargetedFrame } from '../contracts/motion-target';
import { imageToTensor } from '../images/image-tensors';
import { centredSquare } from '../images/quad';
import { detectLandmarks } from '../landmarks/detect';
import { landmarkCount } from '../landmarks/groups';
import { heatmapShape } from '../landmarks/heatmap-shape';
import { standardLandmarkInput } from '../landmarks/landmark-input';
import { defaultMinScore } from '../landmarks/locate';
import type { Landmarks } from '../landmarks/measures';
import type { AlignedFrame } from '../landmarks/track';
import type { TargetHeatmapShape } from '../losses/loss-term';
import type { Driver } from './driver';
import type { ProjectSequenceOptions } from './options';
import type { Settings } from './settings';

/** The frames of a run, with their targets if it has any. */
interface TargetedFrames {
  readonly frames: AsyncIterable<TargetedFrame> | Iterable<TargetedFrame>;
  /** Number of frames that the targets were computed from. */
  readonly clipLength?: number;
  readonly heatmapShape?: TargetHeatmapShape;
}

/**
 * Computes the targets of all frames, for which the whole driver is read; without a target the frames are those of the
 * driver.
 *
 * @throws {FaceanimError} `no-face` if the look shows none; `invalid-option` for a target that is broken.
 */
export async function targetedFrames(
  driver: Driver,
  { look, landmarkNet: net, backend, tracking }: ProjectSequenceOptions,
  { target }: Settings,
): Promise<TargetedFrames> {
  if (!target || !look || !net) return driver;
  const frames: AlignedFrame[] = [];
  for await (const frame of driver.frames) frames.push(frame);
  await backend?.activate();
  const lookLandmarks = await landmarksOfLook(look, net, tracking?.minScore);
  const [first, middle, last] = [frames[0]!, frames[frames.length >> 1]!, frames.at(-1)!];
  const shape = await measureShape([look, first.image, middle.image, last.image], net);
  const landmarks = await target.landmarks({ frames, look: lookLandmarks });
  checkTargets(target, landmarks, frames);
  return {
    frames: frames.map((frame, i) => ({ ...frame, targetLandmarks: landmarks[i]! })),
    clipLength: frames.length,
    heatmapShape: { net, shape },
  };
}

/** The look is aligned, so that the whole picture is what the network sees of results. */
async function landmarksOfLook(
  look: RgbImage,
  net: LandmarkNet,
  minScore = defaultMinScore,
): Promise<Landmarks> {
  const { landmarks, score } = await detectLandmarks(look, centredSquare(look), net);
  if (score >= minScore) return landmarks;
  throw new FaceanimError('no-face', 'No face was found in the look.', {
    hint: 'A target needs the landmarks of the look. Align it with prepareLook, or lower minScore.',
  });
}

async function measureShape(
  images: readonly RgbImage[],
  net: LandmarkNet,
): Promise<TargetHeatmapShape['shape']> {
  const heatmaps: Float32Array[] = [];
  for (const image of images) {
    const maps = tf.tidy(() =>
      net.heatmaps(standardLandmarkInput(imageToTensor(image, 'signed'), net, 'driver')),
    );
    heatmaps.push(Float32Array.from(await read(maps)));
  }
  return heatmapShape(heatmaps, { points: net.points, size: net.heatmapSize });
}

function checkTargets(
  { name }: MotionTarget,
  landmarks: readonly Landmarks[],
  frames: readonly AlignedFrame[],
): void {
  for (const [i, { index }] of frames.entries()) {
    const found = landmarks[i];
    if (found?.length === 2 * landmarkCount && found.every(Number.isFinite)) continue;
    const expected = `one that returns ${landmarkCount} finite landmarks for every frame`;
    throw invalidOption('target', `${name}, which returned others for driver frame ${index}`, expected);
  }
}
