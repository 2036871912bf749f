import type * as tf from '@tensorflow/tfjs-core';
import { assemble, type FunctionCode } from './assembler';

/** The part of tfjs' WASM backend that kernels use. */
export interface WasmTfBackend extends tf.KernelBackend {
  readonly wasm: {
    readonly HEAPU8: Uint8Array;
    readonly asm: { readonly memory: WebAssembly.Memory };
    readonly _malloc: (bytes: number) => number;
    readonly threads?: PartRunner;
  };
  makeOutput(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo;
  getMemoryOffset(dataId: tf.DataId): number;
}

/** A call of a function, with a value for each of its parameters. */
export interface Call {
  readonly code: FunctionCode;
  readonly values: readonly number[];
}

/** Calls that one thread makes one after the other. */
export type Part = readonly Call[];

/** Several threads. */
export interface PartRunner {
  /** Their number. */
  readonly count: number;
  /** Runs parts, in any order: those of the calling thread with a function. */
  run(parts: readonly Part[], here: (part: Part) => void): void;
}

/** Size of the memory that functions have for themselves on each thread, in bytes. */
export const scratchBytes = 2 ** 19;

type WasmFunction = (...values: number[]) => void;

interface Compiled {
  readonly functions: Map<FunctionCode, WasmFunction>;
  readonly scratch: number;
}

const compiled = new WeakMap<tf.KernelBackend, Compiled>();

/** Number of threads that run parts. */
export const threadsOf = ({ wasm }: WasmTfBackend): number => wasm.threads?.count ?? 1;

/** Runs parts, in any order and on all threads. */
export function runParts(backend: WasmTfBackend, parts: readonly Part[]): void {
  const { threads } = backend.wasm;
  const run = (part: Part) => {
    for (const { code, values } of part) functionOf(backend, code)(...values);
  };
  if (threads && parts.length > 1) threads.run(parts, run);
  else for (const part of parts) run(part);
}

/** A function on the memory of a backend, compiled when it is first called: pages may compile 4 KB at once, many times its size. */
function functionOf(backend: WasmTfBackend, code: FunctionCode): WasmFunction {
  const known = compiled.get(backend) ?? {
    functions: new Map(),
    scratch: backend.wasm._malloc(scratchBytes),
  };
  compiled.set(backend, known);
  const { functions, scratch } = known;
  const { memory } = backend.wasm.asm;
  const compile = () => {
    const binary = assemble(code, !(memory.buffer instanceof ArrayBuffer));
    const { run } = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory, scratch } })
      .exports;
    return run as WasmFunction;
  };
  const run = functions.get(code) ?? compile();
  functions.set(code, run);
  return run;
}
