import { FaceanimError } from '@faceanim/tensor';
import type { LossTerm } from './loss-term';

/**
 * The `check` of a loss term that needs a look: throws for runs without one.
 *
 * @param name name of the term, for the message.
 * @throws FaceanimError `invalid-option`
 */
export function needsLook(name: string): NonNullable<LossTerm['check']> {
  return ({ look }) => {
    if (look) return;
    throw new FaceanimError('invalid-option', `The loss term ${name} needs a look, but none is given.`, {
      hint: `Pass look to projectSequence, or leave ${name} out of losses.`,
    });
  };
}
