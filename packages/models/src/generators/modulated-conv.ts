import { FirFilter, FrozenConv, type HostTensor, scaleChannels, type Weights } from '@faceanim/core';
import * as tf from '@tensorflow/tfjs-core';
import { weightOf } from '../check-weights';
import type { Resources } from '../resources';
import { dense } from './dense';

/** Options of {@link modulatedConv}. */
export interface ModulatedConvOptions {
  /** Whether the image grows to twice its size, with this one-dimensional filter. */
  up?: ArrayLike<number>;
  /** Whether each output channel is scaled to unit expected variance. */
  demodulate: boolean;
  /** Multiplies the result. Default 1. */
  gain?: number;
}

/**
 * Modulated convolution of StyleGAN2 (arXiv 1912.04958), not fused: activations are scaled by the style, convolved
 * with the constant weights, and scaled by rsqrt(style² · Σ weight²). So no gradient of a filter is ever needed.
 * x `[N, H, W, in]` and w `[N, wDim]` to `[N, H, W, out]`, or twice the size.
 */
export function modulatedConv(
  resources: Resources,
  weights: Weights,
  name: string,
  { up, demodulate, gain = 1 }: ModulatedConvOptions,
): (x: tf.Tensor4D, w: tf.Tensor2D) => tf.Tensor4D {
  const weight = weightOf(weights, `${name}.weight`);
  const [outputs, inputs, kernel] = weight.shape as [number, number, number, number];
  // Without demodulation the equalised learning rate remains: a factor 1 / sqrt(fan-in).
  const styleGain = demodulate ? 1 : gain / Math.sqrt(inputs * kernel * kernel);
  const affine = [
    weightOf(weights, `${name}.affine.weight`),
    weightOf(weights, `${name}.affine.bias`),
  ] as const;
  const style = dense(resources, ...affine, { gain: styleGain });
  const convolve = up ? upConvolution(resources, weight, up) : plainConvolution(resources, weight);
  if (!demodulate) return (x, w) => convolve(scaleChannels(x, style(w)));
  const energy = resources.tensor<tf.Rank.R2>(filterEnergy(weight), [outputs, inputs]);
  return (x, w) => {
    const s = style(w);
    const variance = tf.matMul(tf.square(s), energy, false, true);
    return scaleChannels(convolve(scaleChannels(x, s)), tf.mul(tf.rsqrt(tf.add(variance, 1e-8)), gain));
  };
}

function plainConvolution(resources: Resources, weight: HostTensor): (x: tf.Tensor4D) => tf.Tensor4D {
  const conv = resources.use(new FrozenConv(weight, { padding: (weight.shape[2]! - 1) / 2 }));
  return (x) => conv.apply(x);
}

/** Transposed convolution of stride 2, then the filter. */
function upConvolution(
  resources: Resources,
  weight: HostTensor,
  taps: ArrayLike<number>,
): (x: tf.Tensor4D) => tf.Tensor4D {
  const conv = resources.use(new FrozenConv(swapChannels(weight), { stride: 2 }));
  const filter = resources.use(new FirFilter(taps, weight.shape[0]!, 4));
  // The transposed convolution of 3x3 gives 2H + 1 rows. It is asked for one more, which is all zeros and stands for
  // one of those that upfirdn2d pads with: even sizes come without a copy.
  const before = ((taps.length + 1) >> 1) - 1;
  const after = ((taps.length - 2) >> 1) - 1;
  return (x) => {
    const [, height, width] = x.shape;
    return filter.apply(conv.applyTransposed(x, 2 * height + 2, 2 * width + 2), before, after);
  };
}

/** OIHW to IOHW: seen from its gradient, a transposed convolution maps outputs to inputs. */
function swapChannels({ shape, data }: HostTensor): HostTensor {
  const [outputs, inputs, height, width] = shape as [number, number, number, number];
  const cells = height * width;
  const swapped = new Float32Array(data.length);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      const from = (o * inputs + i) * cells;
      swapped.set(data.subarray(from, from + cells), (i * outputs + o) * cells);
    }
  }
  return { shape: [inputs, outputs, height, width], data: swapped };
}

/** Σ weight² over the cells of each filter, `[out, in]`. */
export function filterEnergy({ shape, data }: HostTensor): Float32Array {
  const [outputs, inputs, height, width] = shape as [number, number, number, number];
  const cells = height * width;
  const energy = new Float32Array(outputs * inputs);
  for (let i = 0; i < energy.length; i++) {
    let sum = 0;
    for (let cell = 0; cell < cells; cell++) sum += data[i * cells + cell]! ** 2;
    energy[i] = sum;
  }
  return energy;
}
