import * as tf from '@tensorflow/tfjs-core';
import type { HostTensor } from '../contracts/weights';
import { customOp } from './custom-op';

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

/**
 * A convolution with constant weights and its transpose, each being the other's gradient.
 *
 * tfjs' gradient of conv2d is a naive loop on some backends, ten times slower than conv2d itself. Here both
 * directions are plain stride-1 or strided conv2d calls on filters prepared once: the transpose computes each
 * output phase by a small convolution (sub-pixel convolution, Shi et al. 2016, arXiv 1609.05158) whose results
 * are interleaved by reshapes, so that no zeros are inserted.
 *
 * Activations are NHWC. Gradients flow to activations only.
 */
export class FrozenConv implements Disposable {
  readonly outChannels: number;
  readonly inChannels: number;
  readonly #stride: number;
  readonly #padding: [[0, 0], [number, number], [number, number], [0, 0]];
  readonly #relu: boolean;
  readonly #filter: tf.Tensor4D;
  readonly #bias: tf.Tensor1D | undefined;
  readonly #phases: readonly RowPhase[];

  /** @param weight filters `[outChannels, inChannels, height, width]` (OIHW, as PyTorch stores them) */
  constructor(weight: HostTensor, { stride = 1, padding = 0, bias, relu = false }: FrozenConvOptions = {}) {
    const [outChannels, inChannels] = weight.shape as [number, number, number, number];
    const [top, bottom, left, right] =
      typeof padding === 'number' ? [padding, padding, padding, padding] : padding;
    this.outChannels = outChannels;
    this.inChannels = inChannels;
    this.#stride = stride;
    this.#padding = [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ];
    this.#relu = relu;
    this.#bias = bias && tf.keep(tf.tensor1d(bias));
    this.#filter = tf.keep(toHwio(weight));
    this.#phases = Array.from({ length: stride }, (_, phase) => rowPhase(weight, phase, stride, top, left));
  }

  /** Convolution of x `[N, H, W, inChannels]`, bias and ReLU as asked for; differentiable. */
  apply(x: tf.Tensor4D): tf.Tensor4D {
    const [, height, width] = x.shape;
    return customOp([x], () => {
      const value = this.#convolve(x, this.#bias, this.#relu);
      return {
        value,
        saved: this.#relu ? [value] : [],
        backward: (dy, [value]) => this.#transpose(value ? tf.mul(dy, tf.step(value)) : dy, height, width),
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
      value: this.#transpose(y, height, width),
      backward: (dx) => this.#convolve(dx),
    }));
  }

  /** Frees the constant tensors. */
  [Symbol.dispose](): void {
    tf.dispose([this.#filter, ...this.#phases.map(({ filter }) => filter)]);
    this.#bias?.dispose();
  }

  #convolve(x: tf.Tensor4D, bias?: tf.Tensor1D, relu = false): tf.Tensor4D {
    const strides = this.#stride;
    if (!bias && !relu) return tf.conv2d(x, this.#filter, strides, this.#padding);
    // The kernel itself, since tf.fused.conv2d takes the ReLU apart while gradients are recorded.
    const inputs = { x, filter: this.#filter, ...(bias && { bias }) };
    const attributes = {
      strides: [strides, strides],
      pad: this.#padding,
      dataFormat: 'NHWC',
      dilations: [1, 1],
      activation: relu ? 'relu' : 'linear',
    };
    return tf.engine().runKernel(tf.FusedConv2D, inputs, attributes) as tf.Tensor4D;
  }

  #transpose(y: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
    const stride = this.#stride;
    const [n] = y.shape;
    const rows = Math.ceil(height / stride);
    const columns = Math.ceil(width / stride);
    return tf.tidy(() => {
      const phases = this.#phases.map((phase) => {
        const part = convolvePhase(y, phase, rows, columns);
        return stride === 1 ? part : tf.reshape(part, [n, rows, 1, columns * stride * this.inChannels]);
      });
      const whole = stride === 1 ? phases[0]! : tf.concat(phases, 2);
      const image = tf.reshape(whole, [n, rows * stride, columns * stride, this.inChannels]) as tf.Tensor4D;
      return crop(image, height, width);
    });
  }
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

function rowPhase(weight: HostTensor, phase: number, stride: number, top: number, left: number): RowPhase {
  const [outChannels, inChannels, height, width] = weight.shape as [number, number, number, number];
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
        for (let o = 0; o < outChannels; o++) {
          const to = ((cell * outChannels + o) * stride + columnPhase) * inChannels;
          for (let i = 0; i < inChannels; i++) {
            data[to + i] = weight.data[((o * inChannels + i) * height + tapY) * width + tapX]!;
          }
        }
      }
    }
  }
  const filter = tf.tensor4d(data, [rowCount, columnCount, outChannels, stride * inChannels]);
  return { filter: tf.keep(filter), rows: row.span, columns };
}

function toHwio(weight: HostTensor): tf.Tensor4D {
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
  return tf.tensor4d(data, [height, width, inChannels, outChannels]);
}
