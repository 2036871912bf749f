import { CholeskyDecomposition, Matrix } from 'ml-matrix';

/** A group of features that are scaled together. */
export interface FeatureBlock {
  /** Number of features. */
  readonly size: number;
  /** Penalty relative to the mean variance of the features. */
  readonly ridge: number;
}

/**
 * Ridge regression with an intercept (Hoerl and Kennard 1970): `weight` `[features, outputs]`, `bias` `[outputs]`.
 *
 * @param blocks groups of features, in order
 */
export function ridgeRegression(
  xs: readonly Float32Array[],
  ys: readonly Float32Array[],
  blocks: readonly FeatureBlock[],
): { weight: Float32Array; bias: Float32Array } {
  const [n, p, outputs] = [xs.length, xs[0]!.length, ys[0]!.length];
  const [meanX, meanY] = [meanOf(xs), meanOf(ys)];
  const x = new Matrix(xs.map((row) => Array.from(row, (value, i) => value - meanX[i]!)));
  const y = new Matrix(ys.map((row) => Array.from(row, (value, i) => value - meanY[i]!)));
  const transposed = x.transpose();
  const moments = transposed.mmul(x).div(n);
  const scales = blockScales(moments.diagonal(), blocks);
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < p; j++) moments.set(i, j, moments.get(i, j) / (scales[i]! * scales[j]!));
  }
  const ridges = blocks.flatMap(({ size, ridge }) => Array<number>(size).fill(ridge));
  for (let i = 0; i < p; i++) moments.set(i, i, moments.get(i, i) + ridges[i]!);
  const products = transposed.mmul(y).div(n);
  for (let i = 0; i < p; i++) products.mulRow(i, 1 / scales[i]!);
  const solution = new CholeskyDecomposition(moments).solve(products);
  const weight = new Float32Array(p * outputs);
  const bias = Float64Array.from(meanY);
  for (let i = 0; i < p; i++) {
    for (let k = 0; k < outputs; k++) {
      const value = solution.get(i, k) / scales[i]!;
      weight[i * outputs + k] = value;
      bias[k]! -= meanX[i]! * value;
    }
  }
  return { weight, bias: Float32Array.from(bias) };
}

function meanOf(rows: readonly Float32Array[]): Float64Array {
  const mean = new Float64Array(rows[0]!.length);
  for (const row of rows) {
    for (const [i, value] of row.entries()) mean[i]! += value / rows.length;
  }
  return mean;
}

/** For each feature, the root of the mean variance of its block. */
function blockScales(variances: readonly number[], blocks: readonly FeatureBlock[]): number[] {
  let start = 0;
  return blocks.flatMap(({ size }) => {
    const mean = variances.slice(start, start + size).reduce((sum, value) => sum + value, 0) / size;
    start += size;
    return Array<number>(size).fill(Math.sqrt(Math.max(mean, 1e-12)));
  });
}
