import { FaceanimError, invalidOption, read } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { RgbImage } from '../contracts/image';
import type { LandmarkNet } from '../contracts/landmark-net';
import type { MotionTarget, TargetedFrame } from '../contracts/motion-target';
import { imageToTensor } from '../images/image-tensors';
import { landmarkCount } from '../landmarks/groups';
import { heatmapShape } from '../landmarks/heatmap-shape';
import { standardLandmarkInput } from '../landmarks/landmark-input';
import type { Landmarks } from '../landmarks/measures';
import type { AlignedFrame } from '../landmarks/track';
import type { ClipFrame } from '../landmarks/track-clip';
import type { TargetHeatmapShape } from '../losses/loss-term';
import { rangesOf } from '../ranges';
import type { Driver } from './driver';
import type { ProjectSequenceOptions } from './options';
import { SampledPictures } from './sampled-pictures';
import type { Settings } from './settings';
import { shotsOf } from './shots';
import { everyNthOf, isList } from './streams';

/** Every n-th frame of a driver, with its target if the run has any. */
export interface TargetedFrames {
  readonly frames: Iterable<TargetedFrame> | AsyncIterable<TargetedFrame>;
  /** The same without crops, before any is read; absent if frames arrive one by one. */
  readonly outline?: readonly Pick<TargetedFrame, 'shot'>[];
  /** Their number and that of their shots, if they are known. */
  readonly count?: number;
  readonly shots?: number;
  /** Number of all frames of the driver, if it is known. */
  readonly length?: number;
  readonly heatmapShape?: TargetHeatmapShape;
}

/**
 * Computes the targets of all frames, for which the whole driver is read, and leaves out those that are not every n-th; without
 * a target the frames are those of the driver.
 *
 * @param lookFrame the look as a driver frame.
 * @throws {FaceanimError} `no-face` if no frame of a shot has a target; `invalid-option` for a target that is broken.
 */
export async function targetedFrames(
  driver: Driver,
  { look, landmarkNet: net, backend, signal, onWarning }: ProjectSequenceOptions,
  { target, every }: Settings,
  lookFrame: AlignedFrame | undefined,
): Promise<TargetedFrames> {
  if (!target || !look || !net || !lookFrame) return keptFrames(driver, driver.frames, every);
  const clip: ClipFrame[] = [];
  for await (const frame of driver.frames) clip.push(frame);
  await backend?.activate();
  const samples = driver.samples ?? sampled(clip);
  const shape = await measureShape([look, ...samples.three], net);
  const size = samples.three[0].width;
  const frames: (ClipFrame & Required<Pick<TargetedFrame, 'targetLandmarks'>>)[] = [];
  const held: number[] = [];
  for (const shot of shotsOf(clip, ({ shot }) => shot)) {
    const landmarks = await target.landmarks({
      ...{ frames: shot, driver: clip, size },
      look: lookFrame.landmarks,
      signal,
    });
    checkTargets(target, landmarks, shot);
    // Where there is none, that of the last frame before is held, else the first one of the shot.
    let targetLandmarks = landmarks.find((each) => each !== undefined);
    if (!targetLandmarks) throw noTarget(shot[0]!.index);
    for (const [i, frame] of shot.entries()) {
      if (!landmarks[i]) held.push(frame.index);
      targetLandmarks = landmarks[i] ?? targetLandmarks;
      frames.push({ ...frame, targetLandmarks });
    }
  }
  if (held.length > 0)
    onWarning?.(`The target ${target.name} of a frame nearby is held in frames ${rangesOf(held)}.`);
  const beyond = frames.flatMap(({ index, targetLandmarks }) =>
    targetLandmarks.some((value) => value < 0 || value > size) ? [index] : [],
  );
  if (beyond.length > 0) {
    const where = `in frames ${rangesOf(beyond)}`;
    onWarning?.(`The target ${target.name} leaves the picture ${where}. Are its gains too large?`);
  }
  return { ...keptFrames(driver, frames, every), heatmapShape: { net, shape } };
}

/** Every n-th frame, whose crop is kept, and the number of all. */
function keptFrames(
  driver: Driver,
  frames: readonly ClipFrame[] | AsyncIterable<AlignedFrame>,
  n: number,
): Omit<TargetedFrames, 'heatmapShape'> {
  if (!isList(frames)) return { frames: everyNthOf(frames, n) };
  const kept = frames.filter((_, i) => i % n === 0);
  const shots = new Set(kept.map(({ shot }) => shot)).size;
  const counts = { count: kept.length, shots, length: frames.length };
  return { frames: driver.withCrops(kept), outline: kept, ...counts };
}

/** Some pictures of a driver that was aligned before the run. */
function sampled(clip: readonly ClipFrame[]): SampledPictures {
  const samples = new SampledPictures();
  for (const { image } of clip) if (image) samples.add(image);
  return samples;
}

function noTarget(frame: number): FaceanimError {
  return new FaceanimError('no-face', `No target spans a face in the shot that begins with frame ${frame}.`, {
    frame,
    hint: "Use smaller gains, leave out the shot, or pass target: 'driver'.",
  });
}

/** Measures how a network draws the landmarks of some pictures. */
export async function measureShape(
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
  landmarks: readonly (Landmarks | undefined)[],
  frames: readonly ClipFrame[],
): void {
  for (const [i, { index }] of frames.entries()) {
    const found = landmarks[i];
    if (i < landmarks.length && found === undefined) continue;
    if (found?.length === 2 * landmarkCount && found.every(Number.isFinite)) continue;
    const expected = `one that returns ${landmarkCount} finite landmarks for every frame`;
    throw invalidOption('target', `${name}, which returned others for driver frame ${index}`, expected);
  }
}
