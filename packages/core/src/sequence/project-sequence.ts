import { hintOnAbort, throwIfAborted } from '@faceanim/tensor';
import type { ProjectedFrame } from '../contracts/frames';
import { withoutImage } from '../landmarks/track-clip';
import { checkResumed } from './check-resumed';
import { openRun } from './open-run';
import type { ProjectSequenceOptions } from './options';
import { projectWindow } from './project-window';
import { type FirstPassFrame, refineFrames } from './refine';
import { firstResumed, resumedFrame } from './resumed';
import { finish, shotStart } from './run';
import type { SequenceFrame } from './sequence-frame';
import { openSession, type Session } from './session';
import { resolveSettings, type Settings } from './settings';
import { windows } from './windows';

/**
 * Animates a face: finds, for each frame of a driving video, the latent whose image looks like the look and moves like the
 * driver. The first frame of a shot starts at `initial`, else at the projected look, else at the mean latent, and every later
 * frame at the previous one; with an `encoder`, frames start closer to their result.
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
  const settings = resolveSettings(options, await firstResumed(options));
  throwIfAborted(options.signal);
  using session = await openSession(options);
  yield* runSequence(options, settings, session);
}

/** {@link projectSequence} with checked options, in a session that several runs may share. */
export async function* runSequence(
  options: ProjectSequenceOptions,
  settings: Settings,
  session: Session,
): AsyncGenerator<SequenceFrame> {
  const { backend, signal } = options;
  // Whether the caller has finished frames.
  let hasFrames = settings.resumed !== undefined;
  try {
    await using opened = await openRun(options, settings, session);
    const { run, frames } = opened;
    const { start, driver, clock } = run;
    let first = start;
    let finished = shotStart(run);
    let noise: ProjectedFrame['noise'];
    const firstPass: FirstPassFrame[] = [];
    for await (const drivers of windows(frames, settings.window)) {
      if (finished.driver && drivers[0]!.shot !== finished.driver.shot) finished = shotStart(run);
      throwIfAborted(signal, { frame: drivers[0]!.index });
      const known = await Promise.all(drivers.map((_, i) => resumedFrame(options, first - start + i)));
      for (const [i, frame] of known.entries()) {
        if (!frame) continue;
        const { index } = drivers[i]!;
        const place = { position: first + i, driverIndex: index, hash: driver.hashes.get(index) };
        checkResumed(frame, place, run, session.statistics);
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
        if (!driver.reread) driver.hashes.delete(aligned.index);
        if (settings.refine) {
          await settings.refine.onFrame?.({ ...frame, driver: aligned });
          firstPass.push({
            driver: driver.reread ? withoutImage(aligned) : aligned,
            carries: frame.carriedOver !== undefined,
            frame: settings.refine.frames ? undefined : frame,
          });
        } else yield { ...frame, driver: aligned };
      }
      first += drivers.length;
      // Refined frames are not what a run goes on after.
      hasFrames ||= !settings.refine || settings.refine.onFrame !== undefined;
    }
    if (settings.refine) yield* refineFrames(run, firstPass, noise);
  } catch (error) {
    throw hasFrames ? hintOnAbort(error, toGoOn) : error;
  }
}

const toGoOn = 'To go on, start it again with the finished frames as resume.';
