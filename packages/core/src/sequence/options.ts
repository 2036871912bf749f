import type { Backend } from '@faceanim/tensor';
import type { Encoder } from '../contracts/encoder';
import type { Latent, ProjectedFrame } from '../contracts/frames';
import type { Generator } from '../contracts/generator';
import type { RgbImage } from '../contracts/image';
import type { LandmarkNet } from '../contracts/landmark-net';
import type { PerceptualNet } from '../contracts/perceptual-net';
import type { OnProgress } from '../contracts/progress';
import type { AlignedFrame } from '../landmarks/track';
import type { TrackFacesOptions } from '../landmarks/track-options';
import type { LatentSpaceName } from '../latents/latent-space';
import type { LatentStatistics } from '../latents/statistics';
import type { LossTerm } from '../losses/loss-term';
import type { EarlyStopping } from '../optimization/early-stopping';
import type { Optimizer } from '../optimizers/optimizer';

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

/**
 * Options of {@link projectSequence}.
 *
 * @expand
 */
export interface ProjectSequenceOptions {
  generator: Generator;
  /** Finds the face of the driver, and measures landmarks in the default losses. Not needed if neither is used. */
  landmarkNet?: LandmarkNet;
  /** Compares with the look in the default losses; not used with `losses`, whose terms have networks of their own. */
  perceptual?: PerceptualNet;
  /**
   * Activated before every window of frames, since others may use other backends meanwhile; it may run steps as programs of
   * its own. Default: the backend that is active.
   */
  backend?: Backend;
  /** The driver, frame by frame: pictures, or frames that `trackFaces` of `@faceanim/core/landmarks` has aligned, which are taken as they are. */
  driver: AsyncIterable<DriverFrame> | Iterable<DriverFrame>;
  /**
   * The look, square and aligned as the generator's training pictures are: {@link prepareLook} sees to it. Without one the
   * run is in free mode.
   */
  look?: RgbImage;
  /**
   * How the face of the driver is found, followed and cropped; see `trackFaces` of `@faceanim/core/landmarks`. Default: each frame by the FFHQ
   * quad of its own landmarks, smoothed over time.
   */
  tracking?: Pick<TrackFacesOptions, 'align' | 'locate' | 'minScore' | 'smoothing'>;
  /** The objective. Default {@link identityLosses} with a look, {@link freeLosses} without. */
  losses?: readonly LossTerm[];
  /** Space in which latents are optimised. Default `whitened-w`. */
  space?: LatentSpaceName;
  /**
   * What moves the latent: {@link quasiNewton}, {@link adam}, or one of your own. Default `quasiNewton()`, which the preset
   * {@link fast} stands for; {@link thorough} takes the steps of the original program.
   */
  optimizer?: Optimizer;
  /** Most steps of the first frame and of each later one. Default those of the optimizer: 60 and 10, of `adam` 300 and 50. */
  steps?: { first?: number; next?: number };
  /** Default `const`: those of the checkpoint. Optimised ones need an optimizer that trains them, such as {@link adam}. */
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
  earlyStopping?: EarlyStopping | false;
  /**
   * Frames finished earlier, from frame 0 on: they are yielded again and the run goes on after them. Each is compared with
   * what it would be made from here: settings, look, driver frame, generator, version (`ProjectedFrame.origin`).
   */
  resume?: readonly ProjectedFrame[];
  /** Losses are read back every so many steps. Default 10 on a GPU, else 1. */
  readEvery?: number;
  /** Number of driver frames, for the estimate of the time left. */
  frames?: number;
  signal?: AbortSignal;
  onProgress?: OnProgress;
}
