import type { RgbImage } from '@faceanim/core';
import { writeFileAtomic } from '@faceanim/media/files';
import { landmarkModel } from '@faceanim/models';
import { messageOf } from '@faceanim/tensor/errors';
import { contactSheet } from '../report/contact-sheet';
import { lossCurve } from '../report/loss-curve';
import type { RunFolder } from '../run/open-run';
import { version } from '../version';
import { measureResults } from './measure';
import type { Observer } from './observe';
import type { AnimatePlan } from './plan';
import { type AnimateReport, meanLosses } from './report';
import { reportPage } from './report-page';

/** A complete animation, and what is known about it. */
export interface Animation {
  readonly path: string;
  readonly outputFrames: number;
  readonly observer: Pick<Observer, 'frames' | 'sheet' | 'landmarks' | 'failure'>;
  readonly look?: RgbImage;
  readonly latents: string;
  readonly backend: string;
  readonly seconds: number;
  readonly msPerStep: number | undefined;
  /** The command line of the run. */
  readonly command: string;
  /** What the user was warned of. */
  readonly warnings: readonly string[];
  /** Whether pictures of results say that a model made them (yes). */
  readonly aiTag?: boolean;
}

/**
 * Writes what comes beside an animation: contact sheet, loss curve and reports. The animation is complete without them, so
 * a picture that fails only gives a warning.
 *
 * @throws {FaceanimError} `io` when the files of `--report` cannot be written.
 */
export async function finishAnimation(
  animation: Animation,
  plan: AnimatePlan,
  run: RunFolder,
  warn: (line: string) => void,
): Promise<AnimateReport> {
  const { observer, look, latents, backend, seconds, msPerStep, outputFrames, aiTag } = animation;
  const { frames: projected } = observer;
  const failures: string[] = [];
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      const failure = `${what} failed: ${messageOf(error)}`;
      failures.push(failure);
      warn(failure);
      return undefined;
    }
  };
  const write = (path: string, data: string | Uint8Array) =>
    run.write(path, (beforeRename) =>
      // A file that somebody else has written since the run began stays.
      writeFileAtomic(path, data, { overwrite: plan.replaceable.includes(path), beforeRename }),
    );
  const resumed = run.finished.length;
  const stepsTaken = stepsOf(projected) - run.finished.steps;
  const known: AnimateReport = {
    out: animation.path,
    contactSheet: await attempt('The contact sheet', async () => {
      await write(plan.sheet, await contactSheet(observer.sheet.frames, look, aiTag));
      return plan.sheet;
    }),
    lossCurve: await attempt('The loss curve', async () => {
      await write(plan.curve, await lossCurve(projected));
      return plan.curve;
    }),
    page: plan.page,
    latents,
    run: run.path,
    backend,
    version,
    command: animation.command,
    settings: plan.record.settings,
    contents: plan.record.contents,
    driverFrames: projected.length,
    outputFrames,
    fps: plan.fps,
    seconds,
    stepsTaken,
    msPerStep,
    ...(await attempt('Measuring the results', async () => {
      if (observer.failure !== undefined) throw observer.failure;
      return measureResults(projected, observer.landmarks, await landmarkModel());
    })),
    losses: meanLosses(projected),
    frames: projected.map(({ index, driver, steps, losses, seconds }) => ({
      index,
      driverIndex: driver.index,
      shot: driver.shot,
      found: driver.found,
      steps,
      seconds: index < resumed ? undefined : seconds,
      losses,
    })),
    warnings: animation.warnings,
    failures,
  };
  const shown = { sheet: observer.sheet.frames, look, histories: projected, aiTag };
  const { page: path, numbers } = plan;
  const page =
    path &&
    numbers &&
    (await attempt('The report', () => reportPage(known, { ...shown, page: path, numbers })));
  const report = { ...known, page: page && path };
  if (numbers) await write(numbers, `${JSON.stringify(report, null, 2)}\n`);
  if (page && path) await write(path, page);
  return report;
}

const stepsOf = (frames: readonly { readonly steps: number }[]) =>
  frames.reduce((sum, { steps }) => sum + steps, 0);
