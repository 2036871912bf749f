import { FaceanimError } from '@faceanim/tensor';
import type { LossTerm } from '../losses/loss-term';
import type { SchedulePosition } from '../losses/schedule';
import type { TermUnits } from './term-units';

/** A step of the optimisation of a frame. */
export type StepPosition = Pick<SchedulePosition, 'step' | 'steps'>;

/** The frame whose weights are asked for. */
export interface WeightedFrame extends Pick<SchedulePosition, 'frame' | 'encoded'> {
  /** Index of the frame in the driver, for errors. */
  readonly driverIndex: number;
  /** What weights are divided by. Default: nothing. */
  readonly units?: TermUnits;
}

/**
 * The weights of terms at a step.
 *
 * @throws {FaceanimError} `invalid-option` for a schedule that returns none.
 */
export function termWeights(
  terms: readonly LossTerm[],
  { frame, encoded, driverIndex, units }: WeightedFrame,
  { step, steps }: StepPosition,
): number[] {
  return terms.map((term) => {
    const unit = units?.get(term) ?? 1;
    if (typeof term.weight === 'number') return term.weight / unit;
    const value = term.weight({ step, steps, progress: step / steps, frame, encoded });
    if (Number.isFinite(value) && value >= 0) return value / unit;
    throw badWeight(term.name, value, { frame: driverIndex, step });
  });
}

function badWeight(name: string, value: number, at: { frame: number; step: number }): FaceanimError {
  return new FaceanimError(
    'invalid-option',
    `The schedule of the loss term ${name} returned ${value} (frame ${at.frame}, step ${at.step}).`,
    { ...at, hint: 'The weight of a loss term is a finite number, 0 or more.' },
  );
}
