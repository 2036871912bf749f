import * as tf from '@tensorflow/tfjs-core';
import { customOp } from './custom-op';

/**
 * Images side by side on the channel axis, each `[N, H, W, C]`; differentiable.
 *
 * tfjs joins and splits the innermost axis pixel by pixel in JavaScript on WASM. Sums of padded images, and 1x1
 * convolutions that pick channels for the way back, take a fraction of that.
 */
export function concatChannels(images: readonly tf.Tensor4D[]): tf.Tensor4D {
  const widths = images.map(({ shape }) => shape[3]);
  const total = widths.reduce((a, b) => a + b, 0);
  const starts = widths.map((_, i) => widths.slice(0, i).reduce((a, b) => a + b, 0));
  return customOp([...images], () => {
    const padded = images.map((image, i) =>
      tf.pad(image, [
        [0, 0],
        [0, 0],
        [0, 0],
        [starts[i]!, total - starts[i]! - widths[i]!],
      ]),
    );
    return {
      value: padded.reduce((a, b) => tf.add(a, b)),
      backward: (dy) => widths.map((width, i) => pickChannels(dy, starts[i]!, width)),
    };
  });
}

function pickChannels(x: tf.Tensor4D, start: number, width: number): tf.Tensor4D {
  const channels = x.shape[3];
  const filter = new Float32Array(channels * width);
  for (let i = 0; i < width; i++) filter[(start + i) * width + i] = 1;
  return tf.conv2d(x, tf.tensor4d(filter, [1, 1, channels, width]), 1, 'valid');
}
