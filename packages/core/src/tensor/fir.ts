import * as tf from '@tensorflow/tfjs-core';
import { customOp } from './custom-op';

/** Filters for one direction of flow, down the columns and along the rows. */
interface Passes {
  readonly column: tf.Tensor4D;
  readonly row: tf.Tensor4D;
}

/**
 * A separable low-pass filter over images, the same for every channel, and re-sampling by 2 with it, as
 * `upfirdn2d` of StyleGAN2 does (Karras et al. 2020, arXiv 1912.04958). NHWC, differentiable.
 *
 * Two one-dimensional depthwise convolutions: on WASM a tenth of the time of a two-dimensional one.
 */
export class FirFilter implements Disposable {
  readonly #size: number;
  readonly #forward: Passes;
  readonly #backward: Passes;

  /**
   * @param taps the one-dimensional filter; the filter of an image is its outer product with itself
   * @param channels of the images
   * @param gain multiplies the result; 4 keeps the brightness where zeros are inserted by up-sampling. Default 1.
   */
  constructor(taps: ArrayLike<number>, channels: number, gain = 1) {
    this.#size = taps.length;
    const scaled = Array.from(taps, (tap) => tap * Math.sqrt(gain));
    this.#backward = passes(scaled, channels);
    this.#forward = passes(scaled.reverse(), channels);
  }

  /**
   * Filters x `[N, H, W, C]` with `before` zeros above and left and `after` below and right; H and W grow by
   * before + after - (taps - 1).
   */
  apply(x: tf.Tensor4D, before: number, after: number): tf.Tensor4D {
    const reach = this.#size - 1;
    return customOp([x], () => ({
      value: run(x, this.#forward, before, after),
      backward: (dy) => run(dy, this.#backward, reach - before, reach - after),
    }));
  }

  /** `[N, H, W, C]` to `[N, 2H, 2W, C]`: zeros between the pixels, then the filter. */
  upsample(x: tf.Tensor4D): tf.Tensor4D {
    const before = (this.#size + 1) >> 1;
    const after = (this.#size - 2) >> 1;
    return customOp([x], () => ({
      value: run(insertZeros(x), this.#forward, before, after),
      backward: (dy) => run(dy, this.#backward, this.#size - 1 - before, this.#size - 1 - after, 2),
    }));
  }

  /** `[N, H, W, C]` to `[N, H / 2, W / 2, C]`, H and W even: the filter, then every second pixel. */
  downsample(x: tf.Tensor4D): tf.Tensor4D {
    const before = (this.#size - 1) >> 1;
    const after = this.#size >> 1;
    return customOp([x], () => ({
      value: run(x, this.#forward, before, after, 2),
      backward: (dy) => run(insertZeros(dy), this.#backward, this.#size - 1 - before, this.#size - 1 - after),
    }));
  }

  /** Frees the constant tensors. */
  [Symbol.dispose](): void {
    for (const { column, row } of [this.#forward, this.#backward]) tf.dispose([column, row]);
  }
}

function passes(taps: readonly number[], channels: number): Passes {
  const values = Float32Array.from(
    { length: taps.length * channels },
    (_, i) => taps[Math.floor(i / channels)]!,
  );
  return {
    column: tf.keep(tf.tensor4d(values, [taps.length, 1, channels, 1])),
    row: tf.keep(tf.tensor4d(values, [1, taps.length, channels, 1])),
  };
}

function run(
  x: tf.Tensor4D,
  { column, row }: Passes,
  before: number,
  after: number,
  stride = 1,
): tf.Tensor4D {
  const pad = (axis: number) => [0, 1, 2, 3].map((i) => (i === axis ? [before, after] : [0, 0]));
  return tf.tidy(() => {
    const filtered = tf.depthwiseConv2d(x, column, [stride, 1], pad(1) as tf.backend_util.ExplicitPadding);
    return tf.depthwiseConv2d(filtered, row, [1, stride], pad(2) as tf.backend_util.ExplicitPadding);
  });
}

/** A zero after every pixel, in both directions. */
function insertZeros(x: tf.Tensor4D): tf.Tensor4D {
  const [n, height, width, channels] = x.shape;
  const pairs = tf.pad(tf.reshape(x, [n * height, width, channels]), [
    [0, 0],
    [0, 0],
    [0, channels],
  ]);
  const rows = tf.pad(tf.reshape(pairs, [n, height, 2 * width * channels]), [
    [0, 0],
    [0, 0],
    [0, 2 * width * channels],
  ]);
  return tf.reshape(rows, [n, 2 * height, 2 * width, channels]);
}
