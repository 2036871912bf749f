import * as tf from '@tensorflow/tfjs-core';

/** A compute shader in the form that tfjs' WebGPU backend runs: it adds bindings, uniforms and helpers to the code. */
interface WebgpuProgram {
  readonly outputShape: number[];
  /** Tells programs of different code apart; tfjs adds ranks and types, not sizes. */
  shaderKey: string;
  readonly dispatchLayout: { x: number[] };
  dispatch: [number, number, number];
  readonly variableNames: string[];
  /** Components of the elements of each input. */
  readonly variableComponents: number[];
  /** Components of the elements of the output. */
  readonly outputComponent: number;
  readonly workgroupSize: [number, number, number];
  /** Members of the struct `uniforms` beside those of tfjs, in WGSL. */
  readonly uniforms: string;
  getUserCode(): string;
}

/** The part of tfjs' WebGPU backend that kernels use. */
interface WebgpuKernelBackend {
  runWebGPUProgram(
    program: WebgpuProgram,
    inputs: readonly tf.TensorInfo[],
    dtype: 'float32',
    uniforms: { type: 'int32' | 'float32'; data: number[] }[],
  ): tf.TensorInfo;
  disposeData(dataId: object): boolean;
}

/** What {@link runProgram} runs. */
export interface Program {
  /** Name of the code in the shader cache: different code needs another one. */
  readonly name: string;
  readonly outputShape: readonly number[];
  /** Inputs by their name in the code, where each is a flat array of `V`. */
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  /** Components of `V`: 1 for f32, 4 for vec4<f32>. Default 1. */
  readonly vector?: number;
  /** Names of inputs that are arrays of f32 instead. */
  readonly scalars?: readonly string[];
  /** Whether the result is an array of f32 instead. Default false. */
  readonly scalarResult?: boolean;
  /** Integers by their name in `uniforms`. */
  readonly integers?: Readonly<Record<string, number>>;
  /** Floats by their name in `uniforms`. */
  readonly floats?: Readonly<Record<string, number>>;
  /** Number of workgroups on x and y. Default: a thread for every element of the output. */
  readonly workgroups?: readonly [number, number];
  /** Threads of a workgroup. Default 64. */
  readonly threads?: number;
  /**
   * WGSL with the function `main(i : i32)`, i the index of the thread, which writes the array of V `result`;
   * `uniforms.elements` is the number of its elements.
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
  // Flat shapes: the helpers that tfjs generates from ranks are not needed, and there are fewer pipelines.
  const flat = Object.values(inputs).map((input) => ({
    ...input,
    shape: [tf.util.sizeFromShape(input.shape)],
  }));
  const { dataId, dtype } = activeBackend().runWebGPUProgram(full, flat, 'float32', [
    ...Object.values(members).map((value) => ({ type: 'int32' as const, data: [value] })),
    ...Object.values(floats).map((value) => ({ type: 'float32' as const, data: [value] })),
  ]);
  return { dataId, dtype, shape: outputShape };
}

/** `main` of a program that computes every element of the output by itself. */
export function eachElement(body: string): string {
  return `fn main(i : i32) {
  if (i >= uniforms.elements) { return; }
  ${body}
}`;
}

/** Frees the result of a program that only other programs have read. */
export function disposeInfo({ dataId }: tf.TensorInfo): void {
  activeBackend().disposeData(dataId);
}

/** 4 where all these numbers are multiples of 4, else 1: components of an element. */
export function vectorOf(...counts: number[]): number {
  return counts.every((count) => count % 4 === 0) ? 4 : 1;
}

function activeBackend(): WebgpuKernelBackend {
  return tf.backend() as unknown as WebgpuKernelBackend;
}
