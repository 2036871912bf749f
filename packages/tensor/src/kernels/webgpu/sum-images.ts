import type * as tf from '@tensorflow/tfjs-core';
import { sumShares } from './channel-sums';
import { disposeInfo, runProgram } from './program';

/** What {@link sumImages} adds up. */
export interface ImageSums {
  /** Unique name of the term, for the shader cache. */
  readonly name: string;
  readonly count: number;
  /** Number of terms per image. */
  readonly terms: number;
  readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
  readonly integers?: Readonly<Record<string, number>>;
  /** WGSL of the term `k` of image `n`, an f32. */
  readonly term: string;
}

const threads = 256;
/** Fewest terms per thread, and most workgroups per image. */
const share = 8;
const mostShares = 64;

/** Sums each image to a scalar, `[count]`: first within workgroups, then over them. */
export function sumImages({ name, count, terms, inputs, integers, term }: ImageSums): tf.TensorInfo {
  const shares = Math.min(mostShares, Math.ceil(terms / (threads * share)));
  const sums = runProgram({
    name: `sumImages_${name}`,
    outputShape: [count, shares],
    inputs,
    integers: { ...integers, terms, shares },
    workgroups: [shares, count],
    threads,
    code: `var<workgroup> sums : array<f32, ${threads}>;
fn main(_i : i32) {
  let n = i32(workgroupId.y);
  var sum = 0.0;
  for (var k = i32(workgroupId.x * ${threads}u + localIndex); k < uniforms.terms; k += uniforms.shares * ${threads}) {
    sum += ${term};
  }
  sums[localIndex] = sum;
  for (var step = ${threads / 2}u; step > 0u; step /= 2u) {
    workgroupBarrier();
    if (localIndex < step) { sums[localIndex] += sums[localIndex + step]; }
  }
  if (localIndex == 0u) { result[n * uniforms.shares + i32(workgroupId.x)] = sums[0]; }
}`,
  });
  if (shares === 1) return { ...sums, shape: [count] };
  const total = sumShares(sums, [count]);
  disposeInfo(sums);
  return total;
}
