import * as tf from '@tensorflow/tfjs-core';
import { customOp } from './custom-op';

/** Options of {@link maxPool}. */
export interface MaxPoolOptions {
  /** Side of the window in pixels. */
  size: number;
  /** Step of the window. */
  stride: number;
  /** Whether a last window that only partly lies inside counts (PyTorch's `ceil_mode`). Default false. */
  ceil?: boolean;
}

/**
 * Max pooling of activations that are not negative (after a ReLU), x `[N, H, W, C]`; differentiable. A tie gives
 * its gradient to the first maximum in row-major order, as in PyTorch.
 *
 * Pools along rows, then along columns. The gradient masks one tap of the window after the other with operations
 * that all backends have fast; tfjs' own takes five times as long on WASM, where it also gives ties to the last
 * maximum.
 */
export function maxPool(x: tf.Tensor4D, options: MaxPoolOptions): tf.Tensor4D {
  return tf.tidy(() => poolAxis(poolAxis(x, 2, options), 1, options));
}

type Axis = 1 | 2;

function poolAxis(x: tf.Tensor4D, axis: Axis, { size, stride, ceil = false }: MaxPoolOptions): tf.Tensor4D {
  const length = x.shape[axis];
  const windows = (ceil ? Math.ceil : Math.floor)((length - size) / stride) + 1;
  const missing = Math.max(0, (windows - 1) * stride + size - length);
  return customOp([x], () => {
    // Padded beforehand, since the native backend pools with no explicit padding; 0 is the least value of x.
    const padded = missing > 0 ? tf.pad(x, padding(axis, 0, missing)) : x;
    const y = tf.maxPool(padded, along(axis, size), along(axis, stride), 'valid');
    return {
      value: y,
      saved: [x, y],
      backward: (dy, [x, y]) => {
        const gradients: tf.Tensor4D[] = [];
        let rest = dy;
        for (let tap = 0; tap < size - 1; tap++) {
          const below = tf.step(
            tf.sub(y!, take(x as tf.Tensor4D, axis, { first: tap, count: windows, stride })),
          );
          const passedOn = tf.mul(rest, below) as tf.Tensor4D;
          gradients.push(tf.sub(rest, passedOn));
          rest = passedOn;
        }
        return scatterTaps([...gradients, rest], axis, stride, length);
      },
    };
  });
}

const along = (axis: Axis, n: number): [number, number] => (axis === 1 ? [n, 1] : [1, n]);

function padding(axis: number, before: number, after: number): tf.backend_util.ExplicitPadding {
  return [0, 1, 2, 3].map((i) => (i === axis ? [before, after] : [0, 0])) as tf.backend_util.ExplicitPadding;
}

/**
 * Rows or columns first, first + stride, …; beyond the edge there are zeros. A depthwise convolution with a one-hot
 * filter, of three taps at least: on WASM ten times faster than shorter ones, and than slices.
 */
function take(
  x: tf.Tensor4D,
  axis: Axis,
  { first, count, stride }: { first: number; count: number; stride: number },
): tf.Tensor4D {
  const channels = x.shape[3];
  const size = Math.max(3, first + 1);
  const oneHot = new Float32Array(size * channels).fill(1, first * channels, (first + 1) * channels);
  const filter = tf.tensor4d(oneHot, [...along(axis, size), channels, 1]);
  const missing = Math.max(0, (count - 1) * stride + size - x.shape[axis]);
  return tf.depthwiseConv2d(x, filter, along(axis, stride), padding(axis, 0, missing));
}

/** The transpose of taking taps: what belongs to tap t of window i is added to position i * stride + t. */
function scatterTaps(taps: readonly tf.Tensor4D[], axis: Axis, stride: number, length: number): tf.Tensor4D {
  const [n, height, width, channels] = taps[0]!.shape;
  const windows = taps[0]!.shape[axis];
  const cells = Math.ceil(Math.max(length, (windows - 1) * stride + taps.length) / stride);
  // [outer, cells, inner]: positions that are a multiple of the stride apart are neighbours on the middle axis.
  const outer = axis === 1 ? n : n * height;
  const inner = axis === 1 ? width * channels : channels;
  const parts = taps.map((tap, t) => {
    const shift = Math.floor(t / stride);
    const phase = t % stride;
    return tf.pad(tf.reshape(tap, [outer, windows, inner]), [
      [0, 0],
      [shift, cells - windows - shift],
      [phase * inner, (stride - 1 - phase) * inner],
    ]);
  });
  const sum = parts.reduce((a, b) => tf.add(a, b) as tf.Tensor3D);
  const whole = (
    axis === 1 ? [n, cells * stride, width, channels] : [n, height, cells * stride, channels]
  ) as [number, number, number, number];
  const image = tf.reshape(sum, whole) as tf.Tensor4D;
  return image.shape[axis] === length ? image : take(image, axis, { first: 0, count: length, stride: 1 });
}
