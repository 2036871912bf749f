import type { ProjectOptions, Projector, RgbImage } from '@faceanim/core';
import { accepting, bagOf, checkOptions, oneOf, wholeNumberFrom } from '@faceanim/tensor/options';
import type { Hooks, WorkerProjectOptions } from '../options';
import { framesOf, isFile, isList, isPicture, lookCheck, lookOf, watched } from './inputs';
import type { WorkerModels } from './models';
import { runOptions } from './run-options';

type RunInputs = Pick<WorkerProjectOptions, 'driver' | 'look' | 'read'>;

const checks = {
  look: lookCheck,
  driver: accepting(
    'a video file, its address or a list of frames',
    (value) => isFile(value) || Array.isArray(value),
  ),
  read: bagOf<NonNullable<RunInputs['read']>>({
    start: wholeNumberFrom(0),
    every: wholeNumberFrom(1),
    limit: wholeNumberFrom(1),
    timing: oneOf('constant', 'source'),
  }),
};

/** Stands for a look that is not read yet. */
const aPicture: RgbImage = { width: 1, height: 1, data: new Uint8Array(3) };

/**
 * Checks the options of a run, before its look and driver are read.
 *
 * @returns reads them, and returns all options of the run
 * @throws FaceanimError `invalid-option`
 */
export function checkedRun(
  {
    look,
    driver,
    read,
    ...rest
  }: Omit<WorkerProjectOptions, 'images' | 'refine' | 'saveAs'> & Pick<ProjectOptions, 'refine'>,
  models: WorkerModels,
  projector: Projector,
): (hooks: Hooks) => Promise<ProjectOptions> {
  checkOptions<RunInputs>('project', { look, driver, read }, checks, { required: ['driver'] });
  const run = runOptions(rest, models, look !== undefined);
  projector.check({
    ...run,
    look: look === undefined || isPicture(look) ? look : aPicture,
    driver: isList(driver) ? driver : [],
  });
  return async (hooks) => ({
    ...run,
    look: look === undefined ? undefined : await lookOf(look, models, hooks),
    ...(await framesOf(driver, read, hooks)),
    ...watched(hooks),
  });
}
