import type { RgbImage } from '@faceanim/core';
import { planParts } from '@faceanim/core/parts';
import { readLatents, type StoredLatents } from '@faceanim/models';
import { FaceanimError } from '@faceanim/tensor';
import { checkInputs, namedPaths } from '../files/inputs';
import { checkLimits } from '../limits/limits';
import { checkEarlierRun } from '../run/folder';
import { type RunRecord, readRun } from '../run/record';
import { recordOf } from './identity';
import { readLook } from './look';
import type { AnimateOptions } from './options';
import { type DriverPlan, planDriver } from './plan-driver';
import { type PlannedOutputs, planOutputs } from './plan-outputs';

/** A run whose options and paths have been checked. Nothing has been written yet. */
export interface AnimatePlan extends DriverPlan, PlannedOutputs {
  /** The latents of `--initial`, not yet fitted to the generator. */
  readonly initial: StoredLatents | undefined;
  /** The picture of `--look`. */
  readonly picture: RgbImage | undefined;
  /** What the run folder will store. */
  readonly record: RunRecord;
}

/**
 * Checks everything that can be checked without loading networks.
 *
 * @throws {FaceanimError} `invalid-option`, `io`, `media`, `checkpoint-corrupt` or `too-large` naming the flag or the file;
 *   `resume-mismatch`.
 */
export async function planAnimation(options: AnimateOptions, signal?: AbortSignal): Promise<AnimatePlan> {
  if (options.resume && options.fresh) {
    throw new FaceanimError('invalid-option', '--resume and --fresh exclude each other.', {
      hint: 'Pass --resume to continue after the finished frames, or --fresh to replace them.',
    });
  }
  checkSplit(options);
  const inputs = namedPaths({
    '--driver': options.driver,
    '--look': options.look,
    '--blend': options.blend,
    '--initial': options.initial,
    '--generator': options.generator,
    '--encoder': options.encoder,
    '--fan': options.fan,
    '--lpips': options.lpips,
    '--lpips-heads': options.lpipsHeads,
  });
  await checkInputs(inputs, ['--driver', '--blend']);
  await checkLimits(inputs, options, signal);
  const initial = options.initial === undefined ? undefined : await readLatents(options.initial, { signal });
  const picture = options.look === undefined ? undefined : await readLook(options.look);
  const driver = await planDriver(options, signal);
  const outputs = await planOutputs(options, inputs, driver.fps);
  const { driverClock, startsAt: start, length } = driver;
  const record = await recordOf(options, { fps: driver.clock.fps, driverClock, start, length }, signal);
  checkEarlierRun(outputs.run, await readRun(outputs.run), record, options);
  return { initial, picture, record, ...driver, ...outputs };
}

/** Refuses to split a run that cannot be split. @throws {FaceanimError} `invalid-option`. */
function checkSplit({ split, overlap, refine, mode }: AnimateOptions): void {
  if (split === undefined) return;
  const beside = refine ? '--refine' : mode === 'reference' ? '--mode reference' : undefined;
  if (beside) {
    throw new FaceanimError('invalid-option', `--split does not go with ${beside}.`, {
      hint: refine
        ? 'Leave one of them out: refinement needs all frames at once.'
        : 'Leave one of them out: in reference mode, all frames depend on the noise maps of frame 0.',
    });
  }
  planParts([], { frames: split, overlap });
}
