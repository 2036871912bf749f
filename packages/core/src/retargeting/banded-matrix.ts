/**
 * A symmetric banded matrix, which is zero farther than `width` from its diagonal. Row i stores the columns `i - width … i`;
 * those before 0 are unused.
 */
export class BandedMatrix {
  readonly data: Float64Array;

  constructor(
    readonly size: number,
    readonly width: number,
    data?: Float64Array,
  ) {
    this.data = data ?? new Float64Array(size * (width + 1));
  }

  /** Index of the element (i, j) in `data`, `i - width ≤ j ≤ i`. */
  at(i: number, j: number): number {
    return i * (this.width + 1) + this.width - i + j;
  }

  /** A copy with the diagonal enlarged by a share of itself. */
  damped(share: number): BandedMatrix {
    const copy = new BandedMatrix(this.size, this.width, this.data.slice());
    for (let i = 0; i < this.size; i++) copy.data[copy.at(i, i)]! *= 1 + share;
    return copy;
  }

  /**
   * Overwrites the matrix with its Cholesky factor L, which has the same width (Golub and Van Loan, Matrix Computations,
   * 4.3.5), in `size · width²` steps.
   *
   * @returns whether the matrix is positive definite.
   */
  factorize(): boolean {
    const { data, size, width } = this;
    for (let i = 0; i < size; i++) {
      const row = this.at(i, 0);
      const first = Math.max(0, i - width);
      for (let j = first; j <= i; j++) {
        const other = this.at(j, 0);
        let sum = data[row + j]!;
        for (let k = first; k < j; k++) sum -= data[row + k]! * data[other + k]!;
        if (j < i) data[row + j] = sum / data[other + j]!;
        else if (sum > 0) data[row + i] = Math.sqrt(sum);
        else return false;
      }
    }
    return true;
  }

  /** Overwrites B, `[size, columns]` row by row, with `L⁻¹ B`; after {@link factorize}. */
  solveLower(b: Float64Array, columns = 1): void {
    const { data, size, width } = this;
    for (let i = 0; i < size; i++) {
      const row = this.at(i, 0);
      const target = i * columns;
      for (let k = Math.max(0, i - width); k < i; k++) {
        const factor = data[row + k]!;
        if (factor === 0) continue;
        const source = k * columns;
        for (let c = 0; c < columns; c++) b[target + c]! -= factor * b[source + c]!;
      }
      const diagonal = data[row + i]!;
      for (let c = 0; c < columns; c++) b[target + c]! /= diagonal;
    }
  }

  /** Overwrites b with `L⁻ᵀ b`; after {@link factorize}. */
  solveUpper(b: Float64Array): void {
    const { data, size, width } = this;
    for (let i = size - 1; i >= 0; i--) {
      const row = this.at(i, 0);
      const value = (b[i]! /= data[row + i]!);
      for (let k = Math.max(0, i - width); k < i; k++) b[k]! -= data[row + k]! * value;
    }
  }
}
