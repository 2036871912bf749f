import {
  demodulation,
  FirFilter,
  FrozenConv,
  type HostTensor,
  type TensorBag,
  type Weights,
} from '@faceanim/tensor';
import type * as tf from '@tensorflow/tfjs-core';
import { weightOf } from '../../networks/check-weights';
import { equalizedDense } from '../../stylegan/equalized-dense';

/**
 * StyleGAN2's modulated convolution (arXiv 1912.04958) without demodulation: x `[N, H, W, in]` and w `[N, wDim]` to
 * `[N, H, W, out]`. The style scales the activations instead of the weights, so no gradient of a filter is ever needed.
 */
export function modulatedConv(
  bag: TensorBag,
  weights: Weights,
  name: string,
  bias: Float32Array,
): (x: tf.Tensor4D, w: tf.Tensor2D) => tf.Tensor4D {
  const weight = weightOf(weights, `${name}.weight`);
  const [, inputs, kernel] = weight.shape as [number, number, number];
  // Demodulation would cancel the factor of the equalised learning rate, 1 / sqrt(fan-in); here it remains.
  const gain = 1 / Math.sqrt(inputs * kernel * kernel);
  const style = equalizedDense(bag, weights, `${name}.affine`, { gain });
  const convolve = plainConvolution(bag, weight, bias);
  return (x, w) => convolve(x, style(w));
}

/** Options of {@link demodulatedConv}. */
export interface DemodulatedConvOptions {
  /** Doubles the size of the image with this one-dimensional filter. */
  up?: ArrayLike<number>;
  /** Multiplies the result. Default 1. */
  gain?: number;
}

/**
 * {@link modulatedConv} with demodulation: `scale` `[N, out]`, rsqrt(style² · Σ weight²), brings each output channel to unit
 * expected variance and is left to the activation that follows. `features` are `[N, H, W, out]`, or twice that size.
 */
export function demodulatedConv(
  bag: TensorBag,
  weights: Weights,
  name: string,
  { up, gain = 1 }: DemodulatedConvOptions,
): (x: tf.Tensor4D, w: tf.Tensor2D) => { features: tf.Tensor4D; scale: tf.Tensor2D } {
  const weight = weightOf(weights, `${name}.weight`);
  const [outputs, inputs] = weight.shape as [number, number];
  const style = equalizedDense(bag, weights, `${name}.affine`);
  const convolve = up ? upConvolution(bag, weight, up) : plainConvolution(bag, weight);
  const energy = bag.constant<tf.Rank.R2>(filterEnergy(weight), [inputs, outputs]);
  return (x, w) => {
    const s = style(w);
    // First, so that its backward pass runs last: it adds up all upstream gradients of the style.
    const scale = demodulation(s, energy, gain);
    return { features: convolve(x, s), scale };
  };
}

/** Convolves x `[N, H, W, in]` times style `[N, in]`. */
type StyledConvolution = (x: tf.Tensor4D, style: tf.Tensor2D) => tf.Tensor4D;

function plainConvolution(bag: TensorBag, weight: HostTensor, bias?: Float32Array): StyledConvolution {
  const conv = bag.use(new FrozenConv(weight, { padding: (weight.shape[2]! - 1) / 2, bias }));
  return (x, style) => conv.applyModulated(x, style);
}

/** A transposed convolution of stride 2, then the filter. */
function upConvolution(bag: TensorBag, weight: HostTensor, taps: ArrayLike<number>): StyledConvolution {
  const conv = bag.use(new FrozenConv(swapChannels(weight), { stride: 2 }));
  const filter = bag.use(new FirFilter(taps, weight.shape[0]!, 4));
  // A transposed 3x3 convolution makes 2H + 1 rows. One more, all zeros, replaces a row of upfirdn2d's padding: even
  // sizes need no copy.
  const before = ((taps.length + 1) >> 1) - 1;
  const after = ((taps.length - 2) >> 1) - 1;
  return (x, style) => {
    const [, height, width] = x.shape;
    const enlarged = conv.applyTransposedModulated(x, style, 2 * height + 2, 2 * width + 2);
    return filter.apply(enlarged, before, after);
  };
}

/** OIHW to IOHW: a transposed convolution is the gradient of one that maps outputs to inputs. */
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

/** Sums weight² over the cells of each filter, to `[in, out]`. */
export function filterEnergy({ shape, data }: HostTensor): Float32Array {
  const [outputs, inputs, height, width] = shape as [number, number, number, number];
  const cells = height * width;
  const energy = new Float32Array(inputs * outputs);
  for (let filter = 0, at = 0; filter < outputs * inputs; filter++) {
    let sum = 0;
    for (let cell = 0; cell < cells; cell++) sum += data[at++]! ** 2;
    energy[(filter % inputs) * outputs + Math.floor(filter / inputs)] = sum;
  }
  return energy;
}
