import * as tf from '@tensorflow/tfjs-core';
import { valueAndGradients } from '../../autodiff/value-and-gradients';
import { randomState } from '../../rng';
import { checkGradient, type GradientCheck } from '../check-gradient';

/** Takes ownership of a layer until the operation has been evaluated, and returns it. */
export type Own = <T extends Disposable>(layer: T) => T;

/** An operation on random inputs, to be compared between backends. */
export interface Operation {
  readonly name: string;
  /** Shapes of the inputs, which are standard normal. */
  readonly shapes: readonly (readonly number[])[];
  /** Computes the operation. Layers that it creates must be passed to `own`, since the gradient still needs them. */
  readonly run: (inputs: tf.Tensor[], own: Own) => tf.Tensor;
  /** How many of the last inputs are constants without a gradient. Default 0. */
  readonly constants?: number;
  /** What is compared of the values that are read. Default: the values. */
  readonly valuesOf?: (values: Float32Array | Int32Array) => Float32Array;
  /** Allowed relative difference. Default: that of the contract. */
  readonly tolerance?: number;
  /** Whether to skip the gradient: there is none, or the SDK does not use it. */
  readonly forwardOnly?: boolean;
  /**
   * Whether to check the gradient against finite differences too, since the reference backend may be wrong. Only for one
   * input and no layers.
   */
  readonly differences?: boolean;
}

/** The shape of most test images. */
export const image = [1, 12, 12, 6] as const;

/**
 * Evaluates an operation on the active backend: its values, and the gradients in each input of a random projection of
 * the values plus the sum of the input.
 */
export async function evaluateOperation(operation: Operation): Promise<Float32Array[]> {
  const { shapes, constants = 0, run, forwardOnly, valuesOf } = operation;
  const owned: Disposable[] = [];
  const own: Own = (layer) => {
    owned.push(layer);
    return layer;
  };
  const results = tf.tidy(() => {
    const inputs = shapes.map((shape, i) => tensor(shape, 11 + i));
    const value = run(inputs, own);
    if (forwardOnly) return [value];
    const variable = inputs.slice(0, inputs.length - constants);
    const projection = tensor(value.shape, 97);
    const projected = (...x: tf.Tensor[]) => {
      const result = tf.sum(tf.mul(run([...x, ...inputs.slice(x.length)], own), projection));
      // The second use of each input tests operations that take accumulated gradients.
      return tf.addN([result, ...x.map((each) => tf.sum(each))]);
    };
    return [value, ...valueAndGradients(projected, variable).gradients];
  });
  try {
    const all = (await Promise.all(results.map((result) => result.data()))) as Float32Array[];
    return valuesOf ? all.map(valuesOf) : all;
  } finally {
    tf.dispose(results);
    for (const layer of owned) layer[Symbol.dispose]();
  }
}

/** Compares the gradient of a random projection of an operation with finite differences. */
export async function checkDifferences({ shapes: [shape], run }: Operation): Promise<GradientCheck> {
  const own: Own = (layer) => layer;
  const evaluate = async (at: Float32Array) => {
    const results = tf.tidy(() => {
      const projected = (x: tf.Tensor) => {
        const value = run([x], own);
        return tf.sum(tf.mul(value, tensor(value.shape, 97)));
      };
      const { value, gradients } = valueAndGradients(projected, [tf.tensor(at, [...shape!])]);
      return [value, gradients[0]!];
    });
    const [value, gradient] = await Promise.all(results.map((result) => result.data<'float32'>()));
    tf.dispose(results);
    return { value: value![0]!, gradient: gradient! };
  };
  return await checkGradient(evaluate, normal(tf.util.sizeFromShape([...shape!]), 11), { directions: 3 });
}

/** An operation on one image `[1, 12, 12, 6]`. */
export function unary(name: string, run: (x: tf.Tensor, own: Own) => tf.Tensor): Operation {
  return { name, shapes: [image], run: ([x], own) => run(x!, own) };
}

/** A tensor of seeded standard normal numbers. */
export function tensor(shape: readonly number[], seed: number): tf.Tensor {
  return tf.tensor(normal(tf.util.sizeFromShape([...shape]), seed), [...shape]);
}

/** Seeded standard normal numbers. */
export function normal(size: number, seed: number): Float32Array {
  return Float32Array.from(randomState(seed).randn(size));
}
