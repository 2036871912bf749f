import { checkOptions } from '@faceanim/tensor/options';
import type { RgbImage } from '../contracts/image';
import { centredSquare, imageToQuad, type Quad, rectQuad } from '../images/quad';
import { cropQuad } from '../images/warp';
import { packKeys } from '../options';
import type { DetectedLandmarks } from './detect';
import { driverFrames, framesCheck, type PlainFrame } from './driver-frames';
import { followFace } from './follow-face';
import { checkIbug68 } from './groups';
import type { LocatedFace } from './locate-face';
import type { Landmarks } from './measures';
import { MissingFaces } from './missing-faces';
import { oneEuroFilter } from './one-euro';
import { type Alignment, checkFaceApplies, type TrackFacesOptions, trackChecks } from './track-options';

/** A face in a driver frame, and how the frame is cropped. */
export interface TrackedFace
  extends Omit<DetectedLandmarks, 'peaks'>,
    Partial<Pick<DetectedLandmarks, 'peaks'>> {
  /** Index of the frame in the driver. */
  readonly index: number;
  /** Index of its shot, from 0: a cut begins a new one. Every shot has a frame with a face. */
  readonly shot: number;
  /** False if no face was found in it: everything but `index` is then that of a frame nearby, whose face is held. */
  readonly found: boolean;
  /** The quad by which it was cropped, in pixels of the frame. */
  readonly quad: Quad;
  /** The landmarks in pixels of the crop. */
  readonly alignedLandmarks: Landmarks;
}

/** A driver frame, cropped as the generator's training images are. */
export interface AlignedFrame extends TrackedFace {
  /** The crop. */
  readonly image: RgbImage;
}

/**
 * Tracks one face through the frames of a driver as they come, and crops it from each: for live drivers. {@link trackClip}
 * is steadier where the whole clip is at hand.
 *
 * Each frame is yielded before the next one is read. The quad is smoothed by a One-Euro filter, which lets it lag behind a
 * moving face by about one frame; the landmarks are those of the frame, without lag.
 *
 * Frames before the first face are left out, also with `onMissingFace: 'hold'`: there is no face to hold yet. The warning
 * about frames without a face comes with the last frame.
 *
 * @throws FaceanimError `no-face` if no frame shows a face, and with `onMissingFace: 'error'` for the first without one;
 *   `media` for frames of different sizes, or if there are none; `invalid-option`, also for a network without the 68 iBUG
 *   landmarks; `aborted`.
 */
export async function* trackFaces(
  frames: AsyncIterable<PlainFrame> | Iterable<PlainFrame>,
  options: TrackFacesOptions,
): AsyncGenerator<AlignedFrame, void, undefined> {
  checkOptions('trackFaces', options, trackChecks, { required: ['landmarkNet'], ignored: packKeys });
  checkFaceApplies(options);
  framesCheck(frames, 'The frames of trackFaces');
  checkIbug68(options.landmarkNet.points, 'trackFaces');
  const { landmarkNet, align = 'frame', smoothing = {}, size = landmarkNet.inputSize } = options;
  const follow = followFace(options);
  const missing = new MissingFaces(options);
  const newFilter = () => (align === 'frame' && smoothing ? oneEuroFilter(smoothing) : undefined);
  let filter = newFilter();
  let last: AlignedFrame | undefined;
  let count = 0;
  for await (const frame of driverFrames(frames, options)) {
    const { index, image } = frame;
    count++;
    const crop = fixedQuad(align, image);
    const face = await follow(frame, crop);
    if (!face) {
      missing.add(index);
      if (missing.held && last) yield { ...last, index, found: false };
      continue;
    }
    if (face.newShot) filter = newFilter();
    const first = align === 'first' && last && !face.newShot ? last.quad : undefined;
    const quad = crop ?? first ?? filter?.(index, face.quad) ?? face.quad;
    const shot = (last?.shot ?? 0) + (face.newShot ? 1 : 0);
    last = alignedFrame(image, face, { index, shot, quad, size });
    yield last;
  }
  missing.end(count);
}

/** Where a face is in the clip, and how it is cropped. */
interface Place {
  readonly index: number;
  readonly shot: number;
  readonly quad: Quad;
  readonly size: number;
}

/** Crops a face that was found. */
export function alignedFrame(image: RgbImage, face: LocatedFace, place: Place): AlignedFrame {
  return { ...alignedFace(face, place), image: cropQuad(image, place.quad, place.size) };
}

/** A frame without its crop. */
export function alignedFace(
  { landmarks, score, peaks }: LocatedFace,
  { index, shot, quad, size }: Place,
): TrackedFace {
  const alignedLandmarks = imageToQuad(landmarks, quad, size);
  return { index, shot, found: true, quad, landmarks, alignedLandmarks, score, peaks };
}

/** The quad of an alignment that does not depend on the face. */
export function fixedQuad(align: Alignment, image: RgbImage): Quad | undefined {
  if (align === 'none') return centredSquare(image);
  return typeof align === 'object' ? rectQuad(align) : undefined;
}
