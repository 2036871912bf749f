import type * as tf from '@tensorflow/tfjs-core';
import type { PackFilterAttributes } from '../../../ops/conv/frozen-conv-kernel';
import { places } from '../../winograd';
import { sizeOf } from '../kernel';
import type { WasmTfBackend } from '../run';
import { type Pass, passesOf } from './passes';
import { tilesInScratch, transformFilter } from './winograd';

/** Panels of the same width, side by side. */
export interface Panels {
  /** Their first column. */
  readonly first: number;
  /** Columns of each: 8, 4, or fewer. */
  readonly columns: number;
  readonly count: number;
}

/** The panels of a matrix: as many wide ones as possible. */
export function panelsOf(columns: number): Panels[] {
  const panels: Panels[] = [];
  let first = 0;
  for (const width of [8, 4, columns % 4]) {
    const count = width > 0 ? Math.floor((columns - first) / width) : 0;
    if (count > 0) panels.push({ first, columns: width, count });
    first += count * width;
  }
  return panels;
}

/** Floats of a row of panels: the last ones are filled up to fours. */
export const paddedWidth = ({ columns, count }: Panels): number => 4 * Math.ceil(columns / 4) * count;

/** Larger filters are read too often from memory: transformed ones have four times their size. */
const largestTransformed = 2 ** 16;

/** A pass with its part of the packed filter. */
export interface PackedPass {
  readonly pass: Pass;
  /** Whether it is computed by transformed tiles. */
  readonly isTransformed: boolean;
  /** Panels of the filter, and where they begin in it. */
  readonly groups: readonly { readonly panels: Panels; readonly offset: number }[];
  readonly end: number;
}

const plans = new WeakMap<tf.DataId, readonly PackedPass[]>();

/** The passes of a packed filter. */
export const packedPasses = ({ dataId }: tf.TensorInfo): readonly PackedPass[] => plans.get(dataId)!;

function planOf(pass: Pass, start: number, from: number, to: number): PackedPass {
  const { rows, columns, stride, outStride } = pass;
  const fits = rows === 3 && columns === 3 && stride === 1 && outStride === 1;
  const isSmall = from * to <= largestTransformed && tilesInScratch(from, to) > 0;
  const isTransformed = fits && isSmall && from % 4 === 0 && to % 4 === 0;
  let end = start;
  const groups = panelsOf(to).map((panels) => {
    const offset = end;
    end += (isTransformed ? places : rows * columns) * from * paddedWidth(panels);
    return { panels, offset };
  });
  return { pass, isTransformed, groups, end };
}

/** A filter `[height, width, in, out]`, packed for the convolution or its transpose. */
export function packFilter(
  backend: WasmTfBackend,
  filter: tf.TensorInfo,
  place: PackFilterAttributes,
): tf.TensorInfo {
  const [, width, inChannels, outChannels] = filter.shape as [number, number, number, number];
  const [from, to] = place.transposed ? [outChannels, inChannels] : [inChannels, outChannels];
  const passes: PackedPass[] = [];
  for (const pass of passesOf(filter.shape, place)) {
    passes.push(planOf(pass, passes.at(-1)?.end ?? 0, from, to));
  }
  const packed = backend.makeOutput([passes.at(-1)!.end], 'float32');
  plans.set(packed.dataId, passes);
  const floats = ({ dataId, shape }: tf.TensorInfo) => {
    // Before the memory is viewed, which grows if the tensor comes from another backend.
    const address = backend.getMemoryOffset(dataId);
    return new Float32Array(backend.wasm.HEAPU8.buffer, address, sizeOf({ shape }));
  };
  const [weights, result] = [floats(filter), floats(packed)];
  result.fill(0);
  for (const { pass, isTransformed, groups } of passes) {
    // Where the weights of each tap begin, if it has any.
    const taps = Array.from({ length: pass.rows * pass.columns }, (_, tap) => {
      const source = pass.tapOf(Math.floor(tap / pass.columns), tap % pass.columns);
      return source && (source[0] * width + source[1]) * inChannels * outChannels;
    });
    const own = new Float64Array(taps.length);
    const cells = isTransformed ? new Float64Array(places) : own;
    for (const { panels, offset } of groups) {
      const row = paddedWidth({ ...panels, count: 1 });
      // Places are separate products; taps follow each other in one.
      const panelStep = (isTransformed ? 1 : cells.length) * from * row;
      const cellStep = (isTransformed ? panels.count : 1) * from * row;
      for (let c = 0; c < panels.count * panels.columns; c++) {
        const first = offset + Math.floor(c / panels.columns) * panelStep + (c % panels.columns);
        const column = panels.first + c;
        for (let k = 0; k < from; k++) {
          const channels = place.transposed ? column * outChannels + k : k * outChannels + column;
          for (let tap = 0; tap < taps.length; tap++) {
            const start = taps[tap];
            own[tap] = start === undefined ? 0 : weights[start + channels]!;
          }
          if (isTransformed) transformFilter(own, cells);
          for (let cell = 0, at = first + k * row; cell < cells.length; cell++, at += cellStep) {
            result[at] = cells[cell]!;
          }
        }
      }
    }
  }
  return packed;
}
