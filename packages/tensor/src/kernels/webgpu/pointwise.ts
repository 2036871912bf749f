import type * as tf from '@tensorflow/tfjs-core';
import type { Arithmetic, PointwiseAttributes, PointwiseSource } from '../../ops/pointwise';
import { webgpuKernel } from './kernel';
import { runProgram } from './program';

const threads = 64;

/** `faceanim/Pointwise`. */
export const pointwiseKernel = webgpuKernel<string, PointwiseAttributes>(
  'faceanim/Pointwise',
  (tensors, { name, shape, formula, sources, numbers }) => {
    const [n, rows, columns] = shape;
    const { body, results } = compile(formula, sources, numbers);
    const elements = n * rows * columns;
    return runProgram({
      // Inputs may be numbers or tensors, and several may be of the same tensor.
      name: `pointwise_${name}_${sources.map((source) => source.name + source.tensor).join('_')}`,
      outputShape: [n, results * rows, columns],
      inputs: tensors as Record<string, tf.TensorInfo>,
      integers: { rows, columns, points: elements, ...Object.assign({}, ...sources.map(placeOf)) },
      floats: numbers,
      workgroups: [Math.ceil(elements / threads), 1],
      threads,
      code: `fn main(i : i32) {
  if (i >= uniforms.points) { return; }
  let column = i % uniforms.columns;
  let row = (i / uniforms.columns) % uniforms.rows;
  let n = i / (uniforms.columns * uniforms.rows);
  let start = (n * ${results} * uniforms.rows + row) * uniforms.columns + column;
  ${body}
}`,
    });
  },
);

const placeOf = ({ name, offset, strides }: PointwiseSource) => ({
  [`${name}At`]: offset,
  [`${name}N`]: strides[0],
  [`${name}Row`]: strides[1],
  [`${name}Column`]: strides[2],
});

/** WGSL that reads the inputs, evaluates the formula and writes its results. */
function compile(
  formula: PointwiseAttributes['formula'],
  sources: readonly PointwiseSource[],
  numbers: Readonly<Record<string, number>>,
): { body: string; results: number } {
  const lines: string[] = [];
  const conditions = new Set<string>();
  const define = (code: string) => {
    const name = `v${lines.length}`;
    lines.push(`let ${name} = ${code};`);
    return name;
  };
  const condition = (code: string) => {
    const name = define(code);
    conditions.add(name);
    return name;
  };
  const math: Arithmetic<string> = {
    constant: (value) => `f32(${value})`,
    add: (a, b) => define(`${a} + ${b}`),
    sub: (a, b) => define(`${a} - ${b}`),
    mul: (a, b) => define(`${a} * ${b}`),
    div: (a, b) => define(`${a} / ${b}`),
    minimum: (a, b) => define(`min(${a}, ${b})`),
    maximum: (a, b) => define(`max(${a}, ${b})`),
    abs: (a) => define(`abs(${a})`),
    sign: (a) => define(`sign(${a})`),
    sqrt: (a) => define(`sqrt(${a})`),
    less: (a, b) => condition(`${a} < ${b}`),
    // By its bits, since shader compilers may assume that there is neither NaN nor infinity.
    isFinite: (a) => condition(`(bitcast<u32>(${a}) & 0x7f800000u) != 0x7f800000u`),
    and: (a, b) => condition(`${a} && ${b}`),
    or: (a, b) => condition(`${a} || ${b}`),
    not: (a) => condition(`!${a}`),
    where: (when, a, b) => define(`select(${b}, ${a}, ${when})`),
  };
  const inputs = [
    ...sources.map(({ name, tensor }) => [
      name,
      define(
        `${tensor}[uniforms.${name}At + n * uniforms.${name}N + row * uniforms.${name}Row + column * uniforms.${name}Column]`,
      ),
    ]),
    ...Object.keys(numbers).map((name) => [name, `uniforms.${name}`]),
  ];
  const results = formula(math, Object.fromEntries(inputs) as Record<string, string>);
  results.forEach((result, k) => {
    const value = conditions.has(result) ? `select(0.0, 1.0, ${result})` : result;
    lines.push(`result[start + ${k} * uniforms.rows * uniforms.columns] = ${value};`);
  });
  return { body: lines.join('\n  '), results: results.length };
}
