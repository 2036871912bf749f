import type * as tf from '@tensorflow/tfjs-core';
import {
  channelsOf,
  floatsOfPart,
  forEachImage,
  fromPixel,
  loopCall,
  type Operand,
  rowsOf,
  skip,
} from '../kernel';
import type { Loop } from '../loop';
import { type Part, runParts, threadsOf, type WasmTfBackend } from '../run';
import { add, greatest, multiply, type Value, whereAbove, zero } from '../values';

/** Where the pixels that a convolution reads are. Steps are in bytes. */
export interface InputImage {
  /** Address of the pixel in row 0 and column 0. The rows and columns before are zeros that were added. */
  readonly address: number;
  readonly pixel: number;
  readonly row: number;
  readonly image: number;
  /** Whether the pixels of all images follow one another, with nothing added. */
  readonly isPlain: boolean;
  /** Frees the memory, if it is not that of x. */
  free(): void;
}

/** What is done to x while it is copied. */
export interface Preparation {
  readonly gate?: tf.TensorInfo;
  readonly style?: tf.TensorInfo;
  readonly scale?: tf.TensorInfo;
  readonly shift?: tf.TensorInfo;
}

const operandKinds = {
  x: 'image',
  gate: 'image',
  style: 'channels',
  scale: 'channels',
  shift: 'channels',
} as const;
type Name = keyof typeof operandKinds;

const loops = new Map<string, Loop>();

/** The loop that prepares x with some operands. */
function preparing(names: readonly Name[]): Loop {
  const key = names.join();
  const loop = loops.get(key) ?? {
    operands: Object.fromEntries(names.map((name) => [name, operandKinds[name]])),
    inLines: true,
    value(operands) {
      const { x, gate, style, scale, shift } = operands as Record<'x', Value> & Partial<Record<Name, Value>>;
      let value = gate ? whereAbove(gate, zero, x, zero) : x;
      if (style) value = multiply(value, style);
      return scale && shift ? greatest(add(multiply(value, scale), shift), zero) : value;
    },
  };
  loops.set(key, loop);
  return loop;
}

/**
 * The channels of x from `start` on, prepared and with the zeros around it that the passes read. It is x itself if there is
 * nothing to do.
 */
export function inputImage(
  backend: WasmTfBackend,
  { x, start, channels }: { x: tf.TensorInfo; start: number; channels: number },
  preparation: Preparation,
  reads: readonly { first: readonly [number, number]; last: readonly [number, number] }[],
): InputImage {
  const [images, height, width] = x.shape as [number, number, number];
  const above = Math.max(0, ...reads.map(({ first }) => -first[0]));
  const before = Math.max(0, ...reads.map(({ first }) => -first[1]));
  const below = Math.max(0, ...reads.map(({ last }) => last[0] - height + 1));
  const after = Math.max(0, ...reads.map(({ last }) => last[1] - width + 1));
  const names = (Object.keys(operandKinds) as Name[]).filter(
    (name) => name === 'x' || preparation[name] !== undefined,
  );
  const isPlain = names.length === 1 && channelsOf(x) === channels && above + below + before + after === 0;
  if (isPlain) {
    const pixel = 4 * channels;
    const row = width * pixel;
    return {
      ...{ address: backend.getMemoryOffset(x.dataId), pixel, row, image: height * row, isPlain },
      free() {},
    };
  }
  const line = (before + width + after) * channels;
  const lines = above + height + below;
  const copy = backend.makeOutput([images, lines, line], 'float32');
  const rows = { ...rowsOf(backend, copy), step: channels };
  const clear = (from: number, floats: number) => {
    const address = rows.address + 4 * from;
    // Viewed anew: operands that come from another backend may make the memory grow.
    backend.wasm.HEAPU8.fill(0, address, address + 4 * floats);
  };
  const loop = preparing(names);
  const parts: Part[] = [];
  const shape = [images, height, width, channels];
  const operands = { x: { image: x, start }, ...preparation } as Record<string, Operand>;
  forEachImage(backend, loop, shape, operands, (image, _extent, values) => {
    const first = image * lines * line;
    clear(first, above * line + before * channels);
    for (let row = 0; row < height; row++) {
      const next = row < height - 1 ? before * channels : below * line;
      clear(first + (above + row) * line + (before + width) * channels, after * channels + next);
    }
    const step = threadsOf(backend) > 1 ? Math.ceil(floatsOfPart / (width * channels)) : height;
    for (let top = 0; top < height; top += step) {
      const extent = {
        ...{ pixels: width, channels, gap: (before + after) * channels },
        lines: Math.min(step, height - top),
      };
      const to = skip(rows, first + (above + top) * line + before * channels);
      parts.push([loopCall(loop, extent, to, fromPixel(loop, values, top * width))]);
    }
  });
  runParts(backend, parts);
  return {
    address: rows.address + 4 * (above * line + before * channels),
    ...{ pixel: 4 * channels, row: 4 * line, image: 4 * lines * line, isPlain },
    free: () => backend.disposeData(copy.dataId),
  };
}
