import type { RgbImage } from '@faceanim/core';
import { writeFileAtomic } from '@faceanim/media/files';
import { isStdout, writeText } from '../files/stdout';
import { contactSheet } from '../report/contact-sheet';
import { lossCurve } from '../report/loss-curve';
import type { RunFolder } from '../run/open-run';
import { follow } from './follow';
import type { ObservedFrame, Observer } from './observe';
import type { AnimatePlan } from './plan';
import { type AnimateReport, meanLosses } from './report';

/** A complete animation, and what is known about it. */
export interface Animation {
  readonly path: string;
  readonly outputFrames: number;
  readonly projected: readonly ObservedFrame[];
  readonly observer: Pick<Observer, 'sheet' | 'landmarks' | 'failure'>;
  readonly look?: RgbImage;
  readonly latents: string;
  readonly backend: string;
  readonly seconds: number;
  readonly msPerStep: number | undefined;
}

/**
 * Writes what comes beside an animation: contact sheet, loss curve and report. The animation is complete without them, so
 * one that fails only gives a warning.
 *
 * @throws {FaceanimError} `io` when the report given by `--json` cannot be written.
 */
export async function finishAnimation(
  animation: Animation,
  plan: AnimatePlan,
  run: RunFolder,
  warn: (line: string) => void,
): Promise<AnimateReport> {
  const { projected, observer, look, latents, backend, seconds, msPerStep, outputFrames } = animation;
  const failures: string[] = [];
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      const failure = `${what} failed: ${error instanceof Error ? error.message : error}`;
      failures.push(failure);
      warn(failure);
      return undefined;
    }
  };
  // A file that somebody else has written since the run began stays.
  const overwrite = (path: string) => ({ overwrite: plan.replaceable.includes(path) });
  const fresh = projected.slice(run.finished.length);
  const stepsTaken = fresh.reduce((sum, { steps }) => sum + steps, 0);
  const report: AnimateReport = {
    out: animation.path,
    contactSheet: await attempt('The contact sheet', async () => {
      const sheet = await contactSheet(observer.sheet.frames, look);
      await writeFileAtomic(plan.sheet, sheet, overwrite(plan.sheet));
      await run.made(plan.sheet, 'file');
      return plan.sheet;
    }),
    lossCurve: await attempt('The loss curve', async () => {
      await writeFileAtomic(plan.curve, await lossCurve(projected), overwrite(plan.curve));
      await run.made(plan.curve, 'file');
      return plan.curve;
    }),
    latents,
    run: run.path,
    backend,
    driverFrames: projected.length,
    outputFrames,
    fps: plan.fps,
    seconds,
    stepsTaken,
    msPerStep,
    following: await attempt('Comparing mouth and eyes', async () => {
      if (observer.failure !== undefined) throw observer.failure;
      const driver = projected.map(({ driver: { landmarks } }) => landmarks);
      return follow(driver, observer.landmarks);
    }),
    losses: meanLosses(projected),
    frames: projected.map(({ index, driver: { index: driverIndex }, steps, losses }) => ({
      index,
      driverIndex,
      steps,
      losses,
    })),
    failures,
  };
  if (plan.json !== undefined) {
    await writeText(plan.json, `${JSON.stringify(report, null, 2)}\n`, overwrite(plan.json));
    if (!isStdout(plan.json)) await run.made(plan.json, 'file');
  }
  return report;
}
