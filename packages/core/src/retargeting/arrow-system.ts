import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { BandedMatrix } from './banded-matrix';
import type { Pieces } from './pieces';

/**
 * The normal equations of a fit, `H δ = g`, whose matrix has arrow shape: frame parameters form a band, since a frame is
 * coupled only to its neighbours, and shared ones (identity) a dense border, `H = [[band, cross], [crossᵀ, corner]]`.
 */
export class ArrowSystem {
  readonly band: BandedMatrix;
  /** `[frame parameters, shared parameters]`. */
  readonly cross: Float64Array;
  /** `[shared, shared]`; the lower triangle is read. */
  readonly corner: Float64Array;
  /** Gradient of the frame parameters. */
  readonly frameGradient: Float64Array;
  /** Gradient of the shared parameters. */
  readonly sharedGradient: Float64Array;

  constructor(
    readonly size: number,
    width: number,
    readonly shared: number,
  ) {
    this.band = new BandedMatrix(size, width);
    this.cross = new Float64Array(size * shared);
    this.corner = new Float64Array(shared * shared);
    this.frameGradient = new Float64Array(size);
    this.sharedGradient = new Float64Array(shared);
  }

  clear(): void {
    for (const part of [this.band.data, this.cross, this.corner, this.frameGradient, this.sharedGradient]) {
      part.fill(0);
    }
  }

  /**
   * Solves the equations with the diagonal enlarged by a share of itself (Marquardt 1963). Eliminates the band first, which
   * leaves the Schur complement for the shared parameters, `corner - crossᵀ band⁻¹ cross`, as in bundle adjustment
   * (Triggs et al. 1999).
   *
   * @returns undefined if the matrix is not positive definite.
   */
  *solve(damping: number): Pieces<{ frames: Float64Array; shared: Float64Array } | undefined> {
    const { size, shared } = this;
    const factor = this.band.damped(damping);
    if (!factor.factorize()) return undefined;
    yield;
    const frames = this.frameGradient.slice();
    factor.solveLower(frames);
    const border = this.cross.slice();
    factor.solveLower(border, shared);
    yield;
    const solution = shared > 0 ? this.#solveShared(border, frames, damping) : new Float64Array(0);
    if (!solution) return undefined;
    yield;
    for (let i = 0; i < size; i++) {
      for (let a = 0; a < shared; a++) frames[i]! -= border[i * shared + a]! * solution[a]!;
    }
    factor.solveUpper(frames);
    return { frames, shared: solution };
  }

  #solveShared(border: Float64Array, frames: Float64Array, damping: number): Float64Array | undefined {
    const { size, shared } = this;
    const schur = this.corner.slice();
    const gradient = this.sharedGradient.slice();
    for (let a = 0; a < shared; a++) schur[a * shared + a]! *= 1 + damping;
    for (let i = 0; i < size; i++) {
      const row = i * shared;
      for (let a = 0; a < shared; a++) {
        const value = border[row + a]!;
        if (value === 0) continue;
        gradient[a]! -= value * frames[i]!;
        for (let b = 0; b <= a; b++) schur[a * shared + b]! -= value * border[row + b]!;
      }
    }
    const matrix = Matrix.zeros(shared, shared);
    for (let a = 0; a < shared; a++) {
      for (let b = 0; b <= a; b++) {
        matrix.set(a, b, schur[a * shared + b]!);
        matrix.set(b, a, schur[a * shared + b]!);
      }
    }
    const factor = new CholeskyDecomposition(matrix);
    if (!factor.isPositiveDefinite()) return undefined;
    return Float64Array.from(factor.solve(Matrix.columnVector(gradient)).getColumn(0));
  }
}
