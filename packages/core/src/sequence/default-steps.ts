import type { Optimizer } from '../optimizers/optimizer';

/** The most steps of the look, of the first frame and of each later frame. */
export interface SequenceSteps {
  readonly look: number;
  readonly first: number;
  readonly next: number;
}

/**
 * The steps that {@link projectSequence} takes by default. The look, if it is projected, takes those that the optimizer needs
 * for a face it does not know; frame 0 then starts close to its result, and takes twice those of a later frame.
 *
 * @param projected whether the look is projected before frame 0.
 *
 * @category Optimizers and presets
 */
export function defaultSteps({ steps: { first, next } }: Optimizer, projected: boolean): SequenceSteps {
  return projected ? { look: first, first: 2 * next, next } : { look: 0, first, next };
}
