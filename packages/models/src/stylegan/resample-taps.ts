import type { Weights } from '@faceanim/tensor';

/**
 * The one-dimensional resampling filter of a network: the one it stores, else [1, 3, 3, 1] / 8. Stored filters are outer
 * products of a filter with itself, of sum 1, so the sums of the rows are the filter.
 *
 * @param name the stored filter, `[size, size]`
 */
export function resampleTaps(weights: Weights, name: string): number[] {
  const stored = weights.get(name);
  if (!stored) return [1 / 8, 3 / 8, 3 / 8, 1 / 8];
  const size = stored.shape[0]!;
  return Array.from({ length: size }, (_, row) =>
    stored.data.subarray(row * size, (row + 1) * size).reduce((a, b) => a + b, 0),
  );
}
