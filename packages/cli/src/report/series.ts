/** Mean of a series. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The value that a share of a series stays below, 0 to 1, interpolated: 0.5 is the median. NaN if the series is empty. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return below + (place % 1) * (above - below);
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
