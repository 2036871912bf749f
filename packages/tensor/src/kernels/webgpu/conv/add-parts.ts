import type * as tf from '@tensorflow/tfjs-core';
import { eachElement, runProgram, vectorOf } from '../program';
import { type After, afterCode, finish, nameOf } from './conv-functions';

/** What follows the sum. */
export interface Finish {
  readonly bias: tf.TensorInfo | undefined;
  readonly relu: boolean;
  readonly after: After;
  readonly afterInputs: Record<string, tf.TensorInfo>;
  readonly afterIntegers: Record<string, number>;
}

/** Adds up the parts `[part, N, H, W, C]` of a split sum and finishes it. */
export function addParts(
  parts: tf.TensorInfo,
  { bias, relu, after, afterInputs, afterIntegers }: Finish,
): tf.TensorInfo {
  const [count, ...shape] = parts.shape as [number, ...number[]];
  const outChannels = shape.at(-1)!;
  const vector = vectorOf(outChannels);
  return runProgram({
    name: `addConvParts_${nameOf([bias !== undefined, relu], after)}`,
    code: eachElement(/* wgsl */ `
      var sum = V();
      let c = i % (uniforms.outChannels / ${vector});
      for (var part = 0; part < uniforms.count; part++) { sum += parts[part * uniforms.elements + i]; }
      ${finish('sum', { bias: bias && 'bias[c]', relu, type: 'V' })}
      ${afterCode('sum', after)}
      result[i] = sum;`),
    outputShape: shape,
    inputs: { parts, ...(bias && { bias }), ...afterInputs },
    vector,
    integers: { count, outChannels, ...afterIntegers },
  });
}
