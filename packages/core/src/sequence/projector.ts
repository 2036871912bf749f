import { checkOptions, type OptionChecks } from '@faceanim/tensor/options';
import { throwIfRunAborted } from '../abort';
import { type AlignedFrame, trackFaces } from '../landmarks/track';
import type { TrackFacesOptions } from '../landmarks/track-options';
import type { LatentStatistics } from '../latents/statistics';
import { packKeys } from '../options';
import type { DriverFrame, ProjectSequenceOptions } from './options';
import { runSequence, type SequenceFrame } from './project-sequence';
import { openSession } from './session';
import { checkStatistics, resolveSettings, sequenceChecks } from './settings';

/** Options of {@link openProjector}: the networks and the backend. */
export type ProjectorOptions = Pick<
  ProjectSequenceOptions,
  'generator' | 'landmarkNet' | 'perceptual' | 'encoder' | 'backend' | 'statistics' | 'signal' | 'onProgress'
>;

/** Options of {@link Projector.project}: those of {@link projectSequence} that are not options of the projector. */
export type ProjectOptions = Omit<
  ProjectSequenceOptions,
  Exclude<keyof ProjectorOptions, 'signal' | 'onProgress'>
>;

/** Runs {@link projectSequence} any number of times with the same networks; see {@link openProjector}. */
export interface Projector extends Disposable {
  /** The latent statistics of the generator, e.g. to save and pass as `statistics` next time. */
  readonly statistics: LatentStatistics;
  /** Runs {@link projectSequence} with the networks of the projector. One run at a time. */
  project(options: ProjectOptions): AsyncGenerator<SequenceFrame>;
  /**
   * Tracks a face with the landmark network of the projector; see `trackFaces`. Pass the frames as `driver` to reuse them in
   * several runs.
   */
  track(
    frames: AsyncIterable<DriverFrame> | Iterable<DriverFrame>,
    options?: Omit<TrackFacesOptions, 'net' | 'backend'>,
  ): AsyncGenerator<AlignedFrame>;
}

const { generator, landmarkNet, perceptual, encoder, backend, statistics, signal, onProgress } =
  sequenceChecks;
const checks: OptionChecks<ProjectorOptions> = {
  ...{ generator, landmarkNet, perceptual, encoder, backend, statistics, signal, onProgress },
};

/**
 * Prepares several runs of {@link projectSequence} with the same networks. The latent statistics, which take seconds, and
 * the latent spaces are computed once, and a clip can be tracked once for all runs.
 *
 * @example
 * using projector = await openProjector({ ...models, backend });
 * const driver = [];
 * for await (const frame of projector.track(readVideo('clip.mp4'))) driver.push(frame);
 * for (const look of looks) for await (const frame of projector.project({ look, driver })) save(frame);
 *
 * @throws {FaceanimError} `invalid-option`; `aborted`.
 */
export async function openProjector(options: ProjectorOptions): Promise<Projector> {
  checkOptions('openProjector', options, checks, { required: ['generator'], ignored: packKeys });
  checkStatistics(options);
  throwIfRunAborted(options.signal);
  const { signal: _signal, onProgress: _onProgress, ...models } = options;
  const session = await openSession(options);
  return {
    statistics: session.statistics,
    async *project(given) {
      const run = { ...models, ...given, statistics: session.statistics };
      const settings = resolveSettings(run);
      throwIfRunAborted(run.signal);
      yield* runSequence(run, settings, session);
    },
    track: (frames, given) =>
      trackFaces(frames, { ...given, net: models.landmarkNet!, backend: models.backend }),
    [Symbol.dispose]: () => session[Symbol.dispose](),
  };
}
