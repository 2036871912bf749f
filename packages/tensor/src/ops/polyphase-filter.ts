import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';
import { TensorBag } from '../memory/tensor-bag';
import { fusedKernel } from './fused-kernel';

/** A value for the rows and one for the columns. */
type Pair = [number, number];

/** A strided depthwise convolution. */
interface Pass {
  /** `[height, width, channels, 1]`. */
  readonly kernel: tf.Tensor4D;
  /** One channel of the kernel, and the same reversed, `[height, width]`. */
  readonly taps: tf.Tensor2D;
  readonly reversed: tf.Tensor2D;
  readonly stride: Pair;
  /** Whether it filters along the rows and along the columns. */
  readonly acts: readonly [boolean, boolean];
  /** By row phase and column phase: the part of the kernel that contributes to the outputs of that phase. */
  readonly phases: readonly (readonly tf.Tensor4D[])[];
}

/** The taps of a {@link PolyphaseFilter}, row by row. */
export interface FilterTaps {
  /** `[size]` for a separable filter, run as two one-dimensional passes, or `[height, width]`. */
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/**
 * A low-pass filter on every channel of an image that downsamples by an integer factor, and its transpose, which
 * upsamples. Each is the gradient of the other. Any filter, image size and offset. NHWC.
 *
 * The transpose inserts no zeros: each of its output phases is a small depthwise convolution of the input.
 */
export class PolyphaseFilter implements Disposable {
  readonly #passes: readonly Pass[];
  readonly #tensors: TensorBag;

  /**
   * @param taps are correlated with the image; reverse them for a convolution
   * @param channels of the images
   * @param factor of the resampling. Default 1.
   */
  constructor({ shape, data }: FilterTaps, channels: number, factor = 1) {
    const [height, width] = shape as [number, number?];
    const passes = (bag: TensorBag) =>
      width === undefined
        ? [
            createPass(data, [height, 1], [factor, 1], [true, false], channels, bag),
            createPass(data, [1, height], [1, factor], [false, true], channels, bag),
          ]
        : [createPass(data, [height, width], [factor, factor], [true, true], channels, bag)];
    [this.#passes, this.#tensors] = TensorBag.build((bag) => [passes(bag), bag] as const);
  }

  /**
   * Downsamples `[N, H, W, C]` to `[N, size, size, C]`: y[i] = Σ_k taps[k] · x[i · factor + k - before] along both axes,
   * where x is 0 outside the image. Differentiable.
   */
  downsample(x: tf.Tensor4D, size: number, before = 0): tf.Tensor4D {
    const [, inputSize] = x.shape;
    return customOp([x], () => ({
      value: this.#correlate(x, size, before),
      backward: (dy) => this.#transpose(dy, inputSize, before),
    }));
  }

  /**
   * Upsamples `[N, H, W, C]` to `[N, size, size, C]` by the transpose of {@link downsample}: y[i] = Σ_j taps[i - j · factor
   * + before] · x[j] along both axes, where the taps are 0 outside the filter. Differentiable.
   */
  upsample(x: tf.Tensor4D, size: number, before = 0): tf.Tensor4D {
    const [, inputSize] = x.shape;
    return customOp([x], () => ({
      value: this.#transpose(x, size, before),
      backward: (dy) => this.#correlate(dy, inputSize, before),
    }));
  }

  /** Frees the filters. */
  [Symbol.dispose](): void {
    this.#tensors[Symbol.dispose]();
  }

  #correlate(x: tf.Tensor4D, size: number, before: number): tf.Tensor4D {
    const run = (y: tf.Tensor4D, { kernel, taps, stride, acts }: Pass) => {
      const zeros = where(acts, [before, before], [0, 0]);
      const sizes = where(acts, [size, size], extent(y));
      const attributes = { up: [1, 1], down: stride, before: zeros, size: sizes };
      return fusedKernel('faceanim/Upfirdn', { x: y, taps }, attributes, () =>
        correlate(y, kernel, stride, zeros, sizes),
      );
    };
    return tf.tidy(() => this.#passes.reduce(run, x));
  }

  #transpose(y: tf.Tensor4D, size: number, before: number): tf.Tensor4D {
    const run = (x: tf.Tensor4D, pass: Pass) => {
      const { reversed, stride, acts } = pass;
      const zeros = where(acts, [before, before], [0, 0]);
      const sizes = where(acts, [size, size], extent(x));
      const reach = reversed.shape.map((length, axis) => length - 1 - zeros[axis]!);
      const attributes = { up: stride, down: [1, 1], before: reach, size: sizes };
      return fusedKernel('faceanim/Upfirdn', { x, taps: reversed }, attributes, () =>
        transpose(x, pass, zeros, sizes),
      );
    };
    // In reverse, so that the image stays small for as long as possible.
    return tf.tidy(() => this.#passes.reduceRight(run, y));
  }
}

function createPass(
  taps: ArrayLike<number>,
  [height, width]: Pair,
  stride: Pair,
  acts: [boolean, boolean],
  channels: number,
  bag: TensorBag,
): Pass {
  const tensor = (rows: number[], columns: number[]): tf.Tensor4D => {
    const tap = (row: number, column: number) =>
      row < height && column < width ? taps[row * width + column]! : 0;
    const values = rows.flatMap((row) => columns.map((column) => tap(row, column)));
    const data = Float32Array.from(
      { length: values.length * channels },
      (_, i) => values[Math.floor(i / channels)]!,
    );
    return bag.constant(data, [rows.length, columns.length, channels, 1]);
  };
  const phases = phaseTaps(height, stride[0]).map((rows) =>
    phaseTaps(width, stride[1]).map((columns) => tensor(rows, columns)),
  );
  const flat = Float32Array.from({ length: height * width }, (_, i) => taps[i]!);
  return {
    kernel: tensor(range(height), range(width)),
    taps: bag.constant<tf.Rank.R2>(flat, [height, width]),
    reversed: bag.constant<tf.Rank.R2>(flat.toReversed(), [height, width]),
    stride,
    acts,
    phases,
  };
}

/** The taps of each phase, last first; for a phase without taps, one beyond the kernel, which is 0. */
function phaseTaps(size: number, stride: number): number[][] {
  return range(stride).map((phase) =>
    range(Math.max(size, stride))
      .filter((tap) => tap % stride === phase)
      .reverse(),
  );
}

/** The transpose of a pass: the outputs `stride · i + phase` of each phase by one convolution, interleaved. */
function transpose(
  x: tf.Tensor4D,
  { phases, stride }: Pass,
  [top, left]: Pair,
  [height, width]: Pair,
): tf.Tensor4D {
  const [count, , , channels] = x.shape;
  const rows = Math.ceil(height / stride[0]);
  const columns = Math.ceil(width / stride[1]);
  const parts = range(stride[0]).map((rowPhase) => {
    const row = phaseOf(rowPhase + top, stride[0]);
    const parts = range(stride[1]).map((columnPhase) => {
      const column = phaseOf(columnPhase + left, stride[1]);
      const kernel = phases[row.phase]![column.phase]!;
      const before: Pair = [kernel.shape[0] - 1 - row.shift, kernel.shape[1] - 1 - column.shift];
      return correlate(x, kernel, [1, 1], before, [rows, columns]);
    });
    return tf.reshape(join(parts, 3), [count, rows, 1, columns * stride[1] * channels]);
  });
  const whole = tf.reshape(join(parts, 2), [count, rows * stride[0], columns * stride[1], channels]);
  return crop(whole as tf.Tensor4D, [0, 0], [height, width]);
}

/** Splits `position` into stride · shift + phase. */
function phaseOf(position: number, stride: number): { shift: number; phase: number } {
  const shift = Math.floor(position / stride);
  return { shift, phase: position - stride * shift };
}

/** y[i] = Σ_k kernel[k] · x[i · stride + k - before], i = 0 .. size - 1; a negative `before` skips pixels. */
function correlate(x: tf.Tensor4D, kernel: tf.Tensor4D, stride: Pair, before: Pair, size: Pair): tf.Tensor4D {
  const input = extent(x);
  const reach = range(2).map((axis) => (size[axis]! - 1) * stride[axis]! + kernel.shape[axis]!) as Pair;
  const after = range(2).map((axis) => reach[axis]! - before[axis]! - input[axis]!);
  const skip = before.map((zeros) => Math.max(0, -zeros)) as Pair;
  const kept = range(2).map((axis) => input[axis]! - skip[axis]! - Math.max(0, -after[axis]!)) as Pair;
  // All windows are in the padding, and WASM cannot convolve an empty image.
  if (Math.min(...kept) <= 0) return tf.zeros([x.shape[0], ...size, x.shape[3]]);
  const zeros = range(2).map((axis) => [Math.max(0, before[axis]!), Math.max(0, after[axis]!)]);
  const padding = [[0, 0], ...zeros, [0, 0]] as tf.backend_util.ExplicitPadding;
  return tf.depthwiseConv2d(crop(x, skip, kept), kernel, stride, padding);
}

function crop(x: tf.Tensor4D, [top, left]: Pair, [height, width]: Pair): tf.Tensor4D {
  const [count, h, w, channels] = x.shape;
  if (h === height && w === width) return x;
  return tf.slice(x, [0, top, left, 0], [count, height, width, channels]);
}

function join(parts: tf.Tensor[], axis: number): tf.Tensor {
  return parts.length === 1 ? parts[0]! : tf.concat(parts, axis);
}

function extent(x: tf.Tensor4D): Pair {
  return [x.shape[1], x.shape[2]];
}

function where(acts: readonly [boolean, boolean], there: Pair, elsewhere: Pair): Pair {
  return [acts[0] ? there[0] : elsewhere[0], acts[1] ? there[1] : elsewhere[1]];
}

function range(length: number): number[] {
  return [...Array(length).keys()];
}
