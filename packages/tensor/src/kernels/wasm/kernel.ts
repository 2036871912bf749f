import * as tf from '@tensorflow/tfjs-core';
import { bitsOf, type FunctionCode } from './assembler';
import { type Loop, loopCode } from './loop';
import { type Call, type Part, runParts, threadsOf, type WasmTfBackend } from './run';

/** A kernel for tfjs' WASM backend, under a name that `fusedKernel` looks up. */
export function wasmKernel<Input extends string, Attributes = object>(
  kernelName: string,
  run: (
    backend: WasmTfBackend,
    inputs: Record<Input, tf.TensorInfo>,
    attributes: Attributes,
  ) => tf.TensorInfo,
): tf.KernelConfig {
  return {
    kernelName,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs, backend }) =>
      run(backend as WasmTfBackend, inputs as Record<Input, tf.TensorInfo>, attrs as unknown as Attributes),
  };
}

/** Floats in memory, pixel by pixel. */
export interface Rows {
  /** Address of the first one, in bytes. */
  readonly address: number;
  /** Floats from one pixel to the next. */
  readonly step: number;
}

/** The pixels of a tensor `[..., C]`. */
export function rowsOf(backend: WasmTfBackend, { dataId, shape }: tf.TensorInfo): Rows {
  return { address: backend.getMemoryOffset(dataId), step: channelsOf({ shape }) };
}

/** The same rows from some float on. */
export function skip({ address, step }: Rows, floats: number): Rows {
  return { address: address + 4 * floats, step };
}

export const channelsOf = ({ shape }: Pick<tf.TensorInfo, 'shape'>): number => shape.at(-1) ?? 1;
export const sizeOf = ({ shape }: Pick<tf.TensorInfo, 'shape'>): number => tf.util.sizeFromShape(shape);

/** Size of what a loop goes through. */
export interface Extent {
  readonly pixels: number;
  readonly channels: number;
  /** For loops in lines: their number, of so many pixels each, and the floats between them in the result. */
  readonly lines?: number;
  readonly gap?: number;
}

const codes = new WeakMap<Loop, FunctionCode>();

function codeOf(loop: Loop): FunctionCode {
  const code = codes.get(loop) ?? loopCode(loop);
  codes.set(loop, code);
  return code;
}

/** The call that runs a loop. Of operands for each channel or pixel, only the address counts. */
export function loopCall<Name extends string>(
  loop: Loop<Name>,
  { pixels, channels, lines = 1, gap = 0 }: Extent,
  result: Rows,
  operands: Readonly<Record<Name, Rows | number>>,
): Call {
  const values = [pixels, 4 * channels, result.address, 4 * result.step];
  for (const name in loop.operands) {
    const value = operands[name];
    if (typeof value === 'number') {
      values.push(bitsOf(value));
      continue;
    }
    values.push(value.address);
    if (loop.operands[name] === 'image') values.push(4 * value.step);
  }
  if (loop.inLines) values.push(lines, 4 * gap);
  return { code: codeOf(loop), values };
}

/** The operands of a loop from some pixel on. */
export function fromPixel<Name extends string>(
  loop: Loop<Name>,
  operands: Readonly<Record<Name, Rows | number>>,
  pixel: number,
): Record<Name, Rows | number> {
  const moved: Record<Name, Rows | number> = { ...operands };
  for (const name in moved) {
    const operand = moved[name];
    if (typeof operand === 'number' || loop.operands[name] === 'channels') continue;
    moved[name] = skip(operand, loop.operands[name] === 'pixels' ? pixel : pixel * operand.step);
  }
  return moved;
}

/** Floats that a part goes through. */
export const floatsOfPart = 2 ** 14;

/** Runs a loop, on all threads if it is long. */
export function runLoop<Name extends string>(
  backend: WasmTfBackend,
  loop: Loop<Name>,
  { pixels, channels }: Extent,
  result: Rows,
  operands: Readonly<Record<Name, Rows | number>>,
): void {
  const isShared = threadsOf(backend) > 1 && loop.sums !== 'pixels';
  const step = isShared ? Math.ceil(floatsOfPart / channels) : pixels;
  const parts: Part[] = [];
  for (let first = 0; first < pixels; first += step) {
    const extent = { pixels: Math.min(step, pixels - first), channels };
    const rows = skip(result, first * result.step);
    parts.push([loopCall(loop, extent, rows, first > 0 ? fromPixel(loop, operands, first) : operands)]);
  }
  runParts(backend, parts);
}

/** Channels of an image, from `start` on. */
export interface SomeChannels {
  readonly image: tf.TensorInfo;
  readonly start: number;
}

/** What a loop reads. */
export type Operand = number | tf.TensorInfo | SomeChannels;

/**
 * Calls `run` for each image of a batch `[N, ..., C]` with its operands. A tensor may have a batch too, or be the same for
 * all images.
 */
export function forEachImage<Name extends string>(
  backend: WasmTfBackend,
  loop: Loop<Name>,
  shape: readonly number[],
  operands: Readonly<Record<Name, Operand>>,
  run: (index: number, extent: Extent, operands: Record<Name, Rows | number>) => void,
): void {
  const images = shape.length < 4 ? 1 : shape[0]!;
  const channels = channelsOf({ shape: [...shape] });
  const pixels = sizeOf({ shape: [...shape] }) / channels / images;
  const place = (name: Name, index: number): Rows | number => {
    const operand: Operand = operands[name];
    if (typeof operand === 'number') return operand;
    const [tensor, start] = 'image' in operand ? [operand.image, operand.start] : [operand, 0];
    const kind = loop.operands[name];
    const floats = { image: pixels * channelsOf(tensor), channels, pixels, number: 1 }[kind];
    const rows = skip(rowsOf(backend, tensor), start + (sizeOf(tensor) > floats ? index * floats : 0));
    return kind === 'number' ? floatAt(backend, rows.address) : rows;
  };
  for (let index = 0; index < images; index++) {
    const values = {} as Record<Name, Rows | number>;
    for (const name in loop.operands) values[name] = place(name, index);
    run(index, { pixels, channels }, values);
  }
}

function floatAt({ wasm }: WasmTfBackend, address: number): number {
  return new DataView(wasm.HEAPU8.buffer).getFloat32(address, true);
}

/** The result of a loop for each channel of each pixel of images `[N, ..., C]`, in a new tensor or in place of another. */
export function mapPixels<Name extends string>(
  backend: WasmTfBackend,
  loop: Loop<Name>,
  shape: readonly number[],
  operands: Readonly<Record<Name, Operand>>,
  output = backend.makeOutput(shape, 'float32'),
): tf.TensorInfo {
  const rows = rowsOf(backend, output);
  forEachImage(backend, loop, shape, operands, (index, extent, values) =>
    runLoop(backend, loop, extent, skip(rows, index * extent.pixels * extent.channels), values),
  );
  return output;
}
