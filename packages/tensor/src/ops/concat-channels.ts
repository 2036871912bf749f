import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';
import { fusedKernel } from './fused-kernel';

/** Images side by side on the channel axis, each `[N, H, W, C]`; differentiable. */
export function concatChannels(images: readonly tf.Tensor4D[]): tf.Tensor4D {
  const widths = images.map(({ shape }) => shape[3]);
  return customOp([...images], () => ({
    value: joinChannels(images),
    backward: (dy) => widths.map((width, i) => sliceChannels(dy, startsOf(widths)[i]!, width)),
  }));
}

/**
 * Images side by side on the channel axis, each `[N, H, W, C]`, plus, if given, an image of their whole width. Without
 * a gradient.
 *
 * tfjs joins the innermost axis pixel by pixel in JavaScript on WASM; sums of padded images take a fraction of that.
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
 * The channels start … start + width - 1 of x `[N, H, W, C]`. Without a gradient. As a 1x1 convolution that picks
 * them: tfjs splits the innermost axis pixel by pixel in JavaScript on WASM.
 */
export function sliceChannels(x: tf.Tensor4D, start: number, width: number): tf.Tensor4D {
  return fusedKernel('faceanim/SliceChannels', { x }, { start, width }, () => {
    const channels = x.shape[3];
    const filter = new Float32Array(channels * width);
    for (let i = 0; i < width; i++) filter[(start + i) * width + i] = 1;
    return tf.conv2d(x, tf.tensor4d(filter, [1, 1, channels, width]), 1, 'valid');
  });
}

/** Where each of some runs of channels begins. */
function startsOf(widths: readonly number[]): number[] {
  return widths.map((_, i) => widths.slice(0, i).reduce((a, b) => a + b, 0));
}
