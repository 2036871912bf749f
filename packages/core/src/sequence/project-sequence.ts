import { TensorBag } from '@faceanim/tensor';
import { throwIfRunAborted } from '../abort';
import type { ProjectedFrame } from '../contracts/frames';
import type { TargetedFrame } from '../contracts/motion-target';
import type { AlignedFrame } from '../landmarks/track';
import type { LatentSpace } from '../latents/latent-space';
import { checkCarriedOver, checkLookLatent, checkShape } from './check-resumed';
import { openDriver } from './driver';
import { isList } from './every-nth';
import { lookFrame } from './look-frame';
import { startAtLook } from './look-latent';
import type { ProjectSequenceOptions } from './options';
import { checkOrigin, originOf } from './origin';
import { lookFaceOf, prepareRun } from './prepare-run';
import { progressClock } from './progress-clock';
import { projectWindow } from './project-window';
import { refineFrames } from './refine';
import { type FinishedFrames, finish, type SequenceRun, shotStart } from './run';
import type { SequenceFrame } from './sequence-frame';
import { openSession, type Session } from './session';
import { resolveSettings, type Settings } from './settings';
import { targetedFrames } from './targets';
import { windows } from './windows';

/**
 * Animates a face: finds, for each frame of a driving video, the latent whose image looks like the look and moves like the
 * driver. The first frame of a shot starts at the mean latent (or `initial`), and every later frame at the previous one; with
 * an `encoder`, frames start closer to their result.
 *
 * Each frame is yielded as soon as it is finished, so a later failure loses none (with `refine`, see there). The same options
 * and seed give the same latents on the same backend, also if the run was interrupted and continued with `resume`.
 *
 * @param options Only `generator` and `driver` are always required. A pack of networks can be spread: `...models`.
 *
 * @example
 * for await (const frame of projectSequence({ ...models, look, driver })) save(frame);
 *
 * @throws {FaceanimError} `invalid-option`, also for unknown options; `no-face` with the driver frame, or for the look;
 *   `diverged` with frame and step; `resume-mismatch` with what differs; `aborted`; and whatever the driver throws. Errors
 *   name frames by their index in the driver. No tensors are leaked.
 *
 * @category Run
 */
export async function* projectSequence(options: ProjectSequenceOptions): AsyncGenerator<SequenceFrame> {
  const settings = resolveSettings(options);
  throwIfRunAborted(options.signal);
  using session = await openSession(options);
  yield* runSequence(options, settings, session);
}

/** {@link projectSequence} with checked options, in a session that several runs may share. */
export async function* runSequence(
  options: ProjectSequenceOptions,
  settings: Settings,
  session: Session,
): AsyncGenerator<SequenceFrame> {
  const { statistics, space: openSpace } = session;
  const { generator, look, backend, resume = [], signal, onProgress } = options;
  await backend?.activate();
  const space = openSpace(settings.space);
  // What can end the run comes before the driver, which takes long to track.
  settings.optimizer.check?.({
    coordinates: space.origin.length,
    frames: Math.max(settings.window, settings.refine?.window ?? 0),
  });
  const face = await lookFrame(options, settings);
  using owned = new TensorBag();
  const base = prepareRun(options, settings, session, owned);
  // Frames that are resumed need none: perhaps all are.
  if (resume.length === 0) await base.units();
  await using driver = await openDriver(options, settings);
  const { frames, length, heatmapShape } = await targetedFrames(driver, options, settings, face);
  const origin = await originOf(options, settings, statistics, { aligned: driver.aligned, length });
  await backend?.activate();
  const compiles = backend?.capabilities.gpu ?? true;
  const clock = progressClock({ ...expected(frames, options, settings), ...settings, compiles, onProgress });
  const lookFace =
    heatmapShape && look && face ? lookFaceOf(look, face.landmarks, generator.resolution) : undefined;
  const plain: SequenceRun = { ...base, origin, driver, lookFace, heatmapShape, clock };
  const run =
    settings.steps.look > 0
      ? await startedFromLook(plain, face!, openSpace('whitened-w+', settings.stop?.numWs), owned)
      : plain;

  let first = 0;
  let finished: FinishedFrames = { ...shotStart, carriedOver: run.from?.carriedOver };
  let noise: ProjectedFrame['noise'];
  const firstPass: SequenceFrame[] = [];
  for await (const drivers of windows(frames, settings.window)) {
    if (finished.driver && drivers[0]!.shot !== finished.driver.shot)
      finished = { ...shotStart, carriedOver: run.from && finished.carriedOver };
    throwIfRunAborted(signal, { frame: drivers[0]!.index });
    const known = drivers.map((_, i) => resume[first + i]);
    for (const [i, frame] of known.entries()) {
      if (!frame) continue;
      const { index } = drivers[i]!;
      checkShape(frame, first + i, index, space, generator);
      const expected = { ...origin, driver: driver.hashes.get(index) };
      checkOrigin(frame, expected, index, statistics, options.resumeChanged);
      checkCarriedOver(frame, index, space, settings.optimizer);
      if (first + i === 0 && settings.steps.look > 0) checkLookLatent(frame, generator);
    }
    // The frames of a window depend on each other: if one is missing, all are optimised again.
    const complete = known.every((frame) => frame !== undefined);
    // The caller may have activated another backend since the last yield.
    await backend?.activate();
    const fresh = complete ? [] : await projectWindow(run, drivers, { first, finished, noise });
    if (complete) {
      const steps = settings.steps[finished.count === 0 ? 'first' : 'next'];
      clock.skip({ first, count: drivers.length, frame: drivers.at(-1)!.index }, steps);
    }
    for (const [i, aligned] of drivers.entries()) {
      const frame = known[i] ?? fresh[i]!;
      finished = finish(finished, frame, aligned);
      noise = frame.noise ?? noise;
      driver.hashes.delete(aligned.index);
      if (settings.refine) {
        firstPass.push({ ...frame, driver: aligned });
        await settings.refine.onFrame?.(firstPass.at(-1)!);
      } else yield { ...frame, driver: aligned };
    }
    first += drivers.length;
  }
  if (settings.refine) yield* refineFrames(run, firstPass, { carriedOver: finished.carriedOver, noise });
}

/** The number of frames and shots of a run, as far as they are known. */
function expected(
  frames: readonly TargetedFrame[] | AsyncIterable<TargetedFrame>,
  options: ProjectSequenceOptions,
  { every }: Settings,
): { frames?: number; shots?: number } {
  if (!isList(frames)) return { frames: options.frames && Math.ceil(options.frames / every) };
  return { frames: frames.length, shots: new Set(frames.map(({ shot }) => shot)).size };
}

/** The run in the space around the look, which is projected unless frame 0 of `resume` has its latent. */
async function startedFromLook(
  run: SequenceRun,
  frame: AlignedFrame,
  layers: LatentSpace,
  owned: TensorBag,
): Promise<SequenceRun> {
  const known = run.options.resume?.[0];
  // Whether it belongs to this run is checked with frame 0.
  if (known && !known.lookLatent) return run;
  return { ...run, ...(await startAtLook(run, frame, layers, owned, known?.lookLatent)) };
}
