import * as tf from '@tensorflow/tfjs-core';
import type { Backend } from '../contracts/backend';
import type { Latent, ProjectedFrame } from '../contracts/frames';
import type { NoiseMaps } from '../contracts/generator';
import type { ImageTensor, RgbImage } from '../contracts/image';
import type { FrameContext, LossTerm, Networks, Requirement } from '../contracts/loss-term';
import type { OnProgress } from '../contracts/progress';
import { FaceanimError, invalidOption, throwIfAborted } from '../errors';
import { drawLandmarks } from '../landmarks/draw';
import { type LandmarkInput, standardLandmarkInput } from '../landmarks/landmark-input';
import { type AlignedFrame, type Alignment, type TrackFacesOptions, trackFaces } from '../landmarks/track';
import { imageToTensor } from '../media/image-tensors';
import type { AdamOptions } from '../optim/adam';
import { type LatentSpace, type LatentSpaceName, latentSpace } from '../optim/latent-space';
import { createObjective } from '../optim/objective';
import { type OptimizedLatent, optimizeLatent, type Plateau } from '../optim/optimize-latent';
import type { LatentNoiseSchedule, LearningRateSchedule } from '../optim/schedules';
import { type LatentStatistics, latentStatistics } from '../optim/statistics';
import { fitTo } from '../tensor/fit';
import { randomState } from '../tensor/rng';
import { freeLosses, identityLosses } from './defaults';
import { progressClock } from './progress-clock';

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
  /** Activated before the first operation. Default: the backend that is active. */
  backend?: Backend;
  /** The driver, frame by frame; with `align: 'given'`, frames that were aligned elsewhere. */
  driver: AsyncIterable<DriverFrame> | Iterable<DriverFrame>;
  /** The look, aligned as the generator's training pictures are. Without one the run is in free mode. */
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
  /** Most steps of the first frame and of each later one. Default 300 and 50, the original's. */
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
  /** Where frame 0 starts. Default the mean latent ŵ. */
  initial?: Latent;
  /** Random z for the latent statistics and their seed. Default 10000 and 123, the projector's. */
  statistics?: { samples?: number; seed?: number } | LatentStatistics;
  /** Seed of everything random in the optimisation: latent noise, noise maps. Default 0. */
  seed?: number;
  /** When a frame may stop early. Default after 15 steps of its second half that bring less than 0.5 %; `false`: never. */
  plateau?: Plateau | false;
  /** How images are handed to the landmark network. Default {@link standardLandmarkInput}. */
  landmarkInput?: LandmarkInput;
  /** What the landmark target shows: the driver (default), or, as in the original, the driver with landmarks drawn on it. */
  target?: 'driver' | 'drawn-landmarks';
  /** Frames finished earlier, from frame 0 on: they are yielded again and the run goes on after them. */
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
 * driver's landmarks. Frame 0 starts at the mean latent (or `initial`), every later frame at the one before.
 *
 * Frames are yielded as they are finished, so that whatever happens later none of them is lost. The same options and
 * seed give the same latents on one backend, also when the run was interrupted and went on with `resume`.
 *
 * @example
 * for await (const frame of projectSequence({ ...models, look, driver })) save(frame);
 *
 * @throws {FaceanimError} `invalid-option`; `no-face` with the driver's frame; `diverged` with frame and step;
 *   `aborted`; whatever the driver throws. No tensor is left behind.
 */
export async function* projectSequence(options: ProjectSequenceOptions): AsyncGenerator<SequenceFrame> {
  const { generator, look, resume = [], signal, onProgress } = options;
  const settings = resolve(options);
  await options.backend?.activate();
  throwIfAborted(signal);
  onProgress?.({ stage: 'statistics' });
  const statistics =
    options.statistics && 'mean' in options.statistics
      ? options.statistics
      : await latentStatistics(generator, { ...options.statistics, signal });
  const owned = new DisposableBag();
  try {
    const space = owned.use(latentSpace(settings.space, statistics, generator.numWs));
    const mean = owned.keep(tf.tensor3d(statistics.mean, [1, 1, statistics.wDim]));
    const lookTensor =
      look && owned.keep(tf.tidy(() => fitTo(imageToTensor(look, 'signed'), generator.resolution)));
    const prepared = new Map<LossTerm, tf.TensorContainer>();
    owned.defer(() => tf.dispose([...prepared.values()]));
    const clock = progressClock({ ...options, ...settings, onProgress });

    let before: ProjectedFrame | undefined;
    for await (const driver of trackedDriver(options)) {
      const index = before === undefined ? 0 : before.index + 1;
      throwIfAborted(signal, { frame: index });
      const known = resume[index];
      if (known) {
        checkResumed(known, index, generator.numWs, generator.wDim, space);
        clock.skip(index);
        before = known;
        yield { ...known, driver };
        continue;
      }
      const steps = index === 0 ? settings.steps.first : settings.steps.next;
      const { context, dispose } = frameContext(index, driver, before, {
        options,
        landmarkInput: settings.landmarkInput,
        mean,
        look: lookTensor,
      });
      const noise = frameNoise(index, before, options, settings.seed);
      const random = randomState((settings.seed + index) % 2 ** 32);
      const objective = createObjective({
        terms: settings.losses,
        frame: context,
        space,
        landmarkInput: settings.landmarkInput,
        noiseMode: options.noiseMaps === 'none' ? 'none' : 'const',
        prepared,
      });
      let result: OptimizedLatent;
      try {
        result = await optimizeLatent({
          objective,
          space,
          start: startOf(before, options.initial, space),
          steps,
          learningRate: index === 0 ? settings.learningRate.first : settings.learningRate.next,
          adam: options.adam ?? { beta2: 0.99 },
          latentNoise: options.latentNoise,
          random,
          ...noise,
          plateau: settings.plateau || undefined,
          readEvery: settings.readEvery,
          frame: index,
          signal,
          onStep: ({ step, losses }) => clock.step(index, step, steps, losses),
        });
      } finally {
        objective[Symbol.dispose]();
        tf.dispose(Object.values(noise.noise ?? {}));
        dispose();
      }
      const { noise: maps, ...rest } = result;
      before = {
        index,
        latent: await latentAt(result.coordinates, space, generator.wDim),
        ...rest,
        ...(Object.keys(maps).length > 0 ? { noise: maps } : {}),
      };
      yield { ...before, driver };
    }
    if (before === undefined) {
      throw new FaceanimError('media', 'The driver has no frames.', {
        hint: 'Pass a driver with at least one frame.',
      });
    }
  } finally {
    owned[Symbol.dispose]();
  }
}

interface Settings {
  losses: readonly LossTerm[];
  space: LatentSpaceName;
  steps: { first: number; next: number };
  learningRate: { first: LearningRateSchedule; next: LearningRateSchedule };
  plateau: Plateau | false;
  landmarkInput: LandmarkInput;
  seed: number;
  readEvery: number;
}

const spaces: readonly LatentSpaceName[] = ['w', 'w+', 'whitened-w', 'whitened-w+'];

/** Defaults filled in and everything checked, before anything is computed. */
function resolve(options: ProjectSequenceOptions): Settings {
  const {
    look,
    losses = look ? identityLosses() : freeLosses(),
    space = 'whitened-w',
    steps: { first = 300, next = 50 } = {},
    learningRate = space.startsWith('whitened') ? { first: 0.07, next: 0.045 } : 0.1,
    plateau = { patience: 15, tolerance: 0.005 },
    landmarkInput = standardLandmarkInput,
    seed = 0,
    readEvery = options.backend?.capabilities.gpu ? 10 : 1,
  } = options;
  if (!spaces.includes(space)) throw invalidOption('space', space, `one of ${spaces.join(', ')}`);
  for (const [name, value] of Object.entries({ 'steps.first': first, 'steps.next': next, readEvery })) {
    if (!Number.isInteger(value) || value < 1) throw invalidOption(name, value, 'a whole number from 1');
  }
  checkLosses(losses, options);
  return {
    losses,
    space,
    steps: { first, next },
    learningRate: rates(learningRate),
    plateau,
    landmarkInput,
    seed,
    readEvery,
  };
}

function rates(given: NonNullable<ProjectSequenceOptions['learningRate']>): Settings['learningRate'] {
  const all = typeof given === 'number' ? { rate: given } : given;
  const { first, next } =
    'rate' in all ? { first: all, next: all } : { first: { rate: all.first }, next: { rate: all.next } };
  for (const { rate } of [first, next]) {
    if (!(rate > 0 && rate < Number.POSITIVE_INFINITY))
      throw invalidOption('learningRate', rate, 'a positive number');
  }
  return { first, next };
}

function checkLosses(losses: readonly LossTerm[], options: ProjectSequenceOptions): void {
  if (losses.length === 0) throw invalidOption('losses', losses, 'a list of at least one loss term');
  const names = new Set<string>();
  const given: Record<Requirement, unknown> = {
    look: options.look,
    driver: options.driver,
    perceptual: options.perceptual,
    landmarkNet: options.landmarkNet,
    critic: options.critic,
  };
  for (const { name, weight, requires = [] } of losses) {
    if (names.has(name)) throw invalidOption('losses', name, 'a list of terms with different names');
    names.add(name);
    if (typeof weight === 'number' && !(Number.isFinite(weight) && weight >= 0)) {
      throw invalidOption(`weight of the loss term ${name}`, weight, 'a finite number from 0');
    }
    const missing = requires.find((requirement) => given[requirement] === undefined);
    if (missing) {
      throw new FaceanimError(
        'invalid-option',
        `The loss term ${name} needs ${missing}, which is not given.`,
        {
          hint: `Pass ${missing} to projectSequence, or leave ${name} out of losses.`,
        },
      );
    }
  }
}

function trackedDriver({
  driver,
  landmarkNet,
  align = 'frame',
  tracking,
  signal,
  onProgress,
}: ProjectSequenceOptions) {
  if (!landmarkNet) {
    throw new FaceanimError('invalid-option', 'projectSequence needs a landmark network.', {
      hint: 'Pass landmarkNet, e.g. that of avatarPack().',
    });
  }
  return align === 'given'
    ? alignedAlready(driver)
    : trackFaces(asAsync(driver), { ...tracking, net: landmarkNet, align, signal, onProgress });
}

async function* asAsync<T>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

async function* alignedAlready(driver: ProjectSequenceOptions['driver']): AsyncGenerator<AlignedFrame> {
  for await (const frame of driver) {
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

interface FrameInputs {
  options: ProjectSequenceOptions;
  landmarkInput: LandmarkInput;
  mean: tf.Tensor;
  look: ImageTensor<'signed'> | undefined;
}

/** The constants of one frame: targets and the latent before it. */
function frameContext(
  index: number,
  driver: AlignedFrame,
  before: ProjectedFrame | undefined,
  { options, landmarkInput, mean, look }: FrameInputs,
): { context: FrameContext; dispose(): void } {
  const { generator, landmarkNet, perceptual, critic, target = 'driver' } = options;
  const shown = target === 'driver' ? driver.image : drawLandmarks(driver.image, driver.alignedLandmarks);
  const driverHeatmaps = tf.tidy(() =>
    landmarkNet!.heatmaps(landmarkInput(imageToTensor(shown, 'signed'), landmarkNet!, 'driver')),
  );
  const { numWs, wDim } = generator;
  const previous = before && tf.tensor3d(before.latent.data, [1, numWs, wDim]);
  return {
    context: {
      index,
      networks: { generator, landmarkNet, perceptual, critic },
      look,
      driverHeatmaps,
      previous,
      mean,
    },
    dispose: () => tf.dispose(previous ? [driverHeatmaps, previous] : [driverHeatmaps]),
  };
}

/** Noise maps that go into a frame, and what for. */
function frameNoise(
  index: number,
  before: ProjectedFrame | undefined,
  { generator, noiseMaps }: ProjectSequenceOptions,
  seed: number,
) {
  if (typeof noiseMaps !== 'object') return {};
  const shapes = Object.entries(generator.noiseMaps).map(([name, map]) => [name, map.shape] as const);
  const random = randomState(seed);
  const values = index === 0 ? noiseMaps.initial : before?.noise;
  const noise: NoiseMaps = Object.fromEntries(
    shapes.map(([name, shape]) => [
      name,
      tf.tensor2d(values?.[name] ?? Float32Array.from(random.randn(shape[0] * shape[1])), shape),
    ]),
  );
  if (index === 0) return { noise, noiseUse: 'train' as const };
  return { noise, noiseUse: noiseMaps.after === 'keep' ? ('fixed' as const) : ('count' as const) };
}

function startOf(
  before: ProjectedFrame | undefined,
  initial: Latent | undefined,
  space: LatentSpace,
): Float32Array {
  return before ? before.coordinates : initial ? space.fromWs(initial.data) : space.origin;
}

async function latentAt(coordinates: Float32Array, space: LatentSpace, wDim: number): Promise<Latent> {
  const ws = tf.tidy(() => space.toWs(tf.tensor2d(coordinates, space.shape as [number, number])));
  const data = (await ws.data()) as Float32Array;
  ws.dispose();
  return { numWs: data.length / wDim, wDim, data };
}

function checkResumed(
  frame: ProjectedFrame,
  index: number,
  numWs: number,
  wDim: number,
  space: LatentSpace,
): void {
  const { latent, coordinates } = frame;
  const size = space.shape[0] * space.shape[1];
  if (frame.index === index && latent.numWs === numWs && latent.wDim === wDim && coordinates.length === size)
    return;
  throw new FaceanimError(
    'resume-mismatch',
    `Frame ${index} to resume from is frame ${frame.index} of a run with latents [${latent.numWs}, ${latent.wDim}] and ` +
      `${coordinates.length} coordinates; this run has [${numWs}, ${wDim}] and ${size}.`,
    { frame: index, hint: 'Resume with the generator and the latent space of the first run, or start anew.' },
  );
}

/** Disposables of one call, released together. */
class DisposableBag implements Disposable {
  readonly #releases: (() => void)[] = [];

  use<T extends Disposable>(value: T): T {
    this.#releases.push(() => value[Symbol.dispose]());
    return value;
  }

  keep<T extends tf.Tensor>(tensor: T): T {
    this.#releases.push(() => tensor.dispose());
    return tensor;
  }

  defer(release: () => void): void {
    this.#releases.push(release);
  }

  [Symbol.dispose](): void {
    for (const release of this.#releases.reverse()) release();
  }
}
