import { checkOptions } from '@faceanim/tensor/options';
import type { RgbImage } from '../contracts/image';
import type { Quad } from '../images/quad';
import { packKeys } from '../options';
import { driverFrames, framesCheck, type PlainFrame } from './driver-frames';
import { type FollowedFace, followFace } from './follow-face';
import { checkIbug68 } from './groups';
import { MissingFaces } from './missing-faces';
import { defaultSmoothing, type QuadAt, smoothingRadius, smoothQuad } from './smooth-quad';
import { type AlignedFrame, alignedFrame, fixedQuad, type TrackedFace } from './track';
import { checkFaceApplies, clipChecks, type TrackClipOptions } from './track-options';

/** A frame of a clip. Its crop may have been dropped, which saves memory. */
export type ClipFrame = TrackedFace & Partial<Pick<AlignedFrame, 'image'>>;

/** A face whose frame is not cropped yet: its quad depends on frames that follow. */
interface Waiting {
  readonly index: number;
  /** Its position in the result. */
  readonly position: number;
  readonly image: RgbImage;
  readonly face: FollowedFace;
}

/**
 * Tracks one face through a whole clip, and crops it from each frame. Shots are told apart, and the quads are smoothed over
 * time in both directions within a shot, so that they are steady without lag.
 *
 * The clip is read once. Memory holds the crops (0.2 MB each at 256 pixels) and a few whole frames: two more than
 * `3 · smoothing`.
 *
 * A shot begins where both the colours and the layout of the picture change, or where the face jumps. A gap without a face
 * ends no shot; a shot without a face is a gap in the one before it. Dissolves are not recognised.
 *
 * @throws FaceanimError `no-face` if no frame shows a face, and with `onMissingFace: 'error'` for the first without one;
 *   `media` for frames of different sizes, or if there are none; `invalid-option`, also for a network without the 68 iBUG
 *   landmarks; `aborted`.
 *
 * @example
 * const driver = await trackClip(readVideo('clip.mp4'), { landmarkNet, face: 'largest' });
 * const shots = driver.at(-1)!.shot + 1;
 */
export async function trackClip(
  frames: AsyncIterable<PlainFrame> | Iterable<PlainFrame>,
  options: TrackClipOptions,
): Promise<AlignedFrame[]> {
  return (await trackSparsely(frames, options, 1)) as AlignedFrame[];
}

/**
 * The same, but keeps the crop of every n-th frame only.
 *
 * @param keep told of each of these crops once, in order; whether it stays in memory. Default: all do.
 */
export async function trackSparsely(
  frames: AsyncIterable<PlainFrame> | Iterable<PlainFrame>,
  options: TrackClipOptions,
  every: number,
  keep: (crop: RgbImage) => boolean = () => true,
): Promise<ClipFrame[]> {
  checkOptions('trackClip', options, clipChecks, { required: ['landmarkNet'], ignored: packKeys });
  checkFaceApplies(options);
  framesCheck(frames, 'The frames of trackClip');
  checkIbug68(options.landmarkNet.points, 'trackClip');
  const {
    landmarkNet,
    align = 'frame',
    smoothing = defaultSmoothing,
    size = landmarkNet.inputSize,
  } = options;
  const sigma = align === 'frame' ? smoothing : 0;
  const follow = followFace(options);
  const missing = new MissingFaces(options);
  const cropped: ClipFrame[] = [];
  const positions: number[] = [];
  const indices: number[] = [];
  let shot = 0;
  /** Those of this shot that quads still to come depend on. */
  let quads: QuadAt[] = [];
  /** The quad of the first frame of the shot. */
  let first: Quad | undefined;
  let waiting: Waiting[] = [];

  /** Decides about the last crop, once it is known to be held up to a position. */
  const endLast = (until: number) => {
    const last = cropped.length - 1;
    if (last < 0) return;
    const used = hasMultiple(every, last === 0 ? 0 : positions[last]!, until);
    if (!used || !keep(cropped[last]!.image!)) cropped[last] = withoutImage(cropped[last]!);
  };

  /** Crops the waiting frames that no frame from `index` on can influence. */
  const crop = (index: number) => {
    const radius = smoothingRadius(sigma);
    const ready = waiting.filter((frame) => frame.index + radius < index);
    waiting = waiting.slice(ready.length);
    for (const { index, position, image, face } of ready) {
      const quad = fixedQuad(align, image) ?? (align === 'first' ? first! : smoothQuad(quads, index, sigma));
      endLast(position);
      cropped.push(alignedFrame(image, face, { index, shot, quad, size }));
      positions.push(position);
      while (quads[0] && quads[0].index < index - radius) quads.shift();
    }
  };

  for await (const frame of driverFrames(frames, options)) {
    const { index, image } = frame;
    indices.push(index);
    const face = await follow(frame, fixedQuad(align, image));
    crop(face?.newShot ? Number.POSITIVE_INFINITY : index);
    if (!face) {
      missing.add(index);
      continue;
    }
    if (face.newShot) {
      shot++;
      [quads, first] = [[], undefined];
    }
    first ??= face.quad;
    quads.push({ index, quad: face.quad });
    const position = missing.held ? indices.length - 1 : cropped.length + waiting.length;
    waiting.push({ index, position, image, face });
  }
  crop(Number.POSITIVE_INFINITY);
  endLast(Number.POSITIVE_INFINITY);
  missing.end(indices.length);
  return missing.held ? withHeldFaces(indices, cropped) : cropped;
}

/** Whether a multiple of `n` is at least `from` and less than `to`. */
const hasMultiple = (n: number, from: number, to: number) => Math.ceil(from / n) * n < to;

/** A frame without its crop. */
export function withoutImage<T extends ClipFrame>({ image: _, ...face }: T): Omit<T, 'image'> {
  return face;
}

/** One frame for each index: where no face was found, the last one before it, else the first of all. */
function withHeldFaces(indices: readonly number[], found: readonly ClipFrame[]): ClipFrame[] {
  let position = -1;
  return indices.map((index) => {
    if (found[position + 1]?.index === index) return found[++position]!;
    return { ...found[Math.max(0, position)]!, index, found: false };
  });
}
