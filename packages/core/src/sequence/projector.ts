import { FaceanimError, throwIfAborted } from '@faceanim/tensor';
import { checkOptions, type OptionChecks } from '@faceanim/tensor/options';
import type { ProjectedFrame } from '../contracts/frames';
import type { LatentStatistics } from '../contracts/latent-statistics';
import type { TargetedFrame } from '../contracts/motion-target';
import type { AlignedFrame } from '../landmarks/track';
import { trackClip } from '../landmarks/track-clip';
import type { TrackClipOptions } from '../landmarks/track-options';
import { packKeys } from '../options';
import { checkAgainstGenerator } from './check-against-generator';
import { followedFrames } from './followed-frames';
import type { DriverFrames, ProjectSequenceOptions } from './options';
import { runSequence } from './project-sequence';
import { firstResumed } from './resumed';
import { sequenceChecks } from './sequence-checks';
import type { SequenceFrame } from './sequence-frame';
import { openSession } from './session';
import { resolveSettings } from './settings';

/**
 * Options of {@link openProjector}: the networks and the backend.
 *
 * @category Run
 */
export type ProjectorOptions = Pick<
  ProjectSequenceOptions,
  (typeof ownedKeys)[number] | 'signal' | 'onProgress'
>;

const ownedKeys = [
  'generator',
  'landmarkNet',
  'perceptual',
  'encoder',
  'landmarkModel',
  'backend',
  'statistics',
] as const;

/**
 * Options of {@link Projector.project}: those of {@link projectSequence} that are not options of the projector.
 *
 * @category Run
 */
export type ProjectOptions = Omit<ProjectSequenceOptions, (typeof ownedKeys)[number]> & {
  /** `undefined` does without the encoder of the projector, as the preset {@link thorough} does. */
  encoder?: undefined;
};

/**
 * Runs {@link projectSequence} any number of times with the same networks; see {@link openProjector}.
 *
 * @category Run
 */
export interface Projector extends Disposable {
  /** The latent statistics of the generator, e.g. to save and pass as `statistics` next time. */
  readonly statistics: LatentStatistics;
  /**
   * Runs {@link projectSequence} with the networks of the projector. One run at a time.
   *
   * @throws {FaceanimError} `invalid-option`, also for networks of its own, and once the projector is disposed; a run that is
   *   under way then ends with the window of frames that it is at.
   */
  project(options: ProjectOptions): AsyncGenerator<SequenceFrame>;
  /**
   * Checks the options of {@link Projector.project} without starting a run, e.g. before its look and driver are read: pass any
   * picture and an empty list for them.
   *
   * @throws {FaceanimError} `invalid-option`.
   */
  check(options: ProjectOptions): void;
  /**
   * The frames that {@link Projector.project} would follow, with their targets in `targetLandmarks`, without optimising:
   * tracks the driver and puts its motion on the look. The frames can be passed as `driver` to runs.
   *
   * @throws {FaceanimError} as {@link Projector.project}.
   */
  targets(options: ProjectOptions): AsyncGenerator<TargetedFrame>;
  /**
   * Tracks a face through a clip with the landmark network of the projector; see `trackClip`. Pass the frames as `driver` to
   * reuse them in several runs.
   *
   * @throws {FaceanimError} as `trackClip` does; `invalid-option` also without a `landmarkNet`, and once the projector is
   *   disposed.
   */
  track(
    frames: DriverFrames,
    options?: Omit<TrackClipOptions, 'landmarkNet' | 'backend'>,
  ): Promise<AlignedFrame[]>;
}

const {
  generator,
  landmarkNet,
  perceptual,
  encoder,
  landmarkModel,
  backend,
  statistics,
  signal,
  onProgress,
} = sequenceChecks;
const checks: OptionChecks<ProjectorOptions> = {
  ...{ generator, landmarkNet, perceptual, encoder, landmarkModel, backend, statistics, signal, onProgress },
};

/**
 * Prepares several runs of {@link projectSequence} with the same networks. The latent statistics, which take seconds, the
 * latent spaces and the scales of relative weights are computed once, and a clip can be tracked once for all runs. A look is
 * projected once as long as nothing changes that its projection depends on, such as steps, seed and the weights of loss terms;
 * other options, such as driver, target and `smooth`, may change. The projector keeps the last four.
 *
 * @example
 * using projector = await openProjector({ ...models, backend });
 * const driver = await projector.track(readVideo('clip.mp4'));
 * for (const look of looks) for await (const frame of projector.project({ look, driver })) save(frame);
 *
 * @throws {FaceanimError} `invalid-option`; `aborted`.
 *
 * @category Run
 */
export async function openProjector(options: ProjectorOptions): Promise<Projector> {
  checkOptions('openProjector', options, checks, { required: ['generator'], ignored: packKeys });
  checkAgainstGenerator(options);
  throwIfAborted(options.signal);
  const { signal: _signal, onProgress: _onProgress, ...models } = options;
  const session = await openSession(options);
  let disposed = false;
  const checkOpen = () => {
    if (disposed) throw projectorDisposed();
  };
  const running = new Set<AsyncGenerator<SequenceFrame>>();
  const checked = (given: ProjectOptions, resumed?: ProjectedFrame) => {
    checkOpen();
    checkOwned(given);
    const { encoder } = { ...models, ...given };
    const run = { ...given, ...models, encoder, statistics: session.statistics };
    return { run, settings: resolveSettings(run, resumed) };
  };
  return {
    statistics: session.statistics,
    check: (given) => void checked(given),
    async *project(given) {
      const { run, settings } = checked(given, await firstResumed(given as ProjectSequenceOptions));
      throwIfAborted(run.signal);
      const frames = runSequence(run, settings, session);
      running.add(frames);
      try {
        for await (const frame of frames) {
          checkOpen();
          yield frame;
        }
        checkOpen();
      } finally {
        running.delete(frames);
      }
    },
    async *targets(given) {
      const { run, settings } = checked(given);
      throwIfAborted(run.signal);
      for await (const frame of followedFrames(run, settings)) {
        yield frame;
        checkOpen();
      }
    },
    async track(frames, given) {
      checkOpen();
      const { landmarkNet, backend } = models;
      if (!landmarkNet) throw noLandmarkNet();
      return trackClip(frames, { ...given, landmarkNet, backend });
    },
    [Symbol.dispose]() {
      disposed = true;
      const runs = [...running].map((frames) => frames.return(undefined));
      const close = () => session[Symbol.dispose]();
      if (runs.length === 0) close();
      else void Promise.allSettled(runs).then(close);
    },
  };
}

function checkOwned(given: ProjectOptions): void {
  const keys = Object.entries(given ?? {}).flatMap(([key, value]) => (value === undefined ? [] : [key]));
  const owned = keys.find((key) => ownedKeys.some((name) => name === key));
  if (!owned) return;
  throw new FaceanimError(
    'invalid-option',
    `project takes no option "${owned}": the projector has its own.`,
    {
      hint: 'Leave it out, or open another projector with it.',
    },
  );
}

function noLandmarkNet(): FaceanimError {
  return new FaceanimError('invalid-option', 'The projector has no landmark network to track with.', {
    hint: 'Pass landmarkNet to openProjector, e.g. that of avatarPack().',
  });
}

function projectorDisposed(): FaceanimError {
  return new FaceanimError('invalid-option', 'The projector is disposed.', {
    hint: 'Dispose a projector after its last run, or open another one.',
  });
}
