import type * as tf from '@tensorflow/tfjs-core';
import { webgpuKernel } from './kernel';
import { runProgram, vectorOf } from './program';

interface Attributes {
  readonly sharpness: number;
  readonly floor: number;
}

/** Threads of a workgroup, which share the cells of 1 or 4 maps. */
const threads = 256;

function sizesOf(x: tf.TensorInfo, { sharpness, floor }: Attributes) {
  const [n, height, width, points] = x.shape as [number, number, number, number];
  const vector = vectorOf(points);
  return {
    vector,
    threads,
    integers: { cells: height * width, width, points: points / vector },
    floats: { sharpness, floor, middleX: (width - 1) / 2, middleY: (height - 1) / 2 },
    workgroups: [points / vector, n] as const,
  };
}

/** WGSL that sums or maximises over the threads of a workgroup, which must all call it. */
const functions = `var<workgroup> shared_ : array<V, ${threads}>;
fn reduced(value : V, add : bool) -> V {
  workgroupBarrier();
  shared_[localIndex] = value;
  for (var step = ${threads / 2}u; step > 0u; step /= 2u) {
    workgroupBarrier();
    if (localIndex < step) {
      let other = shared_[localIndex + step];
      shared_[localIndex] = select(max(shared_[localIndex], other), shared_[localIndex] + other, add);
    }
  }
  workgroupBarrier();
  return shared_[0];
}`;

/** WGSL: the logit of a cell, `largest`, the weight of a cell, and the `total` weight. */
const measure = `let map = i32(workgroupId.x);
  let image = i32(workgroupId.y);
  let first = image * uniforms.cells * uniforms.points + map;
  var most = V(0);
  for (var k = i32(localIndex); k < uniforms.cells; k += ${threads}) {
    most = max(most, x[first + k * uniforms.points] * uniforms.sharpness);
  }
  let largest = reduced(most, false);
  let one = exp(-largest);
  var heat = V(0);
  for (var k = i32(localIndex); k < uniforms.cells; k += ${threads}) {
    heat += exp(max(x[first + k * uniforms.points] * uniforms.sharpness, V(0)) - largest) - one;
  }
  heat = reduced(heat, true);
  let none = one * uniforms.floor;
  let total = heat + none;`;

/** WGSL: values of the maps of a workgroup from an array `[N, points, 3]`, or to it. */
const gather = (array: string, member: number, vector: number) =>
  `V(${Array.from({ length: vector }, (_, k) => `${array}[at + ${3 * k + member}]`).join(', ')})`;
const scatter = (value: string, member: number, vector: number) =>
  Array.from(
    { length: vector },
    (_, k) => `result[at + ${3 * k + member}] = ${value}${vector === 1 ? '' : `[${k}]`};`,
  ).join(' ');
const place = (vector: number) => `let at = 3 * ${vector} * (image * uniforms.points + map);`;

/** `faceanim/SoftArgmax` and its gradient, each in one pass over the maps. */
export const softArgmaxKernels = [
  webgpuKernel<'x', Attributes>('faceanim/SoftArgmax', ({ x }, attributes) => {
    const sizes = sizesOf(x, attributes);
    const { vector } = sizes;
    return runProgram({
      name: 'softArgmax',
      outputShape: [x.shape[0]!, x.shape[3]!, 3],
      inputs: { x },
      ...sizes,
      scalarResult: true,
      code: `${functions}
fn main(_i : i32) {
  ${measure}
  var sumX = V(0);
  var sumY = V(0);
  for (var k = i32(localIndex); k < uniforms.cells; k += ${threads}) {
    let weight = exp(max(x[first + k * uniforms.points] * uniforms.sharpness, V(0)) - largest) - one;
    sumX += weight * f32(k % uniforms.width);
    sumY += weight * f32(k / uniforms.width);
  }
  sumX = (reduced(sumX, true) + none * uniforms.middleX) / total;
  sumY = (reduced(sumY, true) + none * uniforms.middleY) / total;
  let sure = heat / total;
  ${place(vector)}
  if (localIndex == 0u) {
    ${scatter('sumX', 0, vector)}
    ${scatter('sumY', 1, vector)}
    ${scatter('sure', 2, vector)}
  }
}`,
    });
  }),
  webgpuKernel<'dy' | 'x' | 'found' | 'addend', Attributes>(
    'faceanim/SoftArgmaxGradient',
    ({ dy, x, found, addend }, attributes) => {
      const sizes = sizesOf(x, attributes);
      const { vector } = sizes;
      return runProgram({
        name: addend ? 'softArgmaxGradientAdd' : 'softArgmaxGradient',
        outputShape: x.shape,
        inputs: { dy, x, found, ...(addend && { addend }) },
        ...sizes,
        scalars: ['dy', 'found'],
        code: `${functions}
fn main(_i : i32) {
  ${measure}
  ${place(vector)}
  let factor = V(uniforms.sharpness) / total;
  let dX = ${gather('dy', 0, vector)} * factor;
  let dY = ${gather('dy', 1, vector)} * factor;
  let foundX = ${gather('found', 0, vector)};
  let foundY = ${gather('found', 1, vector)};
  for (var k = i32(localIndex); k < uniforms.cells; k += ${threads}) {
    let i = first + k * uniforms.points;
    let logit = x[i] * uniforms.sharpness;
    let along = dX * (f32(k % uniforms.width) - foundX) + dY * (f32(k / uniforms.width) - foundY);
    result[i] = select(V(0), along * exp(logit - largest), logit > V(0))${addend ? ' + addend[i]' : ''};
  }
}`,
      });
    },
  ),
];
