import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';
import { FaceanimError } from '../errors';
import { joinChannels } from './concat-channels';
import { hasFusedKernel } from './fused-kernel';
import { reluGradient } from './relu';

/** Options of {@link maxPool}. */
export interface MaxPoolOptions {
  /** Side of the window in pixels. */
  size: number;
  /** Step of the window. */
  stride: number;
  /** Whether to include a last window that is only partly inside (PyTorch's `ceil_mode`). Default false. */
  ceil?: boolean;
}

/**
 * Max pooling of non-negative activations (after a ReLU), x `[N, H, W, C]`. Differentiable; in a tie the gradient goes to
 * the first maximum in row-major order, as in PyTorch.
 *
 * Without a fused kernel it pools along rows, then along columns. The gradient then masks the taps of the window one after
 * the other, with operations that are fast on all backends. tfjs' own gradient takes five times as long on WASM, where
 * it also breaks ties in favour of the last maximum.
 *
 * @throws {FaceanimError} `invalid-option` if x is smaller than a window: nothing would be left, of which backends make garbage
 */
export function maxPool(x: tf.Tensor4D, options: MaxPoolOptions): tf.Tensor4D {
  const [, height, width] = x.shape;
  if (Math.min(windowsOf(height, options), windowsOf(width, options)) < 1) {
    throw new FaceanimError(
      'invalid-option',
      `The images are too small for this network: ${width}x${height} pixels are left where it pools ${options.size}x${options.size}.`,
      { hint: 'Use a larger generator, or a network for small images.' },
    );
  }
  return hasFusedKernel('faceanim/MaxPool')
    ? fusedMaxPool(x, options)
    : tf.tidy(() => poolAxis(poolAxis(x, 2, options), 1, options));
}

function fusedMaxPool(x: tf.Tensor4D, options: MaxPoolOptions): tf.Tensor4D {
  const { size, stride } = options;
  const run = (name: string, inputs: tf.NamedTensorMap, attributes: tf.NamedAttrMap): tf.Tensor =>
    tf.engine().runKernel(name, inputs, attributes);
  return customOp([x], () => {
    const windows = [x.shape[1], x.shape[2]].map((length) => windowsOf(length, options));
    const y = run('faceanim/MaxPool', { x }, { size, stride, windows }) as tf.Tensor4D;
    return {
      value: y,
      saved: [x, y],
      backward: (dy, [x, y], takeAccumulated) => {
        const addend = takeAccumulated(0);
        const inputs = { dy, x: x!, y: y!, ...(addend && { addend }) };
        return run('faceanim/MaxPoolGradient', inputs, { size, stride });
      },
    };
  });
}

function windowsOf(length: number, { size, stride, ceil = false }: MaxPoolOptions): number {
  return (ceil ? Math.ceil : Math.floor)((length - size) / stride) + 1;
}

type Axis = 1 | 2;

function poolAxis(x: tf.Tensor4D, axis: Axis, options: MaxPoolOptions): tf.Tensor4D {
  const { size, stride } = options;
  const length = x.shape[axis];
  const windows = windowsOf(length, options);
  const missing = Math.max(0, (windows - 1) * stride + size - length);
  return customOp([x], () => {
    // Native TensorFlow has no explicit padding for pooling. Zeros do no harm: x is not negative.
    const padded = missing > 0 ? tf.pad(x, padding(axis, 0, missing)) : x;
    const y = tf.maxPool(padded, along(axis, size), along(axis, stride), 'valid');
    return {
      value: y,
      saved: [x, y],
      backward: (dy, [x, y]) => {
        const gradients: tf.Tensor4D[] = [];
        let rest = dy;
        for (let tap = 0; tap < size - 1; tap++) {
          const value = take(x as tf.Tensor4D, axis, { first: tap, count: windows, stride });
          // If the maximum is above this tap, a later tap gets the gradient.
          const passedOn = reluGradient(rest, tf.sub(y!, value));
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
 * The rows or columns first, first + stride, …, zeros beyond the edge.
 *
 * A depthwise convolution with a one-hot filter of at least three taps, which on WASM is ten times faster than one with
 * fewer taps, or than slices.
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

/** The transpose of {@link take}: adds tap t of window i to position i * stride + t. */
function scatterTaps(taps: readonly tf.Tensor4D[], axis: Axis, stride: number, length: number): tf.Tensor4D {
  const [n, height, width, channels] = taps[0]!.shape;
  const windows = taps[0]!.shape[axis];
  const cells = Math.ceil(Math.max(length, (windows - 1) * stride + taps.length) / stride);
  // [outer, cells, inner]: positions that are a stride apart are neighbours on the middle axis.
  const outer = axis === 1 ? n : n * height;
  const inner = axis === 1 ? width * channels : channels;
  const phases = Array.from({ length: stride }, (_, phase) => {
    const shifted = taps
      .filter((_, t) => t % stride === phase)
      .map((tap, shift) => shiftCells(tf.reshape(tap, [outer, windows, inner]), shift, cells));
    return shifted.length > 0
      ? shifted.reduce((a, b) => tf.add(a, b))
      : tf.zeros<tf.Rank.R4>([1, outer, cells, inner]);
  });
  const whole = joinChannels(phases);
  const image = tf.reshape(
    whole,
    axis === 1 ? [n, cells * stride, width, channels] : [n, height, cells * stride, channels],
  ) as tf.Tensor4D;
  return image.shape[axis] === length ? image : take(image, axis, { first: 0, count: length, stride: 1 });
}

/** `[outer, windows, inner]` to `[1, outer, cells, inner]`, with `shift` zero cells in front. */
function shiftCells(x: tf.Tensor3D, shift: number, cells: number): tf.Tensor4D {
  const [outer, windows, inner] = x.shape;
  const rows = tf.reshape(x, [outer, windows * inner]);
  const after = cells - windows - shift;
  const padded =
    cells === windows
      ? rows
      : tf.pad(rows, [
          [0, 0],
          [shift * inner, after * inner],
        ]);
  return tf.reshape(padded, [1, outer, cells, inner]);
}
