import {
  FaceanimError,
  fitTo,
  type ImageTensor,
  invalidOption,
  TensorBag,
  throwIfAborted,
} from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { ProjectedFrame } from '../contracts/frames';
import type { Generator } from '../contracts/generator';
import type { RgbImage } from '../contracts/image';
import { imageToTensor } from '../images/image-tensors';
import { resizeImage } from '../images/warp';
import { type AlignedFrame, trackFaces } from '../landmarks/track';
import { frameCheck } from '../landmarks/track-options';
import { type LatentSpace, latentSpace } from '../optim/latent-space';
import { latentStatistics } from '../optim/statistics';
import { stepPrograms } from '../optim/step-programs';
import { anRgbImage } from '../options';
import { guesses } from './guess';
import type { DriverFrame, ProjectSequenceOptions } from './options';
import { checkOrigin, originOf, pictureHash } from './origin';
import { progressClock } from './progress-clock';
import { projectWindow } from './project-window';
import { type FinishedFrames, finish, type SequenceRun } from './run';
import { resolveSettings } from './settings';
import { windows } from './windows';

/** A frame of {@link projectSequence} with the driver frame that it follows. */
export interface SequenceFrame extends ProjectedFrame {
  /** The aligned driver frame; its `index` is that of the driver. */
  readonly driver: AlignedFrame;
}

/**
 * Projects a driver onto latents: for every driver frame, the latent whose image keeps the look and takes over the
 * driver's landmarks. Frame 0 starts at the mean latent (or `initial`), every later frame at the one before; an
 * `encoder` starts them nearer to where they end.
 *
 * Frames are yielded as they are finished, so that whatever happens later none of them is lost. The same options and
 * seed give the same latents on one backend, also when the run was interrupted and went on with `resume`.
 *
 * @example
 * for await (const frame of projectSequence({ ...models, look, driver })) save(frame);
 *
 * @throws {FaceanimError} `invalid-option`, also for options that it does not know; `no-face` with the driver's frame;
 *   `diverged` with frame and step; `resume-mismatch` with what differs; `aborted`; whatever the driver throws. Frames are
 *   named by their index in the driver. No tensor is left behind.
 */
export async function* projectSequence(options: ProjectSequenceOptions): AsyncGenerator<SequenceFrame> {
  const settings = resolveSettings(options);
  const { generator, look, encoder, backend, resume = [], signal, onProgress } = options;
  throwIfAborted(signal);
  const statistics =
    options.statistics && 'mean' in options.statistics
      ? options.statistics
      : await latentStatistics(generator, { ...options.statistics, backend, signal, onProgress });
  const origin = await originOf(options, settings, statistics);
  const driverHashes = new Map<number, string | undefined>();
  using owned = new TensorBag();
  await backend?.activate();
  const space = owned.use(latentSpace(settings.space, statistics, generator.numWs));
  const compiles = backend?.capabilities.gpu ?? true;
  const clock = progressClock({ ...options, ...settings, compiles, onProgress });
  const prepared: SequenceRun['prepared'] = new Map();
  owned.defer(() => tf.dispose([...prepared.values()]));
  const run: SequenceRun = {
    options,
    settings,
    space,
    mean: owned.keep(tf.tensor3d(statistics.mean, [1, 1, statistics.wDim])),
    look: look && owned.keep(lookTensor(look, generator.resolution)),
    origin,
    driverHashes,
    guess: look && encoder && guesses(encoder, look, space, generator),
    prepared,
    programs: owned.use(stepPrograms(backend)),
    clock,
  };

  let finished: FinishedFrames = {};
  for await (const drivers of windows(trackedDriver(options, driverHashes), settings.window)) {
    const first = finished.last ? finished.last.index + 1 : 0;
    throwIfAborted(signal, { frame: drivers[0]!.index });
    const known = drivers.map((_, i) => resume[first + i]);
    for (const [i, frame] of known.entries()) {
      if (!frame) continue;
      const { index } = drivers[i]!;
      checkShape(frame, first + i, index, space, generator);
      checkOrigin(frame, { ...origin, driver: driverHashes.get(index) }, index, statistics);
    }
    // A window of which a part was lost is optimised again as a whole, since its frames depend on each other.
    const complete = known.every((frame) => frame !== undefined);
    // Whoever holds the frames may have activated another backend meanwhile.
    await backend?.activate();
    const fresh = complete ? [] : await projectWindow(run, first, drivers, finished);
    if (complete) clock.skip({ first, count: drivers.length, frame: drivers.at(-1)!.index });
    for (const [i, driver] of drivers.entries()) {
      const frame = known[i] ?? fresh[i]!;
      finished = finish(finished, frame, driver);
      driverHashes.delete(driver.index);
      yield { ...frame, driver };
    }
  }
  if (!finished.last) {
    throw new FaceanimError('media', 'The driver has no frames.', {
      hint: 'Pass a driver with at least one frame.',
    });
  }
}

/** A large look is shrunk in host memory: as numbers of a tensor a photograph of 9,000 pixels a side would take gigabytes. */
function lookTensor(look: RgbImage, resolution: number): ImageTensor<'signed'> {
  const small = look.width > resolution ? resizeImage(look, resolution) : look;
  return tf.tidy(() => fitTo(imageToTensor(small, 'signed'), resolution));
}

function trackedDriver(
  {
    driver,
    landmarkNet,
    align = 'frame',
    tracking,
    resume,
    backend,
    signal,
    onProgress,
  }: ProjectSequenceOptions,
  hashes: Map<number, string | undefined>,
) {
  if (!landmarkNet) {
    throw new FaceanimError('invalid-option', 'projectSequence needs a landmark network.', {
      hint: 'Pass landmarkNet, e.g. that of avatarPack().',
    });
  }
  const frames = hashed(driver, hashes, resume);
  return align === 'given'
    ? alignedAlready(frames)
    : trackFaces(frames, { ...tracking, net: landmarkNet, align, backend, signal, onProgress });
}

/**
 * Passes driver frames on that are such, with their pictures' hashes noted by their index; those that are finished with the
 * score that they were found with.
 */
async function* hashed(
  driver: ProjectSequenceOptions['driver'],
  hashes: Map<number, string | undefined>,
  resume: readonly ProjectedFrame[] = [],
): AsyncGenerator<DriverFrame & { minScore?: number }> {
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
    const minScore = resume[position++]?.made.minScore;
    yield minScore === undefined ? frame : { ...frame, minScore };
  }
}

async function* alignedAlready(frames: AsyncIterable<DriverFrame>): AsyncGenerator<AlignedFrame> {
  for await (const frame of frames) {
    if (!('alignedLandmarks' in frame)) {
      throw invalidOption(
        `driver frame ${frame.index}`,
        'a plain image',
        "an aligned frame, as align: 'given' says",
      );
    }
    yield frame;
  }
}

function checkShape(
  { index, latent, coordinates }: ProjectedFrame,
  position: number,
  driverIndex: number,
  space: LatentSpace,
  { numWs, wDim }: Generator,
): void {
  const size = space.shape[0] * space.shape[1];
  if (index === position && latent.numWs === numWs && latent.wDim === wDim && coordinates.length === size)
    return;
  throw new FaceanimError(
    'resume-mismatch',
    `Frame ${position} to resume from is frame ${index} of a run with latents [${latent.numWs}, ${latent.wDim}] and ` +
      `${coordinates.length} coordinates; this run has [${numWs}, ${wDim}] and ${size}.`,
    {
      frame: driverIndex,
      hint: 'Resume with the generator and the latent space of the first run, or start anew.',
    },
  );
}
