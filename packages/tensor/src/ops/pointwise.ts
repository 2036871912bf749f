import * as tf from '@tensorflow/tfjs-core';
import { hasFusedKernel } from './fused-kernel';

/** What a {@link Formula} calculates with: tensors, or the names of values in a shader. Conditions are values too. */
export interface Arithmetic<T> {
  /** A number that is part of the formula. */
  constant(value: number): T;
  /** a + b. */
  add(a: T, b: T): T;
  /** a - b. */
  sub(a: T, b: T): T;
  /** a · b. */
  mul(a: T, b: T): T;
  /** a / b. */
  div(a: T, b: T): T;
  /** The smaller of two values. */
  minimum(a: T, b: T): T;
  /** The larger of two values. */
  maximum(a: T, b: T): T;
  /** The value without its sign. */
  abs(a: T): T;
  /** -1, 0 or 1. */
  sign(a: T): T;
  /** The square root. */
  sqrt(a: T): T;
  /** Whether a is below b. */
  less(a: T, b: T): T;
  /** Whether a is neither infinite nor NaN. */
  isFinite(a: T): T;
  /** Whether both conditions hold. */
  and(a: T, b: T): T;
  /** Whether one of two conditions holds. */
  or(a: T, b: T): T;
  /** Whether a condition does not hold. */
  not(condition: T): T;
  /** a where the condition holds, else b. The other one may be NaN. */
  where(condition: T, a: T, b: T): T;
}

/**
 * Calculates results from the inputs at one element. Conditions among the results become 0 or 1.
 *
 * It is compiled once for each name. What may differ from call to call must be an input.
 */
export type Formula<Input extends string> = <T>(math: Arithmetic<T>, x: Readonly<Record<Input, T>>) => T[];

/** A row of a tensor `[n, rows, columns]`, as `[n, 1, columns]` or, upright, as `[n, columns, 1]`. */
export interface RowView {
  readonly of: tf.Tensor3D;
  readonly row: number;
  readonly upright: boolean;
}

/** An input of {@link pointwise}: a tensor, a row of one, or a number. */
export type PointwiseInput = tf.Tensor3D | RowView | number;

/** The k-th row of x `[n, rows, columns]`, as `[n, 1, columns]`. */
export const rowOf = (x: tf.Tensor3D, k: number): RowView => ({ of: x, row: k, upright: false });

/** The k-th row of x `[n, rows, columns]` set upright, as `[n, columns, 1]`. */
export const uprightRowOf = (x: tf.Tensor3D, k: number): RowView => ({ of: x, row: k, upright: true });

/** Where a kernel finds an input: element (a, b, c) is at `offset + a · strides[0] + b · strides[1] + c · strides[2]`. */
export interface PointwiseSource {
  readonly name: string;
  /** Name of a tensor among the inputs of the kernel. */
  readonly tensor: string;
  readonly offset: number;
  readonly strides: readonly [number, number, number];
}

/** Attributes of the kernel `faceanim/Pointwise`. */
export interface PointwiseAttributes {
  readonly name: string;
  readonly shape: readonly [number, number, number];
  readonly formula: Formula<string>;
  readonly sources: readonly PointwiseSource[];
  readonly numbers: Readonly<Record<string, number>>;
}

/**
 * Evaluates a formula at every element of its inputs, which are broadcast against each other to `[n, rows, columns]`.
 * Backends may run all of it as one operation. Not differentiable.
 *
 * @param name unique to the formula
 * @returns the results one below the other, `[n, results · rows, columns]`
 */
export function pointwise<Input extends string>(
  name: string,
  inputs: Readonly<Record<Input, PointwiseInput>>,
  formula: Formula<Input>,
): tf.Tensor3D {
  const entries = Object.entries<PointwiseInput>(inputs);
  const shape = entries.reduce<Shape>(
    (shape, [, input]) => tf.backend_util.assertAndGetBroadcastShape(shape, shapeOf(input)) as Shape,
    [1, 1, 1],
  );
  if (hasFusedKernel('faceanim/Pointwise')) return fused(name, shape, entries, formula as Formula<string>);
  const values = entries.map(([input, value]) => [input, tensorOf(value)]);
  const results = formula(tensors, Object.fromEntries(values) as Record<Input, tf.Tensor>);
  const whole = results.map((result) => tf.broadcastTo(tf.cast(result, 'float32'), shape));
  return whole.length === 1 ? (whole[0] as tf.Tensor3D) : tf.concat(whole as tf.Tensor3D[], 1);
}

type Shape = [number, number, number];

function fused(
  name: string,
  shape: Shape,
  entries: readonly [string, PointwiseInput][],
  formula: Formula<string>,
): tf.Tensor3D {
  const unique: tf.Tensor3D[] = [];
  const sources: PointwiseSource[] = [];
  const numbers: Record<string, number> = {};
  for (const [input, value] of entries) {
    if (typeof value === 'number') {
      numbers[input] = value;
      continue;
    }
    const tensor = 'of' in value ? value.of : value;
    if (!unique.includes(tensor)) unique.push(tensor);
    sources.push({ name: input, tensor: `t${unique.indexOf(tensor)}`, ...placeOf(value) });
  }
  const attributes: PointwiseAttributes = { name, shape, formula, sources, numbers };
  const tensors = Object.fromEntries(unique.map((tensor, i) => [`t${i}`, tensor]));
  return tf.engine().runKernel('faceanim/Pointwise', tensors, attributes as never) as tf.Tensor3D;
}

function shapeOf(input: PointwiseInput): Shape {
  if (typeof input === 'number') return [1, 1, 1];
  if (!('of' in input)) return input.shape;
  const [n, , columns] = input.of.shape;
  return input.upright ? [n, columns, 1] : [n, 1, columns];
}

/** Strides are 0 along broadcast axes. */
function placeOf(input: tf.Tensor3D | RowView): Pick<PointwiseSource, 'offset' | 'strides'> {
  const [n, rows, columns] = 'of' in input ? input.of.shape : input.shape;
  const stride = (extent: number, apart: number) => (extent === 1 ? 0 : apart);
  const first = stride(n, rows * columns);
  const last = stride(columns, 1);
  if (!('of' in input)) return { offset: 0, strides: [first, stride(rows, columns), last] };
  return { offset: input.row * columns, strides: input.upright ? [first, last, 0] : [first, 0, last] };
}

function tensorOf(input: PointwiseInput): tf.Tensor {
  if (typeof input === 'number') return tf.scalar(input);
  if (!('of' in input)) return input;
  const [n, , columns] = input.of.shape;
  const row = tf.slice(input.of, [0, input.row, 0], [n, 1, columns]);
  return input.upright ? tf.reshape(row, [n, columns, 1]) : row;
}

const tensors: Arithmetic<tf.Tensor> = {
  constant: (value) => tf.scalar(value),
  ...{ add: tf.add, sub: tf.sub, mul: tf.mul, div: tf.div, minimum: tf.minimum, maximum: tf.maximum },
  ...{ abs: tf.abs, sign: tf.sign, sqrt: tf.sqrt, less: tf.less, isFinite: tf.isFinite },
  ...{ and: tf.logicalAnd, or: tf.logicalOr, not: tf.logicalNot, where: tf.where },
};
