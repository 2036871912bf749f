import type { OpenWebBackendOptions } from '@faceanim/backend-web';
import type {
  BackendCapabilities,
  DriverFrame,
  InterpolateOptions,
  LatentSource,
  ModeOptions,
  OnProgress,
  PrepareLookOptions,
  ProjectedFrame,
  ProjectOptions,
  RefineOptions,
  RgbImage,
  SequenceFrame,
} from '@faceanim/core';
import type { RetargetedOptions } from '@faceanim/core/retargeting';
import type {
  AudioOptions,
  ImageInput,
  MediaInput,
  ReadVideoOptions,
  WriteVideoOptions,
} from '@faceanim/media';
import type { AvatarPackOptions, Factors, FactorValues, LpipsNet } from '@faceanim/models';

/** A file of weights: a `File` or other `Blob`, or its address, relative to the page; downloaded once, and kept. */
export type WeightsFile = Blob | string | URL;

/** Networks of your own for a worker; see the loaders of `@faceanim/models`. */
export interface NetworkFiles {
  /** Checkpoint of the generator. */
  generator: WeightsFile;
  /** Checkpoint of the landmark network. */
  landmarkNet: WeightsFile;
  /** Checkpoints of LPIPS. Without them only free mode runs. */
  perceptual?: { net: LpipsNet; trunk: WeightsFile; heads?: WeightsFile };
  /** An encoder that `fitEncoder` fitted to this generator. */
  encoder?: WeightsFile;
}

/** Options of `createWorkerProjector`. */
export interface WorkerProjectorOptions {
  /** The networks: the bundled avatar pack (default), or checkpoints of your own beside its landmark model. */
  models?: 'avatar' | NetworkFiles;
  /** Options of `avatarPack`, of which parts are used in any case. */
  avatar?: Pick<AvatarPackOptions, 'checkpointing' | 'fanModules' | 'folder'>;
  /** Options of `openBackend` of `@faceanim/backend-web`. Default: the first of WebGPU, WebGL and WASM that starts. */
  backend?: Omit<OpenWebBackendOptions, 'onProgress' | 'signal'>;
  /**
   * A worker to use: one that your bundler has built from `@faceanim/browser/faceanim-worker`, or your own that calls
   * `serveProjector` of `@faceanim/browser/worker`. Default: `faceanim-worker.js` beside the script.
   */
  worker?: Worker;
  /** Aborts the loading. */
  signal?: AbortSignal;
  /** Receives the progress of loading and of latent statistics. */
  onProgress?: OnProgress;
}

/** What a worker says about itself when its networks are loaded. */
export interface WorkerInfo {
  /** The backend that was opened; see `Backend` of `@faceanim/core`. */
  readonly backend: {
    readonly name: string;
    readonly description: string;
    readonly capabilities: BackendCapabilities;
    /** Those that were tried before it, and why each did not start. */
    readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  };
  /** The generator: width and height of its images, and the shape of its latents. */
  readonly generator: { readonly resolution: number; readonly numWs: number; readonly wDim: number };
  /** The named factors of the generator, such as `smile`, for {@link WorkerProjector.latent}; the avatar pack has them. */
  readonly factors?: Factors;
}

/** What a call reports while it is under way, and how it is stopped. */
export interface Hooks {
  /** Aborts the call. */
  signal?: AbortSignal;
  /** Receives the progress of the call. */
  onProgress?: OnProgress;
  /** Called once for each thing that is not as expected, such as several faces. */
  onWarning?: (message: string) => void;
}

/** Options of {@link WorkerProjector.prepareLook}: the picture, and those of `prepareLook` that can be sent to a worker. */
export interface PrepareLookInWorkerOptions
  extends Hooks,
    Pick<PrepareLookOptions, 'align' | 'face' | 'minScore'> {
  /** The picture. */
  look: ImageInput | RgbImage;
}

/**
 * Options of {@link WorkerProjector.project}: those of `projectSequence` that can be sent to a worker. Functions and
 * networks cannot: set them up in a worker of your own.
 */
export interface WorkerProjectOptions
  extends Hooks,
    Pick<
      ProjectOptions,
      | 'earlyStopping'
      | 'every'
      | 'initial'
      | 'noiseMaps'
      | 'readEvery'
      | 'resumeChanged'
      | 'seed'
      | 'space'
      | 'steps'
      | 'synthesisResolution'
      | 'window'
    > {
  /**
   * The face to animate: a picture file, which is cropped by `prepareLook`, or a look that is ready. Without it only free mode
   * runs, which takes none.
   */
  look?: ImageInput | RgbImage;
  /** The driving video: a file, a video element that shows one, or frames at hand. */
  driver: MediaInput | HTMLVideoElement | readonly DriverFrame[];
  /** Which frames of a video file are read; not with frames at hand. */
  read?: Pick<ReadVideoOptions, 'every' | 'limit' | 'start' | 'timing'>;
  /** How the face of the driver is found, followed and cropped. */
  tracking?: Omit<NonNullable<ProjectOptions['tracking']>, 'locate'>;
  /** What is animated; see `identityMode`, `mouthMode` and `freeMode`. Default `identity` with a look, `free` without. */
  mode?: 'free' | 'identity' | 'mouth';
  /** Weights of parts of the face in the loss terms. */
  groups?: ModeOptions['groups'];
  /** The motion that is put on the look; see `retargeted`. In mode `mouth` only `gain`; not in mode `free`. */
  motion?: Pick<RetargetedOptions, 'gain' | 'neutral' | 'pose'>;
  /** Optimizer and steps; see `fast` (default) and `thorough`. */
  preset?: 'fast' | 'thorough';
  /** Frames finished by an earlier run, from frame 0; the run continues after them. See `projectSequence`. */
  resume?: readonly ProjectedFrame[];
  /** Optimises the frames again, in overlapping windows. */
  refine?: boolean | Omit<RefineOptions, 'frames' | 'onFrame'>;
  /**
   * Name of a saved run: finished frames are saved under it as they come, and a run of the same name goes on after them,
   * also when the tab was closed meanwhile. See {@link openSavedFrames}. Takes the place of `resume`. Default: nothing is saved.
   */
  saveAs?: string;
  /** Whether each frame comes with its image. Default true. */
  images?: boolean;
}

/** Options of {@link WorkerProjector.targets}: those of {@link WorkerProjector.project} that targets depend on. */
export interface TargetsInWorkerOptions
  extends Hooks,
    Pick<WorkerProjectOptions, 'driver' | 'every' | 'motion' | 'read' | 'tracking'> {
  /** The face to animate, as for {@link WorkerProjector.project}. */
  look: ImageInput | RgbImage;
  /** What is animated. Default `identity`. */
  mode?: 'identity' | 'mouth';
}

/** Options of {@link WorkerProjector.latent}. */
export interface LatentInWorkerOptions extends Pick<Hooks, 'signal'> {
  /** Seed of the face, as numpy's RandomState takes it. Default 0. */
  seed?: number;
  /** Values of named factors, in standard deviations; see `factorsToZ`. Others are drawn from the seed. */
  factors?: FactorValues;
  /** Name of an expression of the pack, e.g. `smile`. */
  expression?: string;
  /** Truncation: 1 (default) leaves the face as it is drawn, 0 is the mean face, and values between are more usual faces. */
  psi?: number;
}

/** A finished frame that a worker has sent. */
export interface WorkerFrame extends SequenceFrame {
  /** What the generator draws for it; absent with `images: false`. */
  readonly image?: RgbImage;
}

/** Options of {@link WorkerProjector.render}. */
export interface RenderInWorkerOptions extends Hooks, Pick<InterpolateOptions, 'method'> {
  /** Steps from one latent to the next: 1 (default) draws no sub-frames, 2 one between two latents, and so on. */
  factor?: number;
  /** The latents to draw: those of a run, or any others. */
  latents: readonly LatentSource[];
}

/** Options of {@link WorkerProjector.writeVideo}. */
export interface WriteVideoInWorkerOptions
  extends RenderInWorkerOptions,
    Pick<WriteVideoOptions, 'aiGenerated' | 'fps' | 'times'> {
  /** Name of the file, whose extension decides its format: `.mp4`, `.webm`, `.gif` or `.webp`. */
  name: string;
  /** Sound for the video, such as that of the driver; its source may also be a video element that shows a file. */
  audio?: Omit<AudioOptions, 'source'> & { source: AudioOptions['source'] | HTMLVideoElement };
}
