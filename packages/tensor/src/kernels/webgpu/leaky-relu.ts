import * as tf from '@tensorflow/tfjs-core';
import { webgpuKernel } from './kernel';
import { eachElement, runProgram, vectorOf } from './program';

/** Attributes of a leaky ReLU. */
export interface Activation {
  readonly alpha: number;
  readonly clamp: number;
}

/** {@link Activation} as uniforms. WGSL may assume that there are no infinities, so the clamp is finite. */
export function activationFloats({ alpha, clamp }: Activation): Record<string, number> {
  return { alpha, clamp: Math.min(clamp, 3e38) };
}

/** WGSL: the derivative of a leaky ReLU with a clamp, from its result. */
export const slopeFunction = `fn slope(y : V) -> V {
  return select(V(0), select(V(uniforms.alpha), V(1), y > V(0)), abs(y) < V(uniforms.clamp));
}`;

/** `faceanim/LeakyRelu` and its gradient. */
export const leakyReluKernels = [
  webgpuKernel<'x', Activation>('faceanim/LeakyRelu', ({ x }, activation) =>
    runProgram({
      name: 'leakyRelu',
      outputShape: x.shape,
      inputs: { x },
      vector: vectorOf(tf.util.sizeFromShape(x.shape)),
      floats: activationFloats(activation),
      code: eachElement(`let limit = V(uniforms.clamp);
  let v = x[i];
  result[i] = clamp(select(v * uniforms.alpha, v, v > V(0)), -limit, limit);`),
    }),
  ),
  webgpuKernel<'dy' | 'y', Activation>('faceanim/LeakyReluGradient', ({ dy, y }, activation) =>
    runProgram({
      name: 'leakyReluGradient',
      outputShape: y.shape,
      inputs: { dy, y },
      vector: vectorOf(tf.util.sizeFromShape(y.shape)),
      floats: activationFloats(activation),
      code: `${slopeFunction}
${eachElement('result[i] = dy[i] * slope(y[i]);')}`,
    }),
  ),
];
