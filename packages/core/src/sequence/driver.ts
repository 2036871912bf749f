import { FaceanimError, invalidOption } from '@faceanim/tensor';
import type { ProjectedFrame } from '../contracts/frames';
import { type AlignedFrame, trackFaces } from '../landmarks/track';
import { frameCheck } from '../landmarks/track-options';
import { anRgbImage } from '../options';
import type { DriverFrame, ProjectSequenceOptions } from './options';
import { pictureHash } from './origin';

/** A driver frame; a resumed one brings the `minScore` with which its face was found. */
type CheckedFrame = DriverFrame & { readonly minScore?: number };

/**
 * The aligned frames of a driver: tracked and cropped, unless the driver is aligned already.
 *
 * @param hashes receives the hash of every picture before cropping, by frame index.
 */
export async function* alignedDriver(
  options: ProjectSequenceOptions,
  hashes: Map<number, string | undefined>,
): AsyncGenerator<AlignedFrame> {
  const { driver, landmarkNet, tracking, resume, backend, signal, onProgress } = options;
  const frames = checked(driver, hashes, resume);
  const first = await frames.next();
  if (first.done) return;
  const all = startingWith(first.value, frames);
  if (isAligned(first.value)) yield* allAligned(all);
  else if (landmarkNet)
    yield* trackFaces(all, { ...tracking, net: landmarkNet, backend, signal, onProgress });
  else {
    throw new FaceanimError('invalid-option', 'projectSequence needs a landmark network.', {
      hint: 'Pass landmarkNet, e.g. that of avatarPack(), or a driver aligned by trackFaces.',
    });
  }
}

/** Checks driver frames and hashes their pictures. */
async function* checked(
  driver: ProjectSequenceOptions['driver'],
  hashes: Map<number, string | undefined>,
  resume: readonly ProjectedFrame[] = [],
): AsyncGenerator<CheckedFrame, undefined> {
  let last = -1;
  let position = 0;
  for await (const frame of driver) {
    frameCheck(frame, 'A frame of the driver');
    const { index, image } = frame;
    anRgbImage(image, `image of driver frame ${index}`);
    if (!Number.isInteger(index) || index <= last)
      throw invalidOption('index of a driver frame', index, `a whole number above ${last}`);
    last = index;
    hashes.set(index, await pictureHash(image));
    const minScore = resume[position++]?.origin.minScore;
    yield minScore === undefined ? frame : { ...frame, minScore };
  }
}

async function* startingWith<T>(first: T, rest: AsyncGenerator<T, undefined>): AsyncGenerator<T> {
  try {
    yield first;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

const isAligned = (frame: DriverFrame): frame is AlignedFrame => 'alignedLandmarks' in frame;

async function* allAligned(frames: AsyncIterable<DriverFrame>): AsyncGenerator<AlignedFrame> {
  for await (const frame of frames) {
    if (!isAligned(frame)) {
      throw invalidOption(
        `driver frame ${frame.index}`,
        'a plain image',
        'an aligned frame, as the first one is',
      );
    }
    yield frame;
  }
}
