import { FaceanimError, invalidOption } from '@faceanim/tensor';
import type { LossTerm, RunContext } from '../losses/loss-term';

/**
 * Rejects loss terms that a run cannot use.
 *
 * @throws {FaceanimError} `invalid-option`.
 */
export function checkLosses(losses: readonly LossTerm[], run: RunContext): void {
  if (losses.length === 0) throw invalidOption('losses', losses, 'a list of at least one loss term');
  const names = new Set<string>();
  for (const term of losses) {
    const { name, weight } = term;
    if (names.has(name)) throw invalidOption('losses', name, 'a list of terms with different names');
    names.add(name);
    if (name === '' || name === 'total') {
      const expected = "a text other than 'total', which is the weighted sum";
      throw invalidOption('name of a loss term', name, expected);
    }
    if (term.prepare && !term.prepareForRun && term.relative) throw relativeToFrames(name);
    if (typeof weight === 'number' && !(Number.isFinite(weight) && weight >= 0)) {
      throw invalidOption(`weight of the loss term ${name}`, weight, 'a finite number, 0 or more');
    }
    term.check?.(run);
  }
}

function relativeToFrames(name: string): FaceanimError {
  return new FaceanimError(
    'invalid-option',
    `The loss term ${name} cannot be relative: it is prepared for each frame.`,
    { hint: 'Leave out relative, or use prepareForRun.' },
  );
}
