import { invalidOption } from '@faceanim/tensor';
import { numberFrom } from '@faceanim/tensor/options';
import type { ClipFit } from './fit-clip';

/**
 * A clip with expressions between its own and those of another clip, frame by frame; pose and identity stay its own.
 * Expressions are coefficients of one model, so that they can be mixed whoever the faces are.
 *
 * @param share 0 keeps the clip's expressions, 1 takes the other's; beyond, they are exaggerated. A function is called with
 *   the index of the frame, for transitions.
 * @returns a clip as long as the first; the last expression of a shorter `other` is held.
 * @throws FaceanimError `invalid-option` if the other clip has no frames or is of another model, or a share is not finite.
 */
export function blendExpressions(
  clip: ClipFit,
  other: ClipFit,
  share: number | ((frame: number) => number),
): ClipFit {
  if (other.frames.length === 0) throw invalidOption('other', 0, 'a clip with frames');
  const frames = clip.frames.map((frame, t) => {
    const value = typeof share === 'function' ? share(t) : share;
    anyNumber(value, 'share');
    const { expression } = other.frames[Math.min(t, other.frames.length - 1)]!;
    if (expression.length !== frame.expression.length) {
      throw invalidOption(
        'other',
        expression.length,
        `${frame.expression.length} coefficients of expressions`,
      );
    }
    return { ...frame, expression: frame.expression.map((own, k) => own + value * (expression[k]! - own)) };
  });
  return { ...clip, frames };
}

const anyNumber = numberFrom(Number.NEGATIVE_INFINITY);
