import { FaceanimError, fitTo, type ImageTensor, TensorBag } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { throwIfRunAborted } from '../abort';
import type { ProjectedFrame } from '../contracts/frames';
import type { Generator } from '../contracts/generator';
import type { RgbImage } from '../contracts/image';
import { imageToTensor } from '../images/image-tensors';
import { resizeImage } from '../images/warp';
import type { AlignedFrame } from '../landmarks/track';
import type { LatentSpace } from '../latents/latent-space';
import { tensorMemo } from '../optimization/memo';
import { stepPrograms } from '../optimization/step-programs';
import { alignedDriver } from './driver';
import { guesses } from './guess';
import type { ProjectSequenceOptions } from './options';
import { checkOrigin, originOf } from './origin';
import { progressClock } from './progress-clock';
import { projectWindow } from './project-window';
import { type FinishedFrames, finish, type SequenceRun } from './run';
import { openSession, type Session } from './session';
import { resolveSettings, type Settings } from './settings';
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
  throwIfRunAborted(options.signal);
  using session = await openSession(options);
  yield* runSequence(options, settings, session);
}

/** A run of {@link projectSequence} with what it shares with others. */
export async function* runSequence(
  options: ProjectSequenceOptions,
  settings: Settings,
  { statistics, space: openSpace }: Session,
): AsyncGenerator<SequenceFrame> {
  const { generator, look, encoder, backend, resume = [], signal, onProgress } = options;
  const origin = await originOf(options, settings, statistics);
  const driverHashes = new Map<number, string | undefined>();
  using owned = new TensorBag();
  await backend?.activate();
  const space = openSpace(settings.space);
  settings.optimizer.check?.({ coordinates: space.origin.length, frames: settings.window });
  const compiles = backend?.capabilities.gpu ?? true;
  const clock = progressClock({ ...options, ...settings, compiles, onProgress });
  const run: SequenceRun = {
    options,
    settings,
    space,
    mean: owned.keep(tf.tensor3d(statistics.mean, [1, 1, statistics.wDim])),
    look: look && owned.keep(lookTensor(look, generator.resolution)),
    origin,
    driverHashes,
    guess: look && encoder && guesses(encoder, look, space, generator),
    prepared: owned.use(tensorMemo()),
    programs: owned.use(stepPrograms(backend)),
    clock,
  };

  let finished: FinishedFrames = {};
  for await (const drivers of windows(alignedDriver(options, driverHashes), settings.window)) {
    const first = finished.last ? finished.last.index + 1 : 0;
    throwIfRunAborted(signal, { frame: drivers[0]!.index });
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
