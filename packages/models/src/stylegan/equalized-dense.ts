import { dense, type TensorBag, type Weights } from '@faceanim/tensor';
import type * as tf from '@tensorflow/tfjs-core';
import { weightOf } from '../networks/check-weights';

/** Options of {@link equalizedDense}. */
export interface EqualizedDenseOptions {
  /** Learning rate multiplier of the layer, which also scales its stored weights and biases. Default 1. */
  lrMultiplier?: number;
  /** Multiplies the result. Default 1. */
  gain?: number;
}

/**
 * StyleGAN's fully connected layer with equalised learning rate, `[N, inputs]` to `[N, outputs]`: the stored weights
 * `[outputs, inputs]` are larger than the effective ones by sqrt(inputs) / lrMultiplier.
 *
 * @param name of the layer: its tensors are `NAME.weight` and `NAME.bias`
 */
export function equalizedDense(
  bag: TensorBag,
  weights: Weights,
  name: string,
  { lrMultiplier = 1, gain = 1 }: EqualizedDenseOptions = {},
): (x: tf.Tensor2D) => tf.Tensor2D {
  const weight = weightOf(weights, `${name}.weight`);
  const bias = weightOf(weights, `${name}.bias`);
  const [outputs, inputs] = weight.shape as [number, number];
  const scale = (gain * lrMultiplier) / Math.sqrt(inputs);
  // Transposed once, here: on WASM, a product that transposes takes twelve times as long.
  const transposed = new Float32Array(weight.data.length);
  weight.data.forEach((v, i) => {
    transposed[(i % inputs) * outputs + Math.floor(i / inputs)] = v * scale;
  });
  const matrix = bag.constant<tf.Rank.R2>(transposed, [inputs, outputs]);
  const shift = bag.constant<tf.Rank.R1>(
    bias.data.map((v) => v * gain * lrMultiplier),
    [outputs],
  );
  return (x) => dense(x, matrix, shift);
}
