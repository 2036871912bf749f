import { randomState } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { HostTensors, Optimizer } from '../../src/optimizers/optimizer';

/** A plain function at the points of a batch. */
export interface Evaluated {
  readonly values: readonly number[];
  readonly gradients: readonly (readonly number[])[];
  /** Whether the points depend on each other. Default no. */
  readonly coupled?: boolean;
}

/** An optimizer that minimises a plain function. Its tensors belong to the tidy around it. */
export function openOptimizer(optimizer: Optimizer, starts: readonly (readonly number[])[], steps = 100) {
  const shape: [number, number, number] = [starts.length, 1, starts[0]!.length];
  const data = Float32Array.from(starts.flat());
  const tensors = (arrays: HostTensors) =>
    Object.fromEntries(
      Object.entries(arrays).map(([name, array]) => [name, tf.tensor(array.data, [...array.shape])]),
    );
  const random = randomState(0);
  const weights = Float32Array.of(1);
  let params: Readonly<tf.NamedTensorMap> = { coordinates: tf.tensor(data, shape) };
  let state: Readonly<tf.NamedTensorMap> = tensors(
    optimizer.init({ params: { coordinates: { shape, data } }, terms: 1 }),
  );
  let step = 0;
  const rows = (x: tf.Tensor) => tf.reshape(x, [shape[0], shape[2]]).arraySync() as number[][];
  return {
    points: () => rows(params.coordinates!),
    /** The coordinates and the state. */
    tensors: (): Readonly<tf.NamedTensorMap> => ({ ...params, ...state }),
    state: (name: string) => tf.reshape(state[name]!, [shape[0], -1]).arraySync() as number[][],
    step({ values, gradients, coupled = false }: Evaluated) {
      const at = { frame: 0, step, steps, shape, space: { name: 'whitened-w', std: 1 }, weights } as const;
      const inputs = optimizer.inputs?.({ ...at, random, weightsBefore: step > 0 ? weights : undefined });
      const losses = tf.tensor2d([[...values], [...values]]);
      const gradient = tf.tensor3d(gradients.flat(), shape);
      ({ params, state } = optimizer.step({
        ...{ params, state, losses, coupled },
        gradients: { coordinates: gradient },
        weights: tf.tensor2d([[1]]),
        inputs: tensors(inputs ?? {}),
      }));
      step++;
    },
  };
}
