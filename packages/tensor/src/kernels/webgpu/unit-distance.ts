import type * as tf from '@tensorflow/tfjs-core';
import { sumShares } from './channel-sums';
import { webgpuKernel } from './kernel';
import { disposeInfo, runProgram, vectorOf } from './program';

type Shape = [number, number, number, number];

interface Attributes {
  readonly epsilon: number;
}

/** Threads per pixel, which share its channels, and pixels per workgroup. */
const lanes = 16;
const lines = 16;
/** Most workgroups per image. */
const mostShares = 256;

function sizesOf(x: tf.TensorInfo, target: tf.TensorInfo) {
  const [n, height, width, channels] = x.shape as Shape;
  const pixels = height * width;
  const vector = vectorOf(channels);
  // The modulo by goalPixels repeats a single target for every image.
  const integers = { channels: channels / vector, pixels, goalPixels: target.shape[0]! * pixels };
  return { n, pixels, vector, integers };
}

/** WGSL: the sum of the components of a V, and sums over groups of threads, which all threads must call. */
const functions = (vector: number) => `var<workgroup> sums : array<f32, ${lanes * lines}>;
fn total(v : V) -> f32 { return ${vector === 1 ? 'v' : 'dot(v, V(1))'}; }
fn sumOf(value : f32, group : u32) -> f32 {
  workgroupBarrier();
  sums[localIndex] = value;
  for (var step = group / 2u; step > 0u; step /= 2u) {
    workgroupBarrier();
    if (localIndex % group < step) { sums[localIndex] += sums[localIndex + step]; }
  }
  workgroupBarrier();
  return sums[localIndex / group * group];
}`;

const threadPlace = `let lane = i32(localIndex) % ${lanes};
  let line = i32(localIndex) / ${lanes};
  let image = i32(workgroupId.y) * uniforms.pixels;`;

/** WGSL: `size`, the length of the pixel `pixel`, and `inverse`, its reciprocal. */
const measure = `let exists = pixel < uniforms.pixels;
  let at = (image + pixel) * uniforms.channels;
  let goalAt = ((image + pixel) % uniforms.goalPixels) * uniforms.channels;
  var squares = 0.0;
  if (exists) {
    for (var c = lane; c < uniforms.channels; c += ${lanes}) { squares += total(x[at + c] * x[at + c]); }
  }
  let size = sqrt(sumOf(squares, ${lanes}u));
  let inverse = 1.0 / (size + uniforms.epsilon);`;

/** `faceanim/UnitDistance`, in one pass over the pixels, and its gradient. */
export const unitDistanceKernels = [
  webgpuKernel<'x' | 'target' | 'weights', Attributes>(
    'faceanim/UnitDistance',
    ({ x, target, weights }, { epsilon }) => {
      // Called `goal` in the code: `target` is a reserved word of WGSL.
      const { n, pixels, vector, integers } = sizesOf(x, target);
      const shares = Math.min(mostShares, Math.ceil(pixels / lines));
      const rounds = Math.ceil(pixels / (shares * lines));
      const sums = runProgram({
        name: 'unitDistance',
        outputShape: [n, shares],
        inputs: { x, goal: target, weights },
        vector,
        scalarResult: true,
        floats: { epsilon },
        integers: { ...integers, shares, rounds },
        workgroups: [shares, n],
        threads: lanes * lines,
        code: `${functions(vector)}
fn main(_i : i32) {
  ${threadPlace}
  var sum = 0.0;
  for (var round = 0; round < uniforms.rounds; round++) {
    let pixel = (round * uniforms.shares + i32(workgroupId.x)) * ${lines} + line;
    ${measure}
    if (exists) {
      for (var c = lane; c < uniforms.channels; c += ${lanes}) {
        let difference = x[at + c] * inverse - goal[goalAt + c];
        sum += total(weights[c] * difference * difference);
      }
    }
  }
  sum = sumOf(sum, ${lanes * lines}u);
  if (localIndex == 0u) {
    result[i32(workgroupId.y) * uniforms.shares + i32(workgroupId.x)] = sum / f32(uniforms.pixels);
  }
}`,
      });
      if (shares === 1) return { ...sums, shape: [n] };
      const whole = sumShares(sums, [n]);
      disposeInfo(sums);
      return whole;
    },
  ),
  webgpuKernel<'dy' | 'x' | 'target' | 'weights', Attributes>(
    'faceanim/UnitDistanceGradient',
    ({ dy, x, target, weights }, { epsilon }) => {
      const { n, pixels, vector, integers } = sizesOf(x, target);
      return runProgram({
        name: 'unitDistanceGradient',
        outputShape: x.shape,
        inputs: { dy, x, goal: target, weights },
        vector,
        scalars: ['dy'],
        floats: { epsilon },
        integers,
        workgroups: [Math.ceil(pixels / lines), n],
        threads: lanes * lines,
        code: `${functions(vector)}
fn main(_i : i32) {
  ${threadPlace}
  let pixel = i32(workgroupId.x) * ${lines} + line;
  ${measure}
  var along = 0.0;
  if (exists) {
    for (var c = lane; c < uniforms.channels; c += ${lanes}) {
      let y = x[at + c] * inverse;
      along += total(weights[c] * (y - goal[goalAt + c]) * y);
    }
  }
  // Normalising removes the component of the gradient along the pixel. At length 0, any finite value will do.
  let radial = sumOf(along, ${lanes}u) / (inverse * (size + 1e-20));
  if (exists) {
    let factor = 2.0 * dy[workgroupId.y] / f32(uniforms.pixels) * inverse;
    for (var c = lane; c < uniforms.channels; c += ${lanes}) {
      let y = x[at + c] * inverse;
      result[at + c] = (weights[c] * (y - goal[goalAt + c]) - y * radial) * factor;
    }
  }
}`,
      });
    },
  ),
];
