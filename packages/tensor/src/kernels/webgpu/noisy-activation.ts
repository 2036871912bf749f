import type * as tf from '@tensorflow/tfjs-core';
import { sumPixels } from './channel-sums';
import { webgpuKernel } from './kernel';
import { type Activation, activationFloats, slopeFunction } from './leaky-relu';
import { eachElement, runProgram, vectorOf } from './program';

function sizesOf(x: tf.TensorInfo) {
  const [, height, width, channels] = x.shape as [number, number, number, number];
  const vector = vectorOf(channels);
  return {
    vector,
    integers: { channels: channels / vector, imageSize: (height * width * channels) / vector },
  };
}

const place = `let c = i % uniforms.channels;
  let factor = scale[(i / uniforms.imageSize) * uniforms.channels + c];`;

/** `faceanim/NoisyActivation` and its gradients. */
export const noisyActivationKernels = [
  webgpuKernel<'x' | 'scale' | 'bias' | 'noise', Activation & { strength: number }>(
    'faceanim/NoisyActivation',
    ({ noise, ...inputs }, { strength, ...activation }) => {
      const { vector, integers } = sizesOf(inputs.x);
      const noiseSize = noise?.shape.reduce((a, b) => a * b) ?? 0;
      return runProgram({
        name: noise ? 'noisyActivation' : 'noisyActivation_none',
        outputShape: inputs.x.shape,
        inputs: { ...inputs, ...(noise && { noise }) },
        vector,
        scalars: ['noise'],
        integers: { ...integers, noiseSize },
        floats: { ...activationFloats(activation), strength },
        // The modulo repeats a single map for every image.
        code: eachElement(`${place}
  let added = ${noise ? 'noise[(i / uniforms.channels) % uniforms.noiseSize] * uniforms.strength' : '0.0'};
  let v = x[i] * factor + bias[c] + V(added);
  let limit = V(uniforms.clamp);
  result[i] = clamp(select(v * uniforms.alpha, v, v > V(0)), -limit, limit);`),
      });
    },
  ),
  webgpuKernel<'dy' | 'y' | 'scale', Activation>('faceanim/NoisyActivationGradient', (inputs, activation) =>
    runProgram({
      name: 'noisyActivationGradient',
      outputShape: inputs.y.shape,
      inputs,
      ...sizesOf(inputs.y),
      floats: activationFloats(activation),
      code: `${slopeFunction}
${eachElement(`${place}
  result[i] = dy[i] * slope(y[i]) * factor;`)}`,
    }),
  ),
  webgpuKernel<'dy' | 'y' | 'x', Activation>('faceanim/NoisyActivationScaleGradient', (inputs, activation) =>
    sumPixels({
      name: 'noisyActivation',
      shape: inputs.x.shape,
      inputs,
      floats: activationFloats(activation),
      functions: slopeFunction,
      term: 'dy[i] * slope(y[i]) * x[i]',
    }),
  ),
];
