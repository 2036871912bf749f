/** Mean of a series. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard deviation of a series. */
export function deviation(values: readonly number[]): number {
  return Math.sqrt(covariance(values, values));
}

/** Pearson correlation of two series of equal length, -1 to 1; NaN if one of them is constant. */
export function pearson(a: readonly number[], b: readonly number[]): number {
  return covariance(a, b) / (deviation(a) * deviation(b));
}

/** Least-squares slope of `y` over `x`; NaN if `x` is constant. */
export function slope(x: readonly number[], y: readonly number[]): number {
  return covariance(x, y) / covariance(x, x);
}

function covariance(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  return mean(a.map((value, i) => (value - meanA) * (b[i]! - meanB)));
}
