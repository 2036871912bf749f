import * as tf from '@tensorflow/tfjs-core';
import { webgpuKernel } from './kernel';
import { disposeInfo, runProgram, vectorOf } from './program';

/** What {@link sumPixels} adds up. */
export interface PixelSums {
  /** Unique name of the term, for the shader cache. */
  readonly name: string;
  /** `[N, H, W, C]` */
  readonly shape: readonly number[];
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  readonly floats?: Readonly<Record<string, number>>;
  /** WGSL functions that `term` calls. */
  readonly functions?: string;
  /** WGSL of the term at element `i` of the inputs. */
  readonly term: string;
}

/** Threads of a workgroup: lanes take neighbouring channels, rows take pixels. */
const lanes = 16;
const rows = 16;
/** Fewest pixels per workgroup, and most workgroups per image. */
const share = 256;
const mostShares = 128;

/**
 * Sums every channel over all pixels, to `[N, C]`. Each workgroup sums a share of the pixels, then a second program sums
 * the shares; small images need only the first.
 */
export function sumPixels({ name, shape, inputs, floats, functions = '', term }: PixelSums): tf.TensorInfo {
  const [n, height, width, channels] = shape as [number, number, number, number];
  const pixels = height * width;
  const vector = vectorOf(channels);
  const shares = Math.min(mostShares, Math.ceil(pixels / share));
  const sums = runProgram({
    name: `sumPixels_${name}`,
    outputShape: shares === 1 ? [n, channels] : [n, shares, channels],
    inputs,
    vector,
    floats,
    integers: { channels: channels / vector, pixels, shares },
    workgroups: [Math.ceil(channels / vector / lanes), n * shares],
    threads: lanes * rows,
    code: `${functions}
var<workgroup> sums : array<V, ${lanes * rows}>;
fn main(_i : i32) {
  let lane = i32(localIndex) % ${lanes};
  let row = i32(localIndex) / ${lanes};
  let c = i32(workgroupId.x) * ${lanes} + lane;
  let image = i32(workgroupId.y) / uniforms.shares;
  let first = i32(workgroupId.y) % uniforms.shares;
  var sum = V(0);
  if (c < uniforms.channels) {
    for (var pixel = first * ${rows} + row; pixel < uniforms.pixels; pixel += uniforms.shares * ${rows}) {
      let i = (image * uniforms.pixels + pixel) * uniforms.channels + c;
      sum += ${term};
    }
  }
  sums[localIndex] = sum;
  for (var half = ${rows / 2}; half > 0; half /= 2) {
    workgroupBarrier();
    if (row < half) { sums[localIndex] += sums[i32(localIndex) + half * ${lanes}]; }
  }
  if (row == 0 && c < uniforms.channels) { result[i32(workgroupId.y) * uniforms.channels + c] = sums[lane]; }
}`,
  });
  if (shares === 1) return sums;
  const total = sumShares(sums, [n, channels]);
  disposeInfo(sums);
  return total;
}

/** Sums `[N, shares, ...]` over the shares. */
export function sumShares(sums: tf.TensorInfo, outputShape: readonly number[]): tf.TensorInfo {
  const [, shares, ...rest] = sums.shape as [number, number, ...number[]];
  const inner = tf.util.sizeFromShape(rest);
  return runProgram({
    name: 'sumShares',
    outputShape,
    inputs: { x: sums },
    integers: { inner, shares },
    code: `fn main(i : i32) {
  if (i >= uniforms.elements) { return; }
  var at = (i / uniforms.inner) * uniforms.shares * uniforms.inner + i % uniforms.inner;
  var sum = 0.0;
  for (var share = 0; share < uniforms.shares; share++) {
    sum += x[at];
    at += uniforms.inner;
  }
  result[i] = sum;
}`,
  });
}

/** `faceanim/ChannelSums` and `faceanim/ChannelDots`. */
export const channelSumsKernels = [
  webgpuKernel<'x'>('faceanim/ChannelSums', ({ x }) =>
    sumPixels({ name: 'x', shape: x.shape, inputs: { x }, term: 'x[i]' }),
  ),
  webgpuKernel<'a' | 'b'>('faceanim/ChannelDots', ({ a, b }) =>
    sumPixels({ name: 'dot', shape: a.shape, inputs: { a, b }, term: 'a[i] * b[i]' }),
  ),
];
