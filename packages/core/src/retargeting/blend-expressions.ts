import { invalidOption } from '@faceanim/tensor';
import { finiteNumber } from '@faceanim/tensor/options';
import type { ClipFit } from './fit-clip';

/**
 * Blends the expressions of a clip with those of another clip, frame by frame; pose and identity stay unchanged. Both must be
 * fitted with the same model, but may show different people.
 *
 * @param share 0 keeps the clip's expressions, 1 uses those of the other; values beyond exaggerate. For transitions, pass a
 *   function of the frame index.
 * @returns a clip as long as the first; if `other` is shorter, its last expression is held.
 * @throws FaceanimError `invalid-option` if the other clip has no frames or another model, or a share is not finite.
 */
export function blendExpressions(
  clip: ClipFit,
  other: ClipFit,
  share: number | ((frame: number) => number),
): ClipFit {
  if (other.frames.length === 0) throw invalidOption('other', 0, 'a clip with frames');
  const frames = clip.frames.map((frame, t) => {
    const value = typeof share === 'function' ? share(t) : share;
    finiteNumber(value, 'share');
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
