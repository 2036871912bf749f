import * as tf from '@tensorflow/tfjs-core';
import { customOp } from '../autodiff/custom-op';
import type { HostTensor } from '../files/weights';
import { channelDots } from './channel-sums';
import { fusedKernel, hasFusedKernel } from './fused-kernel';
import { multiplyChannels, reluGradient } from './pointwise';

/** Options of {@link FrozenConv}. */
export interface FrozenConvOptions {
  /** Step of the window in both directions. Default 1. */
  stride?: number;
  /** Zeros added on every side, or [top, bottom, left, right]. Default 0. */
  padding?: number | readonly [number, number, number, number];
  /** Added to every output of {@link FrozenConv.apply}, one value a channel. */
  bias?: Float32Array;
  /** Whether {@link FrozenConv.apply} ends with a ReLU. */
  relu?: boolean;
}

/**
 * Name of the kernel that a backend may register for {@link FrozenConv}, of {@link FrozenConvInputs} and
 * {@link FrozenConvAttributes}.
 */
export const frozenConvName = 'faceanim/FrozenConv';

/** Inputs of {@link frozenConvName}. */
export interface FrozenConvInputs<T extends tf.TensorInfo = tf.Tensor> extends MoreConvInputs<T> {
  /** `[N, H, W, C]` */
  readonly x: T;
  /** HWIO of the convolution, also where its transpose is wanted. */
  readonly filter: T;
  /** `[C]`, not for the transpose. */
  readonly bias?: T;
}

/** What a kernel must take only where channels come in fours. */
export interface MoreConvInputs<T extends tf.TensorInfo = tf.Tensor> {
  /** `[C]`: without `at` x is read as relu(x · scale + shift), where zero padding stays 0. */
  readonly scale?: T;
  readonly shift?: T;
  /** `[N, height, width, C]`: the result goes back through relu(at · scale + shift). */
  readonly at?: T;
  /** `[N, H, W, C]`: x counts where this is above 0. */
  readonly gate?: T;
  /** `[N, C]`: x is read as x · style. */
  readonly style?: T;
  /** `[N, height, width, ≥ C]`: its channels from `restStart` on are added in the end. */
  readonly rest?: T;
}

/** Attributes of {@link frozenConvName}. */
export interface FrozenConvAttributes {
  readonly stride: number;
  /** Zeros added at the [top, bottom, left, right] of the input of the convolution. */
  readonly padding: readonly [number, number, number, number];
  /** Size of the result. */
  readonly height: number;
  readonly width: number;
  /** Whether the transpose of the convolution by the filter is wanted, from its output channels to its inputs. */
  readonly transposed: boolean;
  /** Whether x is a gradient: its values may be tiny. */
  readonly gradient: boolean;
  /** Whether it ends with a ReLU. */
  readonly relu: boolean;
  /** First of the channels of x that are meant, where x has more. Default 0. */
  readonly start?: number;
  /** First of the channels of `rest` that are added. Default 0. */
  readonly restStart?: number;
}

/**
 * A convolution with constant weights and its transpose, each being the other's gradient.
 *
 * tfjs' gradient of conv2d is a naive loop on some backends, ten times slower than conv2d itself. Here both
 * directions are plain stride-1 or strided conv2d calls on filters prepared once: the transpose computes each
 * output phase by a small convolution (sub-pixel convolution, Shi et al. 2016, arXiv 1609.05158) whose results
 * are interleaved by reshapes, so that no zeros are inserted. A backend with a kernel of its own
 * ({@link frozenConvName}) is given the filters once, for both directions.
 *
 * Activations are NHWC. Gradients flow to activations only.
 */
export class FrozenConv implements Disposable {
  readonly outChannels: number;
  readonly inChannels: number;
  readonly #stride: number;
  readonly #padding: readonly [number, number, number, number];
  readonly #relu: boolean;
  readonly #filter: tf.Tensor4D;
  readonly #bias: tf.Tensor1D | undefined;
  #phases: readonly RowPhase[] | undefined;

  /** @param weight filters `[outChannels, inChannels, height, width]` (OIHW, as PyTorch stores them) */
  constructor(weight: HostTensor, { stride = 1, padding = 0, bias, relu = false }: FrozenConvOptions = {}) {
    const [outChannels, inChannels] = weight.shape as [number, number, number, number];
    this.outChannels = outChannels;
    this.inChannels = inChannels;
    this.#stride = stride;
    this.#padding = typeof padding === 'number' ? [padding, padding, padding, padding] : padding;
    this.#relu = relu;
    this.#bias = bias && tf.keep(tf.tensor1d(bias));
    const filter = toHwio(weight);
    this.#filter = tf.keep(tf.tensor4d(filter.data, filter.shape as [number, number, number, number]));
    // Not in the middle of a run, which is to leave no tensor behind.
    if (!tf.getKernel(frozenConvName, tf.getBackend())) this.#phases = this.#transposedFilters(filter);
  }

  /** Convolution of x `[N, H, W, inChannels]`, bias and ReLU as asked for; differentiable. */
  apply(x: tf.Tensor4D): tf.Tensor4D {
    const [, height, width] = x.shape;
    return customOp([x], () => {
      const value = this.#convolve(x, { bias: this.#bias, relu: this.#relu });
      return {
        value,
        saved: this.#relu ? [value] : [],
        backward: (dy, [value]) => {
          if (!value) return this.backward(dy, height, width);
          return this.takesOver
            ? this.fusedBackward(dy, { gate: value }, { height, width })
            : this.backward(reluGradient(dy, value), height, width);
        },
      };
    });
  }

  /**
   * Transposed convolution of y `[N, h, w, outChannels]` (no bias, no ReLU) to `[N, height, width, inChannels]`;
   * differentiable. Rows and columns beyond the reach of the filter are 0.
   *
   * @param height must convolve to h
   * @param width must convolve to w
   */
  applyTransposed(y: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
    return customOp([y], () => ({
      value: this.#transpose(y, { height, width, gradient: false }),
      backward: (dx) => this.#convolve(dx, { gradient: true }),
    }));
  }

  /** {@link apply} of x with its channels multiplied by style `[N, inChannels]`, without ReLU; differentiable in both. */
  applyModulated(x: tf.Tensor4D, style: tf.Tensor2D): tf.Tensor4D {
    const [, height, width] = x.shape;
    return modulated(x, style, {
      forward: () => this.#convolve(x, { bias: this.#bias, style }),
      backward: (dy) => this.backward(dy, height, width),
    });
  }

  /** {@link applyTransposed} of y with its channels multiplied by style `[N, outChannels]`; differentiable in both. */
  applyTransposedModulated(y: tf.Tensor4D, style: tf.Tensor2D, height: number, width: number): tf.Tensor4D {
    return modulated(y, style, {
      forward: () => this.#transpose(y, { height, width, gradient: false, style }),
      backward: (dx) => this.#convolve(dx, { gradient: true }),
    });
  }

  /**
   * The gradient of {@link apply} without its ReLU, for operations with a gradient of their own; not differentiable.
   *
   * @param dy gradient of the result `[N, h, w, outChannels]`
   * @param height of x
   * @param width of x
   * @returns gradient of x `[N, height, width, inChannels]`
   */
  backward(dy: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
    return this.#transpose(dy, { height, width, gradient: true });
  }

  /** Whether {@link fusedApply} and {@link fusedBackward} may be called on the active backend. */
  get takesOver(): boolean {
    const inFours = this.inChannels % 4 === 0 && this.outChannels % 4 === 0;
    return inFours && hasFusedKernel(frozenConvName);
  }

  /** {@link apply} by the kernel of the backend with more inputs, see {@link frozenConvName}; not differentiable. */
  fusedApply(x: tf.Tensor4D, more: MoreConvInputs): tf.Tensor4D {
    const attributes = this.#attributes({
      ...this.#sizeOf(x),
      ...{ transposed: false, gradient: false, relu: this.#relu },
    });
    const inputs = named({ x, filter: this.#filter, ...(this.#bias && { bias: this.#bias }), ...more });
    return tf.engine().runKernel(frozenConvName, inputs, attributes) as tf.Tensor4D;
  }

  /** {@link backward} by the kernel of the backend with more inputs, see {@link frozenConvName}. */
  fusedBackward(
    dy: tf.Tensor4D,
    more: MoreConvInputs,
    place: Pick<FrozenConvAttributes, 'height' | 'width' | 'start' | 'restStart'>,
  ): tf.Tensor4D {
    const attributes = this.#attributes({ ...place, transposed: true, gradient: true, relu: false });
    const inputs = named({ x: dy, filter: this.#filter, ...more });
    return tf.engine().runKernel(frozenConvName, inputs, attributes) as tf.Tensor4D;
  }

  /** Frees the constant tensors. */
  [Symbol.dispose](): void {
    this.#filter.dispose();
    this.#bias?.dispose();
    for (const { filter } of this.#phases ?? []) filter.dispose();
  }

  #convolve(
    x: tf.Tensor4D,
    {
      bias,
      relu = false,
      gradient = false,
      style,
    }: { bias?: tf.Tensor1D; relu?: boolean; gradient?: boolean; style?: tf.Tensor2D },
  ): tf.Tensor4D {
    if (style && !readsStyle(x)) return this.#convolve(multiplyChannels(x, style), { bias, relu, gradient });
    const [top, bottom, left, right] = this.#padding;
    const inputs = named({ x, filter: this.#filter, ...(bias && { bias }), ...(style && { style }) });
    const attributes = this.#attributes({ ...this.#sizeOf(x), transposed: false, gradient, relu });
    return fusedKernel(frozenConvName, inputs, attributes, () => {
      const strides: [number, number] = [this.#stride, this.#stride];
      const pad: tf.backend_util.ExplicitPadding = [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ];
      if (!bias && !relu) return tf.conv2d(x, this.#filter, strides, pad);
      // The kernel itself, since tf.fused.conv2d takes the ReLU apart while gradients are recorded.
      const attributes = { strides, pad, dataFormat: 'NHWC', dilations: [1, 1] };
      const activation = relu ? 'relu' : 'linear';
      return tf.engine().runKernel(tf.FusedConv2D, inputs, { ...attributes, activation }) as tf.Tensor4D;
    });
  }

  #transpose(
    y: tf.Tensor4D,
    size: { height: number; width: number; gradient: boolean; style?: tf.Tensor2D },
  ): tf.Tensor4D {
    const { height, width, gradient, style } = size;
    if (style && !readsStyle(y))
      return this.#transpose(multiplyChannels(y, style), { height, width, gradient });
    const inputs = named({ x: y, filter: this.#filter, ...(style && { style }) });
    const attributes = this.#attributes({ height, width, transposed: true, gradient, relu: false });
    return fusedKernel(frozenConvName, inputs, attributes, () => {
      // Missing only if the kernel was there before and is no longer.
      const { shape } = this.#filter;
      this.#phases ??= this.#transposedFilters({ shape, data: this.#filter.dataSync<'float32'>() });
      const phases = this.#phases;
      if (this.#stride === 1) return convolvePhase(y, phases[0]!, height, width);
      return tf.tidy(() => interleave(y, phases, this.#stride, height, width));
    });
  }

  /** Size of the convolution of x. */
  #sizeOf(x: tf.Tensor4D): { height: number; width: number } {
    const [top, bottom, left, right] = this.#padding;
    const [kernelHeight, kernelWidth] = this.#filter.shape;
    return {
      height: Math.floor((x.shape[1] + top + bottom - kernelHeight) / this.#stride) + 1,
      width: Math.floor((x.shape[2] + left + right - kernelWidth) / this.#stride) + 1,
    };
  }

  #attributes(own: Omit<FrozenConvAttributes, 'stride' | 'padding'>): tf.NamedAttrMap {
    const attributes: FrozenConvAttributes = { stride: this.#stride, padding: this.#padding, ...own };
    return { ...attributes, padding: [...attributes.padding] };
  }

  /** What the transpose needs where it is made of convolutions. */
  #transposedFilters(filter: HostTensor): readonly RowPhase[] {
    const [top, , left] = this.#padding;
    const stride = this.#stride;
    return Array.from({ length: stride }, (_, phase) => rowPhase(filter, phase, stride, top, left));
  }
}

/** Inputs of {@link frozenConvName} as tfjs takes them. */
function named(inputs: FrozenConvInputs): tf.NamedTensorMap {
  return { ...inputs } as unknown as tf.NamedTensorMap;
}

/** Whether the kernel of the backend multiplies x by a style where it reads it. */
function readsStyle(x: tf.Tensor4D): boolean {
  return x.shape[3] % 4 === 0 && hasFusedKernel(frozenConvName);
}

/** A linear map of x · style with its gradients. */
function modulated(
  x: tf.Tensor4D,
  style: tf.Tensor2D,
  { forward, backward }: { forward: () => tf.Tensor4D; backward: (dy: tf.Tensor4D) => tf.Tensor4D },
): tf.Tensor4D {
  return customOp([x, style], () => ({
    value: forward(),
    saved: [x, style],
    backward: (dy, saved, arrived) => {
      const [x, style] = saved as [tf.Tensor4D, tf.Tensor2D];
      const flow = backward(dy);
      return [multiplyChannels(flow, style, arrived(0)), channelDots(flow, x)];
    },
  }));
}

/** The rows `phase, phase + stride, …` of the transposed convolution, all columns at once. */
interface RowPhase {
  /** `[height, width, outChannels, stride * inChannels]`, the last axis ordered (column phase, channel). */
  readonly filter: tf.Tensor4D;
  /** First and last input row and column that the window touches, relative to output position / stride. */
  readonly rows: Span;
  readonly columns: Span;
}

interface Span {
  readonly first: number;
  readonly last: number;
}

/** All rows of the transposed convolution from those of the phases. */
function interleave(
  y: tf.Tensor4D,
  phases: readonly RowPhase[],
  stride: number,
  height: number,
  width: number,
): tf.Tensor4D {
  const rows = Math.ceil(height / stride);
  const columns = Math.ceil(width / stride);
  const parts = phases.map((phase) => convolvePhase(y, phase, rows, columns));
  const [n, , , channels] = parts[0]!.shape;
  const whole = tf.concat(
    parts.map((part) => tf.reshape(part, [n, rows, 1, columns * channels])),
    2,
  );
  return crop(tf.reshape(whole, [n, rows * stride, columns * stride, channels / stride]), height, width);
}

function convolvePhase(y: tf.Tensor4D, phase: RowPhase, rows: number, columns: number): tf.Tensor4D {
  const [, height, width] = y.shape;
  const after = (span: Span, outputs: number, inputs: number) => Math.max(0, outputs + span.last - inputs);
  const result = tf.conv2d(y, phase.filter, 1, [
    [0, 0],
    [-phase.rows.first, after(phase.rows, rows, height)],
    [-phase.columns.first, after(phase.columns, columns, width)],
    [0, 0],
  ]);
  return crop(result, rows, columns);
}

function crop(x: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
  const [n, h, w, channels] = x.shape;
  return h === height && w === width ? x : tf.slice(x, [0, 0, 0, 0], [n, height, width, channels]);
}

/** Taps of a filter axis that reach the outputs `stride * m + phase`, and the inputs m + … they belong to. */
function phaseTaps(
  size: number,
  phase: number,
  stride: number,
  padding: number,
): { span: Span; taps: Map<number, number> } {
  const first = (phase + padding) % stride;
  const shift = Math.floor((phase + padding) / stride);
  const taps = new Map<number, number>();
  for (let tap = first, i = 0; tap < size; tap += stride, i++) taps.set(shift - i, tap);
  return { span: cover([...taps.keys()]), taps };
}

/** The shortest span around 0 and all offsets: paddings are not negative. */
function cover(offsets: readonly number[]): Span {
  return { first: Math.min(0, ...offsets), last: Math.max(0, ...offsets) };
}

/** The filter of one row phase, from the filter HWIO of the convolution. */
function rowPhase(filter: HostTensor, phase: number, stride: number, top: number, left: number): RowPhase {
  const [height, width, inChannels, outChannels] = filter.shape as [number, number, number, number];
  const row = phaseTaps(height, phase, stride, top);
  const column = Array.from({ length: stride }, (_, i) => phaseTaps(width, i, stride, left));
  const columns = cover(column.flatMap(({ span }) => [span.first, span.last]));
  const rowCount = row.span.last - row.span.first + 1;
  const columnCount = columns.last - columns.first + 1;
  const data = new Float32Array(rowCount * columnCount * outChannels * stride * inChannels);
  for (const [y, tapY] of row.taps) {
    for (const [columnPhase, { taps }] of column.entries()) {
      for (const [x, tapX] of taps) {
        const cell = (y - row.span.first) * columnCount + (x - columns.first);
        const tap = (tapY * width + tapX) * inChannels * outChannels;
        for (let o = 0; o < outChannels; o++) {
          const to = ((cell * outChannels + o) * stride + columnPhase) * inChannels;
          for (let i = 0; i < inChannels; i++) data[to + i] = filter.data[tap + i * outChannels + o]!;
        }
      }
    }
  }
  const merged = tf.tensor4d(data, [rowCount, columnCount, outChannels, stride * inChannels]);
  return { filter: tf.keep(merged), rows: row.span, columns };
}

function toHwio(weight: HostTensor): HostTensor {
  const [outChannels, inChannels, height, width] = weight.shape as [number, number, number, number];
  const cells = height * width;
  const data = new Float32Array(weight.data.length);
  for (let o = 0, from = 0; o < outChannels; o++) {
    for (let i = 0; i < inChannels; i++) {
      for (let cell = 0; cell < cells; cell++, from++) {
        data[(cell * inChannels + i) * outChannels + o] = weight.data[from]!;
      }
    }
  }
  return { shape: [height, width, inChannels, outChannels], data };
}
