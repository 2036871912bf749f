import { Matrix, solve } from 'ml-matrix';
import type { Point } from './idea';
import type { Model } from './trust-region';
import { axpy, dot, norm, times } from './vectors';

/** The initial inverse Hessian is this times the identity, as in core's `quasiNewton`. */
const identityScale = 5;

/** Whether a step met positive curvature, which a convex model can learn from. */
const convex = (s: Point, y: Point) => dot(s, y) > Math.max(1e-3 * norm(s) * norm(y), 1e-10);

/** Steepest descent. */
export const steepest = (): Model => ({
  learn: () => {},
  direction: (gradient) => times(-identityScale, gradient),
});

/** BFGS with the inverse Hessian as a matrix, row by row. */
export interface Bfgs extends Model {
  readonly rows: readonly Point[];
}

/** BFGS (Nocedal and Wright, Numerical Optimization, chapter 6) from the identity, or from known rows, which are copied. */
export function bfgs(start: number | readonly Point[], scale = identityScale): Bfgs {
  const rows =
    typeof start === 'number'
      ? Array.from({ length: start }, (_, i) =>
          Float32Array.from({ length: start }, (_, k) => (i === k ? scale : 0)),
        )
      : start.map((row) => row.slice());
  const product = (x: Point) => Float32Array.from(rows, (row) => dot(row, x));
  return {
    rows,
    learn: (s, y) => {
      if (!convex(s, y)) return;
      const rho = 1 / dot(s, y);
      const hy = product(y);
      const a = axpy((rho ** 2 * dot(y, hy) + rho) / 2, s, times(-rho, hy));
      rows.forEach((row, i) => {
        for (let k = 0; k < row.length; k++) row[k]! += s[i]! * a[k]! + a[i]! * s[k]!;
      });
    },
    direction: (gradient) => times(-1, product(gradient)),
  };
}

/**
 * L-BFGS by the two-loop recursion (Nocedal and Wright, chapter 7) from the last pairs of steps and changes.
 *
 * @param scaled whether it starts from `sy / yy` of the last pair times the identity, as is usual, instead of from
 *   that of {@link bfgs}
 */
export function lbfgs({ memory = 10, scaled = false } = {}): Model {
  const pairs: { s: Point; y: Point; rho: number }[] = [];
  return {
    learn: (s, y) => {
      if (!convex(s, y)) return;
      pairs.push({ s, y, rho: 1 / dot(s, y) });
      if (pairs.length > memory) pairs.shift();
    },
    direction: (gradient) => {
      let q = gradient;
      const shares = pairs.toReversed().map(({ s, y, rho }) => {
        const share = rho * dot(s, q);
        q = axpy(-share, y, q);
        return share;
      });
      const last = pairs.at(-1);
      let r = times(scaled && last ? 1 / (last.rho * dot(last.y, last.y)) : identityScale, q);
      pairs.forEach(({ s, y, rho }, i) => {
        r = axpy(shares.at(-1 - i)! - rho * dot(y, r), s, r);
      });
      return times(-1, r);
    },
  };
}

/**
 * Anderson mixing (Walker and Ni 2011, SIAM J. Numer. Anal. 49) of gradient steps `r = -5g`: the combination of the last
 * steps that leaves the smallest residual. Falls back to `r` where that would lead uphill.
 */
export function anderson(memory = 5): Model {
  const pairs: { s: Point; dr: Point }[] = [];
  return {
    learn: (s, y) => {
      pairs.push({ s, dr: times(-identityScale, y) });
      if (pairs.length > memory) pairs.shift();
    },
    direction: (gradient) => {
      const r = times(-identityScale, gradient);
      if (pairs.length === 0) return r;
      const gram = new Matrix(pairs.map((p) => pairs.map((q) => dot(p.dr, q.dr))));
      const ridge = Matrix.eye(pairs.length).mul(1e-8 * gram.trace() + 1e-20);
      const shares = solve(
        gram.add(ridge),
        Matrix.columnVector(pairs.map(({ dr }) => dot(dr, r))),
      ).to1DArray();
      const mixed = pairs.reduce((sum, { s, dr }, i) => axpy(-shares[i]!, axpy(1, s, dr), sum), r);
      return dot(mixed, gradient) < 0 ? mixed : r;
    },
  };
}
