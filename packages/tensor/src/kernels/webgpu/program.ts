import * as tf from '@tensorflow/tfjs-core';

/** A compute shader as tfjs' WebGPU backend takes it. tfjs adds bindings, uniforms and helpers to the code. */
interface WebgpuProgram {
  readonly outputShape: number[];
  /** Key of the code in the shader cache; tfjs adds ranks and types, not sizes. */
  shaderKey: string;
  readonly dispatchLayout: { x: number[] };
  dispatch: [number, number, number];
  readonly variableNames: string[];
  /** Components of the elements of each input. */
  readonly variableComponents: number[];
  /** Components of the elements of the output. */
  readonly outputComponent: number;
  readonly workgroupSize: [number, number, number];
  /** WGSL for members of the struct `uniforms`, beside those of tfjs. */
  readonly uniforms: string;
  getUserCode(): string;
}

/** The part of tfjs' WebGPU backend that kernels use. */
interface WebgpuKernelBackend {
  runWebGPUProgram(
    program: WebgpuProgram,
    inputs: readonly tf.TensorInfo[],
    dtype: tf.DataType,
    uniforms: { type: 'int32' | 'float32'; data: number[] }[],
  ): tf.TensorInfo;
  disposeData(dataId: object): boolean;
  incRef(dataId: object): void;
  readonly device: { readonly limits: { readonly maxStorageBufferBindingSize: number } };
}

/** A compute shader for {@link runProgram}. */
export interface Program {
  /** Name in the shader cache, unique to the code. */
  readonly name: string;
  readonly outputShape: readonly number[];
  /** Inputs by their name in the code, where each is an array of `V`. */
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  /** Components of `V`: 1 is f32, 4 is vec4<f32>. Default 1. */
  readonly vector?: number;
  /** Names of inputs that are arrays of f32 instead of `V`. */
  readonly scalars?: readonly string[];
  /** Whether the result is an array of f32 instead of `V`. Default false. */
  readonly scalarResult?: boolean;
  /** Type of the result. Default `float32`. */
  readonly dtype?: 'float32' | 'int32';
  /** Integers by their name in `uniforms`. */
  readonly integers?: Readonly<Record<string, number>>;
  /** Floats by their name in `uniforms`. */
  readonly floats?: Readonly<Record<string, number>>;
  /** Number of workgroups along x and y. Default: one thread per element of the result. */
  readonly workgroups?: readonly [number, number];
  /** Threads per workgroup. Default 64. */
  readonly threads?: number;
  /**
   * WGSL with a function `main(i : i32)` that gets the index of the thread and writes to the array `result`, which has
   * `uniforms.elements` elements.
   */
  readonly code: string;
}

/** Runs a program on the active WebGPU backend. */
export function runProgram(program: Program): tf.TensorInfo {
  const { name, inputs, vector = 1, scalars = [], integers = {}, floats = {}, threads = 64 } = program;
  const outputComponent = program.scalarResult ? 1 : vector;
  const outputShape = [...program.outputShape];
  const size = tf.util.sizeFromShape(outputShape);
  const members = { elements: size / outputComponent, ...integers };
  const names = Object.keys(inputs);
  const components = names.map((input) => (scalars.includes(input) ? 1 : vector));
  const full: WebgpuProgram = {
    outputShape: [size],
    shaderKey: `faceanim_${name}_${vector}_${components}_${outputComponent}`,
    dispatchLayout: { x: [0] },
    dispatch: [...(program.workgroups ?? ([Math.ceil(members.elements / threads), 1] as const)), 1],
    variableNames: names,
    variableComponents: components,
    outputComponent,
    workgroupSize: [threads, 1, 1],
    uniforms: [
      ...Object.keys(members).map((member) => `${member} : i32, `),
      ...Object.keys(floats).map((member) => `${member} : f32, `),
    ].join(''),
    getUserCode: () => `alias V = ${vector === 1 ? 'f32' : `vec${vector}<f32>`};\n${program.code}`,
  };
  // tfjs makes one pipeline per combination of ranks, and we do not need its helpers for indexing: flat shapes do.
  const flat = Object.values(inputs).map((input) => ({
    ...input,
    shape: [tf.util.sizeFromShape(input.shape)],
  }));
  const { dataId, dtype } = activeBackend().runWebGPUProgram(full, flat, program.dtype ?? 'float32', [
    ...Object.values(members).map((value) => ({ type: 'int32' as const, data: [value] })),
    ...Object.values(floats).map((value) => ({ type: 'float32' as const, data: [value] })),
  ]);
  return { dataId, dtype, shape: outputShape };
}

/** A `main` that computes element `i` of the result. */
export function eachElement(body: string): string {
  return `fn main(i : i32) {
  if (i >= uniforms.elements) { return; }
  ${body}
}`;
}

/** Frees an intermediate result. */
export function disposeInfo({ dataId }: tf.TensorInfo): void {
  activeBackend().disposeData(dataId);
}

/** A tensor as the result of a kernel, without a copy. */
export function shareData({ dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo {
  activeBackend().incRef(dataId);
  // A new object: tfjs would take the tensor itself for a result that it knows already.
  return { dataId, shape, dtype };
}

/** Most floats in an input or result of a program. */
export function largestArray(): number {
  return activeBackend().device.limits.maxStorageBufferBindingSize / 4;
}

/** Components of an element: 4 if all these counts are multiples of 4, else 1. */
export function vectorOf(...counts: number[]): number {
  return counts.every((count) => count % 4 === 0) ? 4 : 1;
}

function activeBackend(): WebgpuKernelBackend {
  return tf.backend() as unknown as WebgpuKernelBackend;
}
