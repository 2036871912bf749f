import { FaceanimError, invalidOption } from '@faceanim/tensor';
import type { RgbImage } from '../contracts/image';
import type { TargetedFrame } from '../contracts/motion-target';
import { noFrames } from '../landmarks/driver-frames';
import type { AlignedFrame } from '../landmarks/track';
import { type ClipFrame, trackSparsely } from '../landmarks/track-clip';
import { frameCheck } from '../landmarks/track-options';
import { recordedNet } from '../optimization/recorded-net';
import { stepPrograms } from '../optimization/step-programs';
import { anRgbImage } from '../options';
import type { PreparedClip } from '../parts/prepared-clip';
import { numbersHash, pictureHash } from './hashes';
import { needsLookFrame } from './look-frame';
import type { DriverFrame, DriverFrames, ProjectSequenceOptions } from './options';
import { croppedAgain, type ReadAgain } from './read-again';
import { SampledPictures } from './sampled-pictures';
import type { Settings } from './settings';

/** The frames of a driver that is not prepared. */
type UnpreparedDriver = Exclude<ProjectSequenceOptions['driver'], PreparedClip>;

/** An open driver. Disposing it closes it, whether or not its frames were iterated. */
export interface Driver extends AsyncDisposable {
  /** Whether its frames were aligned before the run. */
  readonly aligned: boolean;
  /**
   * All frames, if they were tracked here, with the crops of every n-th one; frames that were aligned before come one by one,
   * so that they can be live.
   */
  readonly frames: readonly ClipFrame[] | AsyncGenerator<AlignedFrame>;
  /** Some of the crops, if the frames were tracked here. */
  readonly samples?: SampledPictures;
  /** Whether frames can be read again, so that their crops need not be kept. */
  readonly reread: boolean;
  /** Adds the crops to some of the frames that were tracked here, in order. */
  withCrops<T extends ClipFrame>(
    frames: readonly T[],
  ): Iterable<T & AlignedFrame> | AsyncIterable<T & AlignedFrame>;
  /** Hashes of the frames as they were given, by frame index. */
  readonly hashes: Map<number, string | undefined>;
}

/** What is known of a driver before it is tracked. */
export interface BegunDriver {
  /** Whether its frames were aligned before the run. */
  readonly aligned: boolean;
  /** Number of frames to follow, if it is known. */
  readonly length: number | undefined;
  /** As {@link Driver.hashes}, of the frames that have been read. */
  readonly hashes: ReadonlyMap<number, string | undefined>;
}

/**
 * Reads the first frame of the driver and, unless it is aligned, tracks the whole clip.
 *
 * @param onBegun called between the two, and may refuse the driver.
 * @throws {FaceanimError} `media` without frames; `no-face`; `invalid-option` for frames that cannot be tracked, and for
 *   `tracking` that does not apply to aligned frames.
 */
export async function openDriver(
  options: ProjectSequenceOptions & { readonly driver: UnpreparedDriver },
  settings: Pick<Settings, 'target' | 'steps' | 'every'>,
  onBegun?: (driver: BegunDriver) => Promise<void>,
): Promise<Driver> {
  const { driver, landmarkNet, tracking, ...rest } = options;
  const { frames: expected, backend, signal, onProgress, onWarning } = rest;
  const hashes: Driver['hashes'] = new Map();
  const open = typeof driver === 'function' ? driver : () => driver;
  const source = open();
  const given = checked(source, hashes);
  const close = async () => {
    // Only a driver that is left early can throw here, and why it is left matters more.
    await given.return(undefined).catch(() => {});
  };
  try {
    const first = await given.next();
    if (first.done) throw noFrames();
    const aligned = isAligned(first.value);
    // How many of them show a face is not known yet.
    const someAreLeftOut = !aligned && tracking?.onMissingFace === 'skip';
    const length = Array.isArray(source) && !someAreLeftOut ? source.length : undefined;
    await onBegun?.({ aligned, length, hashes });
    const all = startingWith(first.value, given);
    if (aligned) {
      checkTracking(tracking, needsLookFrame(settings));
      const frames = withoutTargets(all);
      return {
        aligned,
        hashes,
        frames,
        reread: false,
        withCrops: cropsInPlace,
        [Symbol.asyncDispose]: close,
      };
    }
    if (!landmarkNet) throw noLandmarkNet();
    const watch = { frames: expected, backend, signal, onProgress, onWarning };
    using programs = stepPrograms(backend);
    const trackOptions = { ...tracking, ...watch, landmarkNet: recordedNet(landmarkNet, programs) };
    const reread = typeof driver === 'function';
    const samples = new SampledPictures();
    const keep = (crop: RgbImage) => {
      samples.add(crop);
      return !reread;
    };
    const clip = await trackSparsely(all, trackOptions, settings.every, keep);
    const again = { open: open as ReadAgain['open'], clip, first: samples.three[0], hashes };
    const withCrops: Driver['withCrops'] = reread ? (frames) => croppedAgain(frames, again) : cropsInPlace;
    return { aligned, hashes, frames: clip, samples, reread, withCrops, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Crops that were kept. */
export function cropsInPlace<T extends ClipFrame>(frames: readonly T[]): readonly (T & AlignedFrame)[] {
  return frames as readonly (T & AlignedFrame)[];
}

/** Checks driver frames, which are aligned either all or not at all, and hashes them. */
async function* checked(
  driver: DriverFrames,
  hashes: Driver['hashes'],
): AsyncGenerator<DriverFrame, undefined> {
  let last = -1;
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
    yield frame;
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

/** Whether a driver frame has been aligned by `trackClip` or `trackFaces`. */
const isAligned = (frame: DriverFrame): frame is AlignedFrame => 'alignedLandmarks' in frame;

function mixed(index: number, aligned: boolean): FaceanimError {
  const [plain, cropped] = ['a plain image', 'an aligned frame'];
  const [given, expected] = aligned ? [plain, cropped] : [cropped, plain];
  return invalidOption(`driver frame ${index}`, given, `${expected}, as the first one is`);
}

/** Of an aligned driver, only the landmarks of the look are still to be found, if the run needs them. */
function checkTracking(tracking: ProjectSequenceOptions['tracking'] = {}, ofLook: boolean): void {
  const names = Object.entries(tracking).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const useless = names.find((name) => !(name === 'minScore' && ofLook));
  if (!useless) return;
  throw new FaceanimError(
    'invalid-option',
    `tracking.${useless} does not apply to a driver that is aligned already.`,
    {
      hint: 'Pass it to trackClip instead. To undo the tracking of a preset, pass tracking: undefined after it.',
    },
  );
}

function noLandmarkNet(): FaceanimError {
  return new FaceanimError('invalid-option', 'projectSequence needs a landmark network.', {
    hint: 'Pass landmarkNet, e.g. that of avatarPack(), or a driver aligned by trackClip.',
  });
}
