import { type Arithmetic, pointwise, type RowView, rowOf, uprightRowOf } from '@faceanim/tensor';
import type * as tf from '@tensorflow/tfjs-core';

/** What {@link curvature} looks at: dot products of a step s and the change y of the gradient along it. */
export interface CurvatureInputs<T> {
  readonly stepStep: T;
  readonly stepChange: T;
  readonly changeChange: T;
  /** yHy. */
  readonly changeTimesChange: T;
  /** Whether s and y mean anything. */
  readonly comparable: T;
}

/** The factors `along` and `rho` of {@link bfgs}; 0 if the step met no positive curvature. */
export function curvature<T>(
  math: Arithmetic<T>,
  { stepStep, stepChange, changeChange, changeTimesChange, comparable }: CurvatureInputs<T>,
): [along: T, rho: T] {
  const lengths = math.mul(math.sqrt(stepStep), math.sqrt(changeChange));
  // Below 1e-10 the sign is a rounding error, and 1 / sy² overflows.
  const least = math.maximum(math.mul(lengths, math.constant(1e-3)), math.constant(1e-10));
  const convex = math.and(comparable, math.less(least, stepChange));
  const [zero, half, one] = [0, 0.5, 1].map((value) => math.constant(value)) as [T, T, T];
  const rho = math.where(convex, math.div(one, math.where(convex, stepChange, one)), zero);
  const along = math.mul(math.add(math.mul(math.mul(rho, rho), changeTimesChange), rho), half);
  return [math.where(convex, along, zero), rho];
}

/** Inputs of {@link bfgs}. */
export interface BfgsInputs {
  /** Its first rows are the steps s, `[batch, k, n]`. */
  readonly steps: tf.Tensor3D;
  /** Its second rows are the products Hy with the changes of the gradients along the steps, `[batch, k, n]`. */
  readonly products: tf.Tensor3D;
  /** From {@link curvature}. */
  readonly along: RowView;
  readonly rho: RowView;
}

/**
 * The BFGS update of inverse Hessians `[batch, n, n]` (Nocedal and Wright, Numerical Optimization, chapter 6):
 * `H + s aᵀ + a sᵀ`, `a = along · s - rho · Hy`, `along = (yHy/sy² + 1/sy) / 2`, `rho = 1/sy`. Matrices whose step met no
 * positive curvature stay as they are.
 */
export function bfgs(inverse: tf.Tensor3D, { steps, products, along, rho }: BfgsInputs): tf.Tensor3D {
  return pointwise(
    'bfgs',
    {
      ...{ inverse, along, rho },
      ...{ rowStep: uprightRowOf(steps, 0), rowProduct: uprightRowOf(products, 1) },
      ...{ columnStep: rowOf(steps, 0), columnProduct: rowOf(products, 1) },
    },
    (math, x) => {
      const a = (step: typeof x.along, product: typeof x.along) =>
        math.sub(math.mul(step, x.along), math.mul(product, x.rho));
      const added = math.add(
        math.mul(x.rowStep, a(x.columnStep, x.columnProduct)),
        math.mul(x.columnStep, a(x.rowStep, x.rowProduct)),
      );
      const learnt = math.less(math.constant(0), x.rho);
      return [math.where(learnt, math.add(x.inverse, added), x.inverse)];
    },
  );
}
