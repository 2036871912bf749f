import { FaceanimError } from '@faceanim/tensor/errors';
import { accepting, checkOptions, either, trueOrFalse } from '@faceanim/tensor/options';
import type { WorkerProjectOptions } from '../options';
import type { Calls } from '../protocol/messages';

const checks = {
  images: trueOrFalse,
  // The projector checks what it holds.
  refine: either(
    'true, false or an object',
    trueOrFalse,
    accepting('an object', (value) => typeof value === 'object' && value !== null),
  ),
};

/**
 * Checks the options of a run that only the worker reads, and refuses those that others make useless.
 *
 * @throws FaceanimError `invalid-option`
 */
export function checkProject(options: Calls['project']['options']): void {
  const { images, refine } = options;
  checkOptions('project', { images, refine }, checks);
  const { mode, saveAs, driver } = options;
  const useless: readonly [option: keyof WorkerProjectOptions, beside: string, applies: boolean][] = [
    ['look', 'mode: free', mode === 'free'],
    ['motion', 'mode: free', mode === 'free'],
    ['resume', 'saveAs, which goes on after its own frames', saveAs !== undefined],
    ['read', 'frames at hand', Array.isArray(driver)],
  ];
  for (const [option, beside, applies] of useless) {
    if (!applies || options[option as keyof typeof options] === undefined) continue;
    throw new FaceanimError('invalid-option', `${option} does not apply to ${beside}.`, {
      hint: 'Leave one of them out.',
    });
  }
}
