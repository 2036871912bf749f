import {
  freeMode,
  identityMode,
  mouthMode,
  type PerceptualNet,
  type ProjectOptions,
  thorough,
} from '@faceanim/core';
import { type LandmarkModel, retargeted } from '@faceanim/core/retargeting';
import { FaceanimError } from '@faceanim/tensor/errors';
import { anything, checkOptions, type OptionChecks, oneOf } from '@faceanim/tensor/options';
import type { WorkerProjectOptions } from '../options';
import type { WorkerModels } from './models';

type Chosen = Pick<WorkerProjectOptions, 'groups' | 'mode' | 'motion' | 'preset'>;

const checks: OptionChecks<Chosen> = {
  mode: oneOf('identity', 'mouth', 'free'),
  preset: oneOf('fast', 'thorough'),
  // The modes and retargeted() check these.
  groups: anything,
  motion: anything,
};

/** The options of a run, in which words stand for presets. Others are passed on, and checked where they are used. */
export function runOptions(
  { mode, groups, motion, preset, ...rest }: Omit<WorkerProjectOptions, 'driver' | 'look'>,
  models: WorkerModels,
  look: boolean,
): Omit<ProjectOptions, 'driver' | 'look'> {
  checkOptions('project', { mode, groups, motion, preset }, checks);
  const { look: _look, ...chosen } = modeOptions({ mode, groups, motion }, models, look);
  return { ...models.defaults, ...chosen, ...(preset === 'thorough' && thorough()), ...rest };
}

function modeOptions(
  { mode, groups, motion }: Chosen,
  models: WorkerModels,
  look: boolean,
): Partial<ProjectOptions> {
  const { landmarkModel, perceptual } = models;
  if (mode === 'mouth') {
    needed('perceptual', perceptual);
    needed('landmarkModel', landmarkModel);
    return mouthMode({ ...models, perceptual, landmarkModel }, { groups, ...motion });
  }
  if (mode === 'free' || (!look && groups)) return freeMode(models, { groups });
  if (motion) needed('landmarkModel', landmarkModel);
  const target = motion && { target: retargeted({ model: landmarkModel!, ...motion }) };
  // Without weights the default losses stay those of the worker.
  if (!groups && mode === undefined) return { ...target };
  needed('perceptual', perceptual);
  return { ...identityMode({ ...models, perceptual }, { groups }), ...target };
}

function needed(
  name: string,
  network: PerceptualNet | LandmarkModel | undefined,
): asserts network is NonNullable<typeof network> {
  if (network) return;
  throw new FaceanimError('invalid-option', `The mode needs ${name}, which the worker does not have.`, {
    hint: `Pass models: { ${name} } to createWorkerProjector, or the avatar pack.`,
  });
}
