/**
 * When the optimisation of a frame stops before its last step.
 *
 * @category Optimizers and presets
 */
export interface EarlyStopping {
  /** Number of steps without progress after which it stops. */
  patience: number;
  /** Relative decrease of the total loss that counts as progress. */
  tolerance: number;
  /** Share of the steps before which it never stops, since weights may still be rising. Default 0.5. */
  after?: number;
}

/** The losses of a step. */
interface StepLosses {
  readonly step: number;
  readonly steps: number;
  /** The loss terms before weighting. */
  readonly terms: readonly number[];
  /** Their weighted sum. */
  readonly total: number;
  readonly weights: ArrayLike<number>;
}

/** Returns a function that takes the losses of each step at which they were read, and returns whether to stop. */
export function earlyStopping({
  patience,
  tolerance,
  after = 0.5,
}: EarlyStopping): (at: StepLosses) => boolean {
  /** The last step with progress, and the terms at that step. */
  let best: { step: number; terms: readonly number[] } | undefined;
  return ({ step, steps, terms, total, weights }) => {
    if (step < steps * after) return false;
    // Compared under the current weights: a rising weight raises the total without a loss of progress.
    const before = best?.terms.map((value, k) => value || terms[k]!);
    const progress = !before || total < weightedSum(weights, before) * (1 - tolerance);
    best = progress ? { step, terms } : { step: best!.step, terms: before };
    return step - best.step >= patience;
  };
}

/** The weighted sum of values. */
export function weightedSum(weights: ArrayLike<number>, values: readonly number[]): number {
  return values.reduce((sum, value, i) => sum + weights[i]! * value, 0);
}
