import { TensorBag } from '@faceanim/tensor';
import type { ProjectedFrame } from '../contracts/frames';
import type { AlignedFrame } from '../landmarks/track';
import { isPreparedClip } from '../parts/prepared-clip';
import { checkResumedEarly } from './check-resumed';
import { type Driver, openDriver } from './driver';
import { lookFrame } from './look-frame';
import { lookProblem, projectLook, startAtLook } from './look-latent';
import type { ProjectSequenceOptions } from './options';
import { checkPrepared, originOf } from './origin';
import { lookFaceOf, prepareRun } from './prepare-run';
import { driverOfClip, lookFrameOfClip, lookOfClip, targetsOfClip } from './prepared-driver';
import { progressClock } from './progress-clock';
import type { ProjectedLook, SequenceRun } from './run';
import type { Session } from './session';
import type { Settings } from './settings';
import { type TargetedFrames, targetedFrames } from './targets';

/** A run whose driver is tracked and whose look is projected, so that its frames can be optimised. */
export interface OpenRun extends AsyncDisposable {
  readonly run: SequenceRun;
  readonly frames: TargetedFrames['frames'];
  readonly outline: TargetedFrames['outline'];
  /** Number of driver frames, with those that `every` leaves out, if it is known. */
  readonly length: number | undefined;
  /** The look as a driver frame, if the run needs it. */
  readonly face: AlignedFrame | undefined;
}

/**
 * Opens a run of a driver, or of a clip that {@link prepareClip} has prepared.
 *
 * @throws {FaceanimError} as `projectSequence`.
 */
export async function openRun(
  options: ProjectSequenceOptions,
  settings: Settings,
  session: Session,
): Promise<OpenRun> {
  const { statistics, space: openSpace } = session;
  const { landmarkNet, look, backend, onProgress } = options;
  const { resumed } = settings;
  const given = options.driver;
  const clip = isPreparedClip(given) ? given : undefined;
  await backend?.activate();
  const space = openSpace(settings.space);
  // What can end the run comes before the driver, which takes long to track.
  settings.optimizer.check?.({
    coordinates: space.origin.length,
    frames: Math.max(settings.window, settings.refine?.window ?? 0),
  });
  const face = clip ? lookFrameOfClip(clip, options) : await lookFrame(options, settings);
  const owned = new TensorBag();
  let driver: Driver | undefined;
  const close = async () => {
    owned[Symbol.dispose]();
    await driver?.[Symbol.asyncDispose]();
  };
  try {
    const base = prepareRun(options, settings, session, owned);
    // Frames that are resumed need none: perhaps all are.
    if (!resumed) await base.units();
    driver = isPreparedClip(given)
      ? driverOfClip(given)
      : await openDriver({ ...options, driver: given }, settings, (begun) =>
          checkResumedEarly({ options, settings, space }, statistics, begun),
        );
    const targeted: TargetedFrames = clip
      ? targetsOfClip(clip, landmarkNet)
      : await targetedFrames(driver, options, settings, face);
    const { frames, outline, length, heatmapShape } = targeted;
    const { aligned } = driver;
    const expectedOrigin = await originOf(options, settings, statistics, { aligned, length });
    if (clip) checkPrepared(clip.origin, expectedOrigin, statistics);
    const origin = clip?.origin ?? expectedOrigin;
    await backend?.activate();
    const compiles = backend?.capabilities.gpu ?? true;
    const known = clip ? lookOfClip(clip) : lookOfFrame(resumed);
    const steps = clip ? { ...settings.steps, look: 0 } : settings.steps;
    const clock = progressClock({ ...expected(targeted, options, settings), steps, compiles, onProgress });
    const lookFace = heatmapShape && look && face ? lookFaceOf(look, face.landmarks) : undefined;
    const start = clip?.start ?? 0;
    const plain: SequenceRun = { ...base, start, origin, driver, lookFace, heatmapShape, clock };
    // Whether a resumed frame 0 without the look's latent belongs to this run is checked with the frame.
    const atLook = settings.steps.look > 0 && (known || !(clip || resumed));
    const projected = async () => known ?? keptLook(plain, face!, session);
    const run = atLook ? { ...plain, ...startAtLook(plain, face!, await projected(), owned) } : plain;
    return { run, frames, outline, length, face, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The number of frames and shots of a run, as far as they are known. */
function expected(
  { count, shots }: TargetedFrames,
  options: ProjectSequenceOptions,
  { every }: Settings,
): { frames?: number; shots?: number } {
  return { frames: count ?? (options.frames && Math.ceil(options.frames / every)), shots };
}

/** What projecting the look has given, as frame 0 of an earlier run keeps it. */
function lookOfFrame(frame: ProjectedFrame | undefined): ProjectedLook | undefined {
  return frame?.lookLatent && { latent: frame.lookLatent, carriedOver: frame.lookCarriedOver };
}

/** What projecting the look gives, or has given to an earlier run of the session. */
async function keptLook(
  run: SequenceRun,
  frame: AlignedFrame,
  { looks, space }: Session,
): Promise<ProjectedLook> {
  const { look } = run.origin;
  const problem = look === undefined ? undefined : await lookProblem(run, frame, look);
  const kept = problem && looks.find(problem);
  if (kept) {
    run.clock.keptLook();
    return kept;
  }
  const projected = await projectLook(run, frame, space('whitened-w+', run.settings.stop?.numWs));
  if (problem) looks.keep(problem, projected);
  return projected;
}
