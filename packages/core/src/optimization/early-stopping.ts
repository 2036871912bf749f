/** When to stop before the last step. */
export interface EarlyStopping {
  /** Steps without progress after which it stops. */
  patience: number;
  /** Relative decrease of the total, summed over the frames of a batch, that counts as progress. */
  tolerance: number;
  /** Share of the steps before which it never stops: weights may still be rising. Default 0.5. */
  after?: number;
}

/** What early stopping is told of a step. */
interface Told {
  readonly step: number;
  readonly steps: number;
  /** The loss terms before weighting. */
  readonly terms: readonly number[];
  /** Their weighted sum. */
  readonly total: number;
  readonly weights: ArrayLike<number>;
}

/** A function that is told the losses of every step that was read, and says whether to stop. */
export function earlyStopping({ patience, tolerance, after = 0.5 }: EarlyStopping): (at: Told) => boolean {
  /** The last step that brought progress, and what the terms were at it. */
  let best: { step: number; terms: readonly number[] } | undefined;
  return ({ step, steps, terms, total, weights }) => {
    if (step < steps * after) return false;
    // Weighed as they are now: a weight that has risen is no step back.
    const before = best?.terms.map((value, k) => value || terms[k]!);
    const progress = !before || total < weightedSum(weights, before) * (1 - tolerance);
    best = progress ? { step, terms } : { step: best!.step, terms: before };
    return step - best.step >= patience;
  };
}

/** The sum of values, each times its weight. */
export function weightedSum(weights: ArrayLike<number>, values: readonly number[]): number {
  return values.reduce((sum, value, i) => sum + weights[i]! * value, 0);
}
