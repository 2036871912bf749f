import type { ProjectOptions, Projector, RgbImage } from '@faceanim/core';
import { accepting, bagOf, checkOptions, oneOf, wholeNumberFrom } from '@faceanim/tensor/options';
import type { Hooks, WorkerProjectOptions } from '../options';
import type { CropLook } from './crop-look';
import { framesOf, isFile, isList, isPicture, lookCheck, pictureOf, watched } from './inputs';
import type { WorkerModels } from './models';
import { runOptions } from './run-options';

/** What the runs of a worker share. */
export interface Opened {
  readonly models: WorkerModels;
  readonly projector: Projector;
  readonly cropLook: CropLook;
}

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
  { models, projector, cropLook }: Opened,
): (hooks: Hooks) => Promise<ProjectOptions> {
  checkOptions<RunInputs>('project', { look, driver, read }, checks, { required: ['driver'] });
  const run = runOptions(rest, models, look !== undefined);
  projector.check({
    ...run,
    look: look === undefined || isPicture(look) ? look : aPicture,
    driver: isList(driver) ? driver : [],
  });
  return async (hooks) => {
    // Both files are opened before the face of the look is searched for.
    const picture = look === undefined ? undefined : await pictureOf(look);
    const frames = await framesOf(driver, read, hooks);
    const ready = !picture || picture === look ? picture : await cropLook(picture, hooks);
    return { ...run, ...frames, ...watched(hooks), look: ready };
  };
}
