import { openVideo, type Video } from '@faceanim/media';
import { readLatents, type StoredLatents } from '@faceanim/models';
import { FaceanimError, invalidOption } from '@faceanim/tensor';
import { checkInputs, namedPaths } from '../files/inputs';
import { checkRate } from '../flags/check-rate';
import { checkEarlierRun } from '../run/folder';
import { type RunRecord, readRun } from '../run/record';
import { recordOf } from './identity';
import type { AnimateOptions } from './options';
import { type PlannedOutputs, planOutputs } from './plan-outputs';

/** A run whose options and paths have been checked. Nothing has been written yet. */
export interface AnimatePlan extends DriverPlan, PlannedOutputs {
  /** The latents of `--initial`, not yet fitted to the generator. */
  readonly initial: StoredLatents | undefined;
  /** What the run folder will store. */
  readonly record: RunRecord;
}

/** The part of the driver that is used, and its speed. */
interface DriverPlan {
  readonly driver: Video;
  /** Number of driver frames that are optimised, if the driver says. */
  readonly frames: number | undefined;
  /** The most driver frames to read, with those that `--every` leaves out. */
  readonly read: number | undefined;
  /** Driver frames, and so latents, per second. */
  readonly latentFps: number;
  readonly subframes: number;
  /** Output frames per second. */
  readonly fps: number;
}

/**
 * Checks everything that can be checked without loading networks.
 *
 * @throws {FaceanimError} `invalid-option`, `io`, `media` or `checkpoint-corrupt` naming the flag or the file;
 *   `resume-mismatch`.
 */
export async function planAnimation(options: AnimateOptions, signal?: AbortSignal): Promise<AnimatePlan> {
  if (options.resume && options.fresh) {
    throw new FaceanimError('invalid-option', '--resume and --fresh exclude each other.', {
      hint: 'Pass --resume to continue after the finished frames, or --fresh to replace them.',
    });
  }
  const inputs = namedPaths({
    '--driver': options.driver,
    '--look': options.look,
    '--initial': options.initial,
    '--generator': options.generator,
    '--encoder': options.encoder,
    '--fan': options.fan,
    '--lpips': options.lpips,
    '--lpips-heads': options.lpipsHeads,
  });
  await checkInputs(inputs, ['--driver']);
  const initial = options.initial === undefined ? undefined : await readLatents(options.initial, { signal });
  const driver = await planDriver(options, signal);
  const outputs = await planOutputs(options, inputs, driver.fps);
  const record = await recordOf(options, driver.latentFps, signal);
  checkEarlierRun(outputs.run, await readRun(outputs.run), record, options);
  return { initial, record, ...driver, ...outputs };
}

async function planDriver(options: AnimateOptions, signal?: AbortSignal): Promise<DriverPlan> {
  const { every = 1, limit, start = 0, subframes = 2 } = options;
  const driver = await openVideo(options.driver, { signal });
  const { info } = driver;
  const available = info.frames === undefined ? undefined : Math.ceil((info.frames - start) / every);
  if (available !== undefined && available < 1) {
    const expected = `less than ${info.frames}, the number of frames of ${options.driver}`;
    throw invalidOption('--start', start, expected);
  }
  const latentFps = info.fps / every;
  const fps = options.fps ?? latentFps * subframes;
  checkRate(fps, { fps: options.fps, subframes });
  const frames = available === undefined ? limit : Math.min(available, limit ?? available);
  const read = limit && (limit - 1) * every + 1;
  return { driver, frames, read, latentFps, subframes, fps };
}
