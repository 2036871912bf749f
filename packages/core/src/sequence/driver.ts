import { FaceanimError, invalidOption } from '@faceanim/tensor';
import type { ProjectedFrame } from '../contracts/frames';
import type { TargetedFrame } from '../contracts/motion-target';
import { type AlignedFrame, trackFaces } from '../landmarks/track';
import { frameCheck } from '../landmarks/track-options';
import { anRgbImage } from '../options';
import { numbersHash, pictureHash } from './hashes';
import type { DriverFrame, ProjectSequenceOptions } from './options';

/** A driver whose first frame has been read. Disposing it closes it, whether or not its frames were iterated. */
export interface Driver extends AsyncDisposable {
  /** Whether its frames were aligned before the run. */
  readonly aligned: boolean;
  /** The frames, tracked and cropped unless they were aligned already. */
  readonly frames: AsyncGenerator<AlignedFrame>;
  /** Hashes of the frames as they were given, by frame index. */
  readonly hashes: Map<number, string | undefined>;
}

/**
 * Reads the first frame of the driver, and decides by it whether faces must be tracked.
 *
 * @throws {FaceanimError} `media` without frames; `invalid-option` for frames that cannot be tracked, and for `tracking`
 *   beside aligned frames.
 */
export async function openDriver(options: ProjectSequenceOptions): Promise<Driver> {
  const { driver, landmarkNet, tracking, resume, backend, signal, onProgress } = options;
  const hashes: Driver['hashes'] = new Map();
  const given = checked(driver, hashes, resume);
  const close = async () => {
    await given.return(undefined);
  };
  try {
    const first = await given.next();
    if (first.done) throw noFrames();
    const aligned = isAligned(first.value);
    const all = startingWith(first.value, given);
    if (aligned) {
      if (tracking) throw alreadyAligned();
      return { aligned, hashes, frames: withoutTargets(all), [Symbol.asyncDispose]: close };
    }
    if (!landmarkNet) throw noLandmarkNet();
    const track = { ...tracking, smoothing: undefined, net: landmarkNet, backend, signal, onProgress };
    const frames = trackFaces(all, track);
    return { aligned, hashes, frames, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A driver frame; a resumed one brings the `minScore` with which its face was found. */
type CheckedFrame = DriverFrame & { readonly minScore?: number };

/** Checks driver frames, which are aligned either all or not at all, and hashes them. */
async function* checked(
  driver: ProjectSequenceOptions['driver'],
  hashes: Driver['hashes'],
  resume: readonly ProjectedFrame[] = [],
): AsyncGenerator<CheckedFrame, undefined> {
  let last = -1;
  let position = 0;
  let aligned: boolean | undefined;
  for await (const frame of driver) {
    frameCheck(frame, 'A frame of the driver');
    const { index, image } = frame;
    anRgbImage(image, `image of driver frame ${index}`);
    if (!Number.isInteger(index) || index <= last)
      throw invalidOption('index of a driver frame', index, `a whole number above ${last}`);
    aligned ??= isAligned(frame);
    if (isAligned(frame) !== aligned) throw mixed(index, aligned);
    last = index;
    hashes.set(index, await driverHash(frame));
    const minScore = resume[position++]?.origin.minScore;
    yield minScore === undefined ? frame : { ...frame, minScore };
  }
}

/** A hash of a driver frame: of its picture, and of its landmarks if it is aligned. */
async function driverHash(frame: DriverFrame): Promise<string | undefined> {
  const picture = await pictureHash(frame.image);
  if (!isAligned(frame)) return picture;
  const landmarks = await numbersHash({ landmarks: frame.alignedLandmarks });
  return picture && `${picture}:${landmarks}`;
}

async function* startingWith<T>(first: T, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}

/** Aligned frames, without the targets that frames of an earlier run bring along. */
async function* withoutTargets(frames: AsyncIterable<DriverFrame>): AsyncGenerator<AlignedFrame> {
  for await (const frame of frames) {
    const { targetLandmarks: _earlier, ...aligned } = frame as TargetedFrame;
    yield aligned;
  }
}

/** Whether a driver frame has been aligned by `trackFaces`. */
const isAligned = (frame: DriverFrame): frame is AlignedFrame => 'alignedLandmarks' in frame;

function mixed(index: number, aligned: boolean): FaceanimError {
  const [plain, cropped] = ['a plain image', 'an aligned frame'];
  const [given, expected] = aligned ? [plain, cropped] : [cropped, plain];
  return invalidOption(`driver frame ${index}`, given, `${expected}, as the first one is`);
}

function alreadyAligned(): FaceanimError {
  return new FaceanimError('invalid-option', 'tracking does not apply to a driver that is aligned already.', {
    hint: 'Pass these options to trackFaces instead. To undo those of a preset, pass tracking: undefined after it.',
  });
}

function noLandmarkNet(): FaceanimError {
  return new FaceanimError('invalid-option', 'projectSequence needs a landmark network.', {
    hint: 'Pass landmarkNet, e.g. that of avatarPack(), or a driver aligned by trackFaces.',
  });
}

function noFrames(): FaceanimError {
  return new FaceanimError('media', 'The driver has no frames.', {
    hint: 'Pass a driver with at least one frame.',
  });
}
