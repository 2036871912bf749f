import { type HostTensor, dense as multiply } from '@faceanim/tensor';
import type * as tf from '@tensorflow/tfjs-core';
import type { Resources } from '../resources';

/** Options of {@link dense}. */
export interface DenseOptions {
  /** Factor on the learning rate of the layer, and so on its stored weights and biases. Default 1. */
  lrMultiplier?: number;
  /** Multiplies the result. Default 1. */
  gain?: number;
}

/**
 * A fully connected layer of StyleGAN2 with equalised learning rate: the weights `[outputs, inputs]` are stored
 * larger by sqrt(inputs) / lrMultiplier than they are used. `[N, inputs]` to `[N, outputs]`.
 */
export function dense(
  resources: Resources,
  weight: HostTensor,
  bias: HostTensor,
  { lrMultiplier = 1, gain = 1 }: DenseOptions = {},
): (x: tf.Tensor2D) => tf.Tensor2D {
  const [outputs, inputs] = weight.shape as [number, number];
  const scale = (gain * lrMultiplier) / Math.sqrt(inputs);
  // Transposed once: WASM multiplies by a matrix it has to transpose twelve times slower.
  const transposed = new Float32Array(weight.data.length);
  weight.data.forEach((v, i) => {
    transposed[(i % inputs) * outputs + Math.floor(i / inputs)] = v * scale;
  });
  const matrix = resources.tensor<tf.Rank.R2>(transposed, [inputs, outputs]);
  const shift = resources.tensor<tf.Rank.R1>(
    bias.data.map((v) => v * gain * lrMultiplier),
    [outputs],
  );
  return (x) => multiply(x, matrix, shift);
}
