import type { TargetedFrame } from '@faceanim/core';
import { anything, checkOptions, type OptionChecks, oneOf } from '@faceanim/tensor/options';
import type { Hooks } from '../options';
import type { Calls } from '../protocol/messages';
import { checkProject } from './check-project';
import { checkedRun, type Opened } from './checked-run';

type TargetsOptions = Calls['targets']['options'];

const checks: OptionChecks<TargetsOptions> = {
  mode: oneOf('identity', 'mouth'),
  // Checked as those of a run.
  ...{
    look: anything,
    driver: anything,
    read: anything,
    tracking: anything,
    motion: anything,
    every: anything,
  },
};

/** The frames that a run would follow, and their targets. */
export async function* targets(
  options: TargetsOptions,
  hooks: Hooks,
  opened: Opened,
): AsyncGenerator<TargetedFrame> {
  checkOptions('targets', options, checks, { required: ['look', 'driver'] });
  checkProject(options);
  const inputs = checkedRun(options, opened);
  yield* opened.projector.targets(await inputs(hooks));
}
