import * as tf from '@tensorflow/tfjs-core';
import { assemble } from './assembler';
import { type Loop, loopCode } from './loop';

/** The part of tfjs' WASM backend that kernels use. */
export interface WasmTfBackend extends tf.KernelBackend {
  readonly wasm: { readonly HEAPU8: Uint8Array; readonly asm: { readonly memory: WebAssembly.Memory } };
  makeOutput(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo;
  getMemoryOffset(dataId: tf.DataId): number;
}

type LoopFunction = (...parameters: number[]) => void;

const compiled = new WeakMap<tf.KernelBackend, Map<Loop, LoopFunction>>();

/** A loop on the memory of a backend, compiled when it first runs: pages may compile 4 KB at once, many times its size. */
function functionOf(backend: WasmTfBackend, loop: Loop): LoopFunction {
  const known = compiled.get(backend) ?? new Map<Loop, LoopFunction>();
  compiled.set(backend, known);
  const { memory } = backend.wasm.asm;
  const compile = () => {
    const binary = assemble(loopCode(loop), !(memory.buffer instanceof ArrayBuffer));
    const { run } = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } }).exports;
    return run as LoopFunction;
  };
  const run = known.get(loop) ?? compile();
  known.set(loop, run);
  return run;
}

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
}

/** Runs a loop. Of operands for each channel or pixel, only the address counts. */
export function runLoop<Name extends string>(
  backend: WasmTfBackend,
  loop: Loop<Name>,
  { pixels, channels }: Extent,
  result: Rows,
  operands: Readonly<Record<Name, Rows | number>>,
): void {
  const parameters = [pixels, 4 * channels, result.address, 4 * result.step];
  for (const name in loop.operands) {
    const value = operands[name];
    if (typeof value === 'number') {
      parameters.push(value);
      continue;
    }
    parameters.push(value.address);
    if (loop.operands[name] === 'image') parameters.push(4 * value.step);
  }
  functionOf(backend, loop)(...parameters);
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

/** The result of a loop for each channel of each pixel of images `[N, ..., C]`. */
export function mapPixels<Name extends string>(
  backend: WasmTfBackend,
  loop: Loop<Name>,
  shape: readonly number[],
  operands: Readonly<Record<Name, Operand>>,
): tf.TensorInfo {
  const output = backend.makeOutput(shape, 'float32');
  const rows = rowsOf(backend, output);
  forEachImage(backend, loop, shape, operands, (index, extent, values) =>
    runLoop(backend, loop, extent, skip(rows, index * extent.pixels * extent.channels), values),
  );
  return output;
}
