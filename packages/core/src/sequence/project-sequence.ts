import * as tf from '@tensorflow/tfjs-core';
import type { Backend } from '../contracts/backend';
import type { Encoder } from '../contracts/encoder';
import type { Latent, ProjectedFrame } from '../contracts/frames';
import type { Generator } from '../contracts/generator';
import type { ImageTensor, RgbImage } from '../contracts/image';
import type { LossTerm, Networks } from '../contracts/loss-term';
import type { OnProgress } from '../contracts/progress';
import { FaceanimError, invalidOption, throwIfAborted } from '../errors';
import type { LandmarkInput } from '../landmarks/landmark-input';
import { type AlignedFrame, type Alignment, type TrackFacesOptions, trackFaces } from '../landmarks/track';
import { frameCheck } from '../landmarks/track-checks';
import { imageToTensor } from '../media/image-tensors';
import { resizeImage } from '../media/warp';
import type { AdamOptions } from '../optim/adam';
import { type LatentSpace, type LatentSpaceName, latentSpace } from '../optim/latent-space';
import type { OptimizerName } from '../optim/latent-step';
import type { Plateau } from '../optim/optimize-latents';
import type { LatentNoiseSchedule, LearningRateSchedule } from '../optim/schedules';
import { type LatentStatistics, latentStatistics } from '../optim/statistics';
import { stepPrograms } from '../optim/step-programs';
import { anRgbImage } from '../options';
import { fitTo } from '../tensor/fit';
import { TensorBag } from '../tensor/tensor-bag';
import { checkOrigin, originOf, pictureHash } from './origin';
import { progressClock } from './progress-clock';
import { type FinishedFrames, finish, projectWindow, type SequenceRun } from './project-window';
import { resolveSettings } from './settings';
import { guesses } from './start';
import { windows } from './windows';

/** One frame of the driver: its index in the driver, growing from frame to frame, and the picture. */
export type DriverFrame = AlignedFrame | { readonly index: number; readonly image: RgbImage };

/** What happens to the noise maps of the generator. */
export type NoiseMapsOption =
  | 'const'
  | 'none'
  | {
      /** Optimised together with the latent of frame 0, and frozen after it. */
      readonly optimize: 'first-frame';
      /** Whether later frames use the optimised maps, or, as the original program does, those of the checkpoint. */
      readonly after: 'keep' | 'checkpoint';
      /** Maps to start from by layer name. Default: random. */
      readonly initial?: Readonly<Record<string, Float32Array>>;
    };

/** Options of {@link projectSequence}. */
export interface ProjectSequenceOptions extends Networks {
  /**
   * Activated before every window of frames, since others may use other backends meanwhile; it may run steps as programs of
   * its own. Default: the backend that is active.
   */
  backend?: Backend;
  /** The driver, frame by frame; with `align: 'given'`, frames that were aligned elsewhere. */
  driver: AsyncIterable<DriverFrame> | Iterable<DriverFrame>;
  /**
   * The look, square and aligned as the generator's training pictures are: {@link prepareLook} sees to it. Without one the
   * run is in free mode.
   */
  look?: RgbImage;
  /**
   * How driver frames are cropped. Default `frame`: each by the FFHQ quad of its own landmarks, smoothed over time.
   * `given`: frames are {@link AlignedFrame}s, cropped and with landmarks, and taken as they are.
   */
  align?: Alignment | 'given';
  /** How faces are found and followed; see {@link trackFaces}. */
  tracking?: Pick<TrackFacesOptions, 'locate' | 'minScore' | 'smoothing'>;
  /** The objective. Default {@link identityLosses} with a look, {@link freeLosses} without. */
  losses?: readonly LossTerm[];
  /** Space in which latents are optimised. Default `whitened-w`. */
  space?: LatentSpaceName;
  /**
   * What moves the latent. Default `quasi-newton` in `whitened-w`, unless something is asked for that only `adam` has:
   * `learningRate`, `adam`, `latentNoise`, optimised `noiseMaps`. {@link thorough} is the way of the original program.
   */
  optimizer?: OptimizerName;
  /** Most steps of the first frame and of each later one. Default 60 and 10; with `adam` the original's 300 and 50. */
  steps?: { first?: number; next?: number };
  /**
   * Rate and its ramps, for all frames or for the first and the later ones. Default in whitened spaces 0.07 and 0.045 (a
   * larger rate shakes the look from frame to frame), else 0.1.
   */
  learningRate?: number | LearningRateSchedule | { first: number; next: number };
  /** Default beta2 0.99 outside reference mode: the landmarks' steep start must not slow down what follows. */
  adam?: AdamOptions;
  /** Default: none. */
  latentNoise?: LatentNoiseSchedule;
  /** Default `const`: those of the checkpoint. */
  noiseMaps?: NoiseMapsOption;
  /**
   * In identity mode, guesses where every frame starts, which saves steps: that of `avatarPack()`, or one that was
   * fitted to a generator by `fitEncoder`. Default: none; frames start where the one before ended.
   */
  encoder?: Encoder;
  /** Where frame 0 starts. Default the guess of the encoder, else the mean latent ŵ. */
  initial?: Latent;
  /** Random z for the latent statistics and their seed. Default 10000 and 123, the projector's. */
  statistics?: { samples?: number; seed?: number } | LatentStatistics;
  /**
   * How many frames after frame 0 are optimised together, as one batch, from the last finished one: fills a large GPU, and
   * the smooth term pulls within a window both ways. Default 1.
   */
  window?: number;
  /** Seed of everything random in the optimisation: latent noise, noise maps. Default 0. */
  seed?: number;
  /** When a frame may stop early. Default after 15 steps of its second half that bring less than 0.5 %; `false`: never. */
  plateau?: Plateau | false;
  /** How images are handed to the landmark network. Default {@link standardLandmarkInput}. */
  landmarkInput?: LandmarkInput;
  /** What the landmark target shows: the driver (default), or, as in the original, the driver with landmarks drawn on it. */
  target?: 'driver' | 'drawn-landmarks';
  /**
   * Frames finished earlier, from frame 0 on: they are yielded again and the run goes on after them. Each is compared with
   * what it would be made from here: settings, look, driver frame, generator, version (`ProjectedFrame.made`).
   */
  resume?: readonly ProjectedFrame[];
  /** Losses are read back every so many steps. Default 10 on a GPU, else 1. */
  readEvery?: number;
  /** Number of driver frames, for the estimate of the time left. */
  frames?: number;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

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
