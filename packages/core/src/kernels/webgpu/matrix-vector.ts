import type * as tf from '@tensorflow/tfjs-core';
import { webgpuKernel } from './kernel';
import { runProgram } from './program';

/** Sums over one axis of a matrix `[rows, columns]`, for each of some vectors. */
interface MatrixSums {
  readonly name: string;
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  readonly floats?: Readonly<Record<string, number>>;
  /** WGSL for the term at vector `n`, row `r`, column `c`. */
  readonly term: string;
  /** WGSL for the result from `sum`, at vector `n` and what is not summed over. */
  readonly finish: string;
}

/** Threads that read a row of the matrix side by side, and rows that a workgroup reads at a time. */
const lanes = 16;
const lines = 16;

const halve = (index: string, offset: string) => `sums[localIndex] = sum;
  for (var step = 8; step > 0; step /= 2) {
    workgroupBarrier();
    if (${index} < step) { sums[localIndex] += sums[i32(localIndex) + step${offset}]; }
  }`;

const prelude = `var<workgroup> sums : array<f32, ${lanes * lines}>;
fn main(_i : i32) {
  let lane = i32(localIndex) % ${lanes};
  let line = i32(localIndex) / ${lanes};
  let n = i32(workgroupId.y);
  var sum = 0.0;`;

/** Over rows: to `[count, columns]`. A workgroup takes some columns. */
function sumRows({ name, count, rows, columns, inputs, floats, term, finish }: MatrixSums): tf.TensorInfo {
  return runProgram({
    name,
    outputShape: [count, columns],
    inputs,
    floats,
    integers: { rows, columns },
    workgroups: [Math.ceil(columns / lanes), count],
    threads: lanes * lines,
    code: `${prelude}
  let c = i32(workgroupId.x) * ${lanes} + lane;
  if (c < uniforms.columns) {
    for (var r = line; r < uniforms.rows; r += ${lines}) { sum += ${term}; }
  }
  ${halve('line', ` * ${lanes}`)}
  if (line == 0 && c < uniforms.columns) {
    sum = sums[localIndex];
    result[n * uniforms.columns + c] = ${finish};
  }
}`,
  });
}

/** Over columns: to `[count, rows]`. A workgroup takes some rows. */
function sumColumns({ name, count, rows, columns, inputs, floats, term, finish }: MatrixSums): tf.TensorInfo {
  return runProgram({
    name,
    outputShape: [count, rows],
    inputs,
    floats,
    integers: { rows, columns },
    workgroups: [Math.ceil(rows / lines), count],
    threads: lanes * lines,
    code: `${prelude}
  let r = i32(workgroupId.x) * ${lines} + line;
  if (r < uniforms.rows) {
    for (var c = lane; c < uniforms.columns; c += ${lanes}) { sum += ${term}; }
  }
  ${halve('lane', '')}
  if (lane == 0 && r < uniforms.rows) {
    sum = sums[localIndex];
    result[n * uniforms.rows + r] = ${finish};
  }
}`,
  });
}

function sizes(vectors: tf.TensorInfo, matrix: tf.TensorInfo) {
  const [rows, columns] = matrix.shape as [number, number];
  return { count: vectors.shape[0]!, rows, columns };
}

/** WGSL for what is added to a sum over columns. */
const restOfRow = 'rest[n * uniforms.rows + r]';

/** Dense layers of a few vectors, and the demodulation of StyleGAN2. */
export const matrixVectorKernels = [
  webgpuKernel<'x' | 'matrix' | 'bias'>('faceanim/Dense', ({ x, matrix, bias }) =>
    sumRows({
      name: 'dense',
      ...sizes(x, matrix),
      inputs: { x, matrix, bias },
      term: 'x[n * uniforms.rows + r] * matrix[r * uniforms.columns + c]',
      finish: 'sum + bias[c]',
    }),
  ),
  webgpuKernel<'dy' | 'matrix' | 'rest'>('faceanim/DenseGradient', ({ dy, matrix, rest }) =>
    sumColumns({
      name: rest ? 'denseGradientAdd' : 'denseGradient',
      ...sizes(dy, matrix),
      inputs: { dy, matrix, ...(rest && { rest }) },
      term: 'dy[n * uniforms.columns + c] * matrix[r * uniforms.columns + c]',
      finish: rest ? `sum + ${restOfRow}` : 'sum',
    }),
  ),
  webgpuKernel<'style' | 'energy', { gain: number }>('faceanim/Demodulation', ({ style, energy }, { gain }) =>
    sumRows({
      name: 'demodulation',
      ...sizes(style, energy),
      inputs: { style, energy },
      floats: { gain },
      term: 'style[n * uniforms.rows + r] * style[n * uniforms.rows + r] * energy[r * uniforms.columns + c]',
      finish: 'uniforms.gain * inverseSqrt(sum + 1e-8)',
    }),
  ),
  webgpuKernel<'dy' | 'style' | 'energy' | 'factors' | 'rest', { gain: number }>(
    'faceanim/DemodulationGradient',
    ({ dy, style, energy, factors, rest }, { gain }) =>
      sumColumns({
        name: rest ? 'demodulationGradientAdd' : 'demodulationGradient',
        ...sizes(style, energy),
        inputs: { dy, style, energy, factors, ...(rest && { rest }) },
        floats: { gain },
        term: `dy[n * uniforms.columns + c] * energy[r * uniforms.columns + c]
      * factors[n * uniforms.columns + c] * factors[n * uniforms.columns + c] * factors[n * uniforms.columns + c]`,
        finish: `-sum * style[n * uniforms.rows + r] / (uniforms.gain * uniforms.gain)${rest ? ` + ${restOfRow}` : ''}`,
      }),
  ),
];
