/**
 * Transposed convolution without inserted zeros: the outputs whose positions have the same remainder modulo the stride
 * form a phase, each phase is a small ordinary convolution, and reshapes interleave the phases (sub-pixel convolution,
 * Shi et al. 2016, arXiv 1609.05158).
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TensorBag } from '../../memory/tensor-bag';
import type { HostTensor } from '../../serialization/host-tensor';

/** The rows `phase, phase + stride, …` of a transposed convolution, with all their columns. */
export interface RowPhase {
  /** `[height, width, outChannels, stride * inChannels]`, the last axis ordered (column phase, channel). */
  readonly filter: tf.Tensor4D;
  /** First and last input row and column under the window, relative to output position / stride. */
  readonly rows: Span;
  readonly columns: Span;
}

interface Span {
  readonly first: number;
  readonly last: number;
}

/** The transposed convolution of y: all phases, interleaved. */
export function convolvePhases(
  y: tf.Tensor4D,
  phases: readonly RowPhase[],
  stride: number,
  height: number,
  width: number,
): tf.Tensor4D {
  if (stride === 1) return convolvePhase(y, phases[0]!, height, width);
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

/** The taps along one axis that contribute to the outputs `stride * m + phase`, by the offset from m of their input. */
export function phaseTaps(
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

/** The shortest span that holds all offsets, and 0 too, since padding cannot be negative. */
function cover(offsets: readonly number[]): Span {
  return { first: Math.min(0, ...offsets), last: Math.max(0, ...offsets) };
}

/**
 * The row phases of the transpose of a convolution.
 *
 * @param filter of the convolution, HWIO
 * @param top rows of zeros above the input of the convolution
 * @param left columns of zeros to its left
 * @param bag owns their filters
 */
export function rowPhases(
  filter: HostTensor,
  stride: number,
  top: number,
  left: number,
  bag: TensorBag,
): RowPhase[] {
  return Array.from({ length: stride }, (_, phase) => {
    const { data, shape, ...spans } = rowPhase(filter, phase, stride, top, left);
    return { filter: bag.constant<tf.Rank.R4>(data, shape), ...spans };
  });
}

function rowPhase(filter: HostTensor, phase: number, stride: number, top: number, left: number) {
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
  const shape = [rowCount, columnCount, outChannels, stride * inChannels] as [number, number, number, number];
  return { data, shape, rows: row.span, columns };
}
