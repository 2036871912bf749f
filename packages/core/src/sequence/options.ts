import type { Backend } from '@faceanim/tensor';
import type { Encoder } from '../contracts/encoder';
import type { FrameStore, Latent } from '../contracts/frames';
import type { Generator } from '../contracts/generator';
import type { RgbImage } from '../contracts/image';
import type { LandmarkNet } from '../contracts/landmark-net';
import type { LatentStatistics } from '../contracts/latent-statistics';
import type { MotionTarget } from '../contracts/motion-target';
import type { PerceptualNet } from '../contracts/perceptual-net';
import type { OnProgress } from '../contracts/progress';
import type { PlainFrame } from '../landmarks/driver-frames';
import type { AlignedFrame } from '../landmarks/track';
import type { TrackClipOptions } from '../landmarks/track-options';
import type { LatentSpaceName } from '../latents/latent-space';
import type { LossTerm } from '../losses/loss-term';
import type { EarlyStopping } from '../optimization/early-stopping';
import type { Optimizer } from '../optimizers/optimizer';
import type { PreparedClip } from '../parts/prepared-clip';
import type { LandmarkModel } from '../retargeting/landmark-model';
import type { SequenceFrame } from './sequence-frame';

/**
 * One frame of the driver: as it was read, or aligned by `trackClip` or `trackFaces`. Indices increase from frame to frame.
 *
 * @category Look and driver
 */
export type DriverFrame = AlignedFrame | PlainFrame;

/**
 * The frames of a driver, one by one.
 *
 * @category Look and driver
 */
export type DriverFrames = AsyncIterable<DriverFrame> | Iterable<DriverFrame>;

/**
 * Which noise maps the generator draws with: `const`, those of its checkpoint; `none`; or maps that are optimised in frame
 * 0 and then frozen.
 *
 * @category Run
 */
export type NoiseMapsOption =
  | 'const'
  | 'none'
  | {
      /** Optimises them together with the latent of frame 0. */
      readonly optimize: 'first-frame';
      /** Maps of later frames: the optimised ones, or, as in the original program, those of the checkpoint. */
      readonly after: 'keep' | 'checkpoint';
      /** Maps to start from, by layer name. Default: random. */
      readonly initial?: Readonly<Record<string, Float32Array>>;
    };

/**
 * How frames are refined; see `refine` of {@link ProjectSequenceOptions}.
 *
 * @category Run
 */
export interface RefineOptions {
  /** How many frames are optimised together. Default 6. */
  readonly window?: number;
  /** The most steps of each window. Default 6. */
  readonly steps?: number;
  /** Gets each frame of the first pass when it is finished; the run goes on when its promise resolves. */
  readonly onFrame?: (frame: SequenceFrame) => void | Promise<void>;
  /**
   * Where frames that `onFrame` has put there are read again, by their index in the run. Without it, memory holds all frames of
   * the first pass.
   */
  readonly frames?: Pick<FrameStore, 'at'>;
}

/**
 * Options of {@link projectSequence}, grouped by what they are for.
 *
 * @expand
 * @category Run
 */
export interface ProjectSequenceOptions {
  /**
   * The frozen face generator, e.g. that of `avatarPack()`.
   *
   * @group Networks
   */
  generator: Generator;
  /**
   * Finds the landmarks of the driver, and compares them in the default losses. Not needed for an aligned driver with
   * `losses` of your own.
   *
   * @group Networks
   */
  landmarkNet?: LandmarkNet;
  /**
   * Compares the result with the look in the default losses. Not used if `losses` is given: those terms have their own
   * networks.
   *
   * @group Networks
   */
  perceptual?: PerceptualNet;
  /**
   * Guesses the latent of each frame from the look and the landmarks, which saves steps: that of `avatarPack()`, or one
   * fitted by `fitEncoder`. Needs a look. Default: none; each frame starts where the previous one ended.
   *
   * @group Networks
   */
  encoder?: Encoder;
  /**
   * A 3-D model of the 68 landmarks, e.g. that of `avatarPack()`. With it, a run with a look follows the driver's motion
   * instead of its landmarks; see `target`.
   *
   * @group Networks
   */
  landmarkModel?: LandmarkModel;

  /**
   * The source image: whose face is animated. Square, and aligned as the generator's training images are; see
   * {@link prepareLook}. Without a look the run is in free mode, where the landmarks alone shape the face.
   *
   * @group What to animate
   */
  look?: RgbImage;
  /**
   * The driving video, whose motion the face follows: pictures, or frames that `trackClip` or `trackFaces` of
   * `@faceanim/core/landmarks` has aligned, which are used as they are. Where a shot begins, the run starts anew.
   *
   * For a long clip pass a function that opens it, `() => readVideo(file)`: it is called again to crop the tracked frames
   * while they are optimised (and refined), so that memory does not grow with the clip. It must always give the same frames.
   *
   * Or a clip that `prepareClip` of `@faceanim/core/parts` has prepared, or a part of it: it is then neither tracked nor is the
   * look projected again. All other options must be those that `prepareClip` got.
   *
   * @group What to animate
   */
  driver: DriverFrames | (() => DriverFrames) | PreparedClip;
  /**
   * How the face of the driver is found, followed and cropped; see `trackClip` of `@faceanim/core/landmarks`. Default: each
   * frame is cropped by its own landmarks as FFHQ was, smoothed over time. Refused beside frames that are aligned already,
   * apart from `minScore`, which also applies to the look where its landmarks are needed: for a target, or to project it.
   *
   * The whole driver is tracked before the first frame is optimised. Unless it can be opened again, its crops are kept in
   * memory, 0.2 MB each for an input size of 256 pixels.
   *
   * @group What to animate
   */
  tracking?: Pick<TrackClipOptions, 'align' | 'face' | 'locate' | 'minScore' | 'onMissingFace' | 'smoothing'>;
  /**
   * Which landmarks the results should have. `retargeted()` of `@faceanim/core/retargeting` puts the driver's motion on the
   * face of the look; it is the default if there are a look and a `landmarkModel`. Any target needs a look, and `landmarkNet`
   * with the 68 iBUG landmarks. `driver` stands for the landmarks of the driver itself, as in the original program; it is the
   * default otherwise.
   *
   * A target is computed from the whole driver, one shot at a time, before the first frame is optimised.
   *
   * @group What to animate
   */
  target?: MotionTarget | 'driver';
  /**
   * Number of driver frames, with those that `every` leaves out. Used only for progress and the estimated remaining time.
   *
   * @group What to animate
   */
  frames?: number;
  /**
   * Optimises only every n-th frame of the driver. All are tracked, and all count for the motion that is followed. Default 1.
   *
   * @group What to animate
   */
  every?: number;

  /**
   * The loss terms, whose weighted sum is minimised. Default {@link identityLosses} with a look, {@link freeLosses} without.
   *
   * @group Method
   */
  losses?: readonly LossTerm[];
  /**
   * The latent space in which latents are optimised. Default `whitened-w`.
   *
   * @group Method
   */
  space?: LatentSpaceName;
  /**
   * The optimizer that updates the latent: {@link quasiNewton} (default), {@link adam}, or your own. The presets
   * {@link fast} and {@link thorough} set it together with its steps.
   *
   * @group Method
   */
  optimizer?: Optimizer;
  /**
   * Side in pixels of the images that steps draw: one of the generator's {@link Generator.stops}, from what the losses look at
   * (256 with the usual networks), or its own resolution (default). A generator that stops early takes less memory and time,
   * but its image is not quite the whole one shrunk, so results follow look and driver less closely. `losses` and `history` are
   * those of the small images; `render` draws whole ones.
   *
   * Layers after the stop are not optimised, so the spaces `w+` and `whitened-w+`, noise maps that are optimised, and with them
   * reference mode are refused. Generators of the `resnet` architecture and StyleGAN3 cannot stop early.
   *
   * @group Method
   */
  synthesisResolution?: number;
  /**
   * The most optimisation steps of the look, of the first frame of each shot and of each later frame. Default:
   * `defaultSteps`, which are 60, 20 and 10 with `quasiNewton`, 300, 100 and 50 with `adam`.
   *
   * The look is projected before frame 0, towards its own landmarks: first one w for all layers, then each layer on its own.
   * In all frames each layer keeps its distance from the mean of the layers, and only that mean moves, so that details of the
   * look stay. This needs a look, a `landmarkNet`, the space `whitened-w` and noise maps that are not optimised. Other runs do
   * without, as with `look: 0`; their defaults are 60 and 10, or 300 and 50.
   *
   * @group Method
   */
  steps?: { look?: number; first?: number; next?: number };
  /**
   * When a frame may end before its last step. Default: after 15 steps in its second half that together improve the loss by
   * less than 0.5 %. `false` turns it off.
   *
   * @group Method
   */
  earlyStopping?: EarlyStopping | false;
  /**
   * The latent at which the first frame of each shot starts. Default: the projected look, moved as far as the encoder's guess
   * for the frame is from that for the look; without such a projection the encoder's guess, else the mean latent ŵ.
   *
   * @group Method
   */
  initial?: Latent;
  /**
   * Noise maps of the generator. Default `const`: those of the checkpoint. To optimise them, use an optimizer that trains
   * them, such as `adam`.
   *
   * @group Method
   */
  noiseMaps?: NoiseMapsOption;
  /**
   * Latent statistics of the generator, or how to sample them. Default: 10000 samples from seed 123, as in the StyleGAN2
   * projector, which the generator of `avatarPack()` brings along.
   *
   * @group Method
   */
  statistics?: { samples?: number; seed?: number } | LatentStatistics;
  /**
   * How many frames after the first of a shot are optimised together as one batch, each starting from the last finished frame.
   * Uses a large GPU better; the smoothness term then acts in both directions within the batch. Default 1.
   *
   * @group Method
   */
  window?: number;
  /**
   * Refines the frames when all of them are optimised: overlapping windows of frames are optimised again, each as one batch
   * from what the frames are, so that the smoothness term acts in both directions. The first frame of a shot stays as it is.
   *
   * Frames are then yielded when they are refined, and `refine.onFrame` gets those of the first pass as they are finished. Save
   * these for `resume`, which takes no refined ones. Default off.
   *
   * @group Method
   */
  refine?: boolean | RefineOptions;

  /**
   * The backend to run on; it is activated before every window of frames. Default: the active backend.
   *
   * @group Run
   */
  backend?: Backend;
  /**
   * Seed of all random numbers of the optimisation: latent noise and noise maps. Default 0.
   *
   * @group Run
   */
  seed?: number;
  /**
   * Frames finished by an earlier run, starting with frame 0. They are yielded again, and the run continues after them. Each
   * must match this run in settings, look, driver frame, generator and version ({@link ProjectedFrame.origin}). A list, or a
   * store, which reads each twice: before the driver is tracked, to compare it, and when the run has come to it.
   *
   * Not compared are the weights of the other networks (the encoder, and the networks of loss terms) and functions, such as
   * schedules: pass the same ones. The command line compares the files of all networks.
   *
   * @group Run
   */
  resume?: FrameStore;
  /**
   * Whether `resume` takes frames that were made with other settings, so that the run goes on after them with the new ones, as
   * when a slider is moved. Only the latent space, the look, driver frames, generator and version have to be the same. Default false.
   *
   * @group Run
   */
  resumeChanged?: boolean;
  /**
   * Losses are read back every this many steps; early stopping decides at these. Default: as in the frames of `resume`, else
   * 10 on a GPU, where reading stalls the queue, else 1.
   *
   * @group Run
   */
  readEvery?: number;
  /**
   * Aborts the run.
   *
   * @group Run
   */
  signal?: AbortSignal;
  /**
   * Receives progress, losses and the estimated remaining time.
   *
   * @group Run
   */
  onProgress?: OnProgress;
  /**
   * Called if the driver has several faces or frames without one, or if targets are held or leave the picture.
   *
   * @group Run
   */
  onWarning?: (message: string) => void;
}
