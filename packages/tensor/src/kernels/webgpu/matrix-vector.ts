import type * as tf from '@tensorflow/tfjs-core';
import { webgpuKernel } from './kernel';
import { runProgram } from './program';

/** Sums over one axis of a matrix `[rows, columns]`, for each of several vectors. */
interface MatrixSums {
  readonly name: string;
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  readonly floats?: Readonly<Record<string, number>>;
  /** WGSL of the term at vector `n`, row `r`, column `c`. */
  readonly term: string;
  /** WGSL of the result from `sum`, at vector `n` and the index that is not summed over. */
  readonly finish: string;
}

/** Side of the square of threads in a workgroup: `lane`s read neighbouring columns, `line`s neighbouring rows. */
const square = 16;

/** The index that is kept, its extent and its threads; the index summed over, its threads and their distance. */
const axes = {
  rows: { kept: 'c', of: 'columns', keptBy: 'lane', summed: 'r', summedBy: 'line', apart: square },
  columns: { kept: 'r', of: 'rows', keptBy: 'line', summed: 'c', summedBy: 'lane', apart: 1 },
} as const;

/** Sums over rows to `[count, columns]`, or over columns to `[count, rows]`. */
function sumOver(over: 'rows' | 'columns', sums: MatrixSums): tf.TensorInfo {
  const { name, count, rows, columns, inputs, floats, term, finish } = sums;
  const { kept, of, keptBy, summed, summedBy, apart } = axes[over];
  return runProgram({
    name,
    outputShape: [count, sums[of]],
    inputs,
    floats,
    integers: { rows, columns },
    workgroups: [Math.ceil(sums[of] / square), count],
    threads: square * square,
    code: `var<workgroup> sums : array<f32, ${square * square}>;
fn main(_i : i32) {
  let lane = i32(localIndex) % ${square};
  let line = i32(localIndex) / ${square};
  let n = i32(workgroupId.y);
  let ${kept} = i32(workgroupId.x) * ${square} + ${keptBy};
  var sum = 0.0;
  if (${kept} < uniforms.${of}) {
    for (var ${summed} = ${summedBy}; ${summed} < uniforms.${over}; ${summed} += ${square}) { sum += ${term}; }
  }
  sums[localIndex] = sum;
  for (var step = ${square / 2}; step > 0; step /= 2) {
    workgroupBarrier();
    if (${summedBy} < step) { sums[localIndex] += sums[i32(localIndex) + step * ${apart}]; }
  }
  if (${summedBy} == 0 && ${kept} < uniforms.${of}) {
    sum = sums[localIndex];
    result[n * uniforms.${of} + ${kept}] = ${finish};
  }
}`,
  });
}

function sizes(vectors: tf.TensorInfo, matrix: tf.TensorInfo) {
  const [rows, columns] = matrix.shape as [number, number];
  return { count: vectors.shape[0]!, rows, columns };
}

/** WGSL of the addend of a sum over columns. */
const addendOfRow = 'addend[n * uniforms.rows + r]';

/** `faceanim/Dense` and `faceanim/Demodulation`, for few vectors, and their gradients. */
export const matrixVectorKernels = [
  webgpuKernel<'x' | 'matrix' | 'bias'>('faceanim/Dense', ({ x, matrix, bias }) =>
    sumOver('rows', {
      name: 'dense',
      ...sizes(x, matrix),
      inputs: { x, matrix, bias },
      term: 'x[n * uniforms.rows + r] * matrix[r * uniforms.columns + c]',
      finish: 'sum + bias[c]',
    }),
  ),
  webgpuKernel<'dy' | 'matrix' | 'addend'>('faceanim/DenseGradient', ({ dy, matrix, addend }) =>
    sumOver('columns', {
      name: addend ? 'denseGradientAdd' : 'denseGradient',
      ...sizes(dy, matrix),
      inputs: { dy, matrix, ...(addend && { addend }) },
      term: 'dy[n * uniforms.columns + c] * matrix[r * uniforms.columns + c]',
      finish: addend ? `sum + ${addendOfRow}` : 'sum',
    }),
  ),
  webgpuKernel<'style' | 'energy', { gain: number }>('faceanim/Demodulation', ({ style, energy }, { gain }) =>
    sumOver('rows', {
      name: 'demodulation',
      ...sizes(style, energy),
      inputs: { style, energy },
      floats: { gain },
      term: 'style[n * uniforms.rows + r] * style[n * uniforms.rows + r] * energy[r * uniforms.columns + c]',
      finish: 'uniforms.gain * inverseSqrt(sum + 1e-8)',
    }),
  ),
  webgpuKernel<'dy' | 'style' | 'energy' | 'factors' | 'addend', { gain: number }>(
    'faceanim/DemodulationGradient',
    ({ dy, style, energy, factors, addend }, { gain }) =>
      sumOver('columns', {
        name: addend ? 'demodulationGradientAdd' : 'demodulationGradient',
        ...sizes(style, energy),
        inputs: { dy, style, energy, factors, ...(addend && { addend }) },
        floats: { gain },
        term: `dy[n * uniforms.columns + c] * energy[r * uniforms.columns + c]
      * factors[n * uniforms.columns + c] * factors[n * uniforms.columns + c] * factors[n * uniforms.columns + c]`,
        finish: `-sum * style[n * uniforms.rows + r] / (uniforms.gain * uniforms.gain)${addend ? ` + ${addendOfRow}` : ''}`,
      }),
  ),
];
