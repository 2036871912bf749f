import { FaceanimError } from '@faceanim/tensor';
import type { LossTerm } from './loss-term';

/**
 * The `check` of a loss term that compares with the look: refuses runs without one.
 *
 * @param name name of the term, for the message.
 */
export function needsLook(name: string): NonNullable<LossTerm['check']> {
  return ({ look }) => {
    if (look) return;
    throw new FaceanimError('invalid-option', `The loss term ${name} needs a look, which is not given.`, {
      hint: `Pass look to projectSequence, or leave ${name} out of losses.`,
    });
  };
}
