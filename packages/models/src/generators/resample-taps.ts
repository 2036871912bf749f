import type { Weights } from '@faceanim/tensor';

/**
 * The one-dimensional re-sampling filter of a network, [1, 3, 3, 1] / 8 unless the network stores another one. It is
 * stored as the outer product with itself, of sum 1: the sums of its rows are the filter.
 *
 * @param name of the stored filter `[size, size]`
 */
export function resampleTaps(weights: Weights, name: string): number[] {
  const stored = weights.get(name);
  if (!stored) return [1 / 8, 3 / 8, 3 / 8, 1 / 8];
  const size = stored.shape[0]!;
  return Array.from({ length: size }, (_, row) =>
    stored.data.subarray(row * size, (row + 1) * size).reduce((a, b) => a + b, 0),
  );
}
