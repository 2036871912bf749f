import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';
import { fusedKernel } from './fused-kernel';

/** Concatenates images `[N, H, W, C]` along the channel axis. Differentiable. */
export function concatChannels(images: readonly tf.Tensor4D[]): tf.Tensor4D {
  const widths = images.map(({ shape }) => shape[3]);
  return customOp([...images], () => ({
    value: joinChannels(images),
    backward: (dy) => widths.map((width, i) => sliceChannels(dy, startsOf(widths)[i]!, width)),
  }));
}

/**
 * Concatenates images `[N, H, W, C]` along the channel axis, and adds an optional addend of the resulting shape. Not
 * differentiable.
 *
 * tf.concat joins the innermost axis pixel by pixel in JavaScript on WASM. Adding up padded images takes a fraction of
 * the time.
 */
export function joinChannels(images: readonly tf.Tensor4D[], addend?: tf.Tensor4D): tf.Tensor4D {
  const widths = images.map(({ shape }) => shape[3]);
  const inputs = Object.fromEntries(images.map((image, i) => [`x${i}`, image]));
  return fusedKernel('faceanim/JoinChannels', addend ? { ...inputs, addend } : inputs, {}, () => {
    const total = widths.reduce((a, b) => a + b, 0);
    const padded = images.map((image, i) =>
      tf.pad(image, [
        [0, 0],
        [0, 0],
        [0, 0],
        [startsOf(widths)[i]!, total - startsOf(widths)[i]! - widths[i]!],
      ]),
    );
    return [...padded, ...(addend ? [addend] : [])].reduce((a, b) => tf.add(a, b));
  });
}

/**
 * The channels start … start + width - 1 of x `[N, H, W, C]`. Not differentiable.
 *
 * A 1x1 convolution selects them, since tf.slice splits the innermost axis pixel by pixel in JavaScript on WASM.
 */
export function sliceChannels(x: tf.Tensor4D, start: number, width: number): tf.Tensor4D {
  return fusedKernel('faceanim/SliceChannels', { x }, { start, width }, () => {
    const channels = x.shape[3];
    const filter = new Float32Array(channels * width);
    for (let i = 0; i < width; i++) filter[(start + i) * width + i] = 1;
    return tf.conv2d(x, tf.tensor4d(filter, [1, 1, channels, width]), 1, 'valid');
  });
}

/** First channel of each image in their concatenation. */
function startsOf(widths: readonly number[]): number[] {
  return widths.map((_, i) => widths.slice(0, i).reduce((a, b) => a + b, 0));
}
