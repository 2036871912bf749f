import * as tf from '@tensorflow/tfjs-core';
import { webgpuKernel } from './kernel';
import { eachElement, runProgram, vectorOf } from './program';
import { sumImages } from './sum-images';

type Shape = [number, number, number, number];

/** `faceanim/WeightedSquareDistance` and its gradient. The modulo by `goals` repeats a single b for every image. */
export const weightedSquareDistanceKernels = [
  webgpuKernel<'a' | 'b' | 'weights'>('faceanim/WeightedSquareDistance', (inputs) => {
    const [n, height, width, channels] = inputs.a.shape as Shape;
    const difference = '(a[n * uniforms.terms + k] - b[(n * uniforms.terms + k) % uniforms.goals])';
    return sumImages({
      name: 'weightedSquareDistance',
      count: n,
      terms: height * width * channels,
      inputs,
      integers: { channels, goals: tf.util.sizeFromShape(inputs.b.shape) },
      term: `weights[k % uniforms.channels] * ${difference} * ${difference}`,
    });
  }),
  webgpuKernel<'dy' | 'a' | 'b' | 'weights' | 'addend'>(
    'faceanim/WeightedSquareDistanceGradient',
    ({ dy, a, b, weights, addend }) => {
      const [, height, width, channels] = a.shape as Shape;
      const vector = vectorOf(channels);
      return runProgram({
        name: addend ? 'weightedSquareDistanceGradientAdd' : 'weightedSquareDistanceGradient',
        outputShape: a.shape,
        inputs: { dy, a, b, weights, ...(addend && { addend }) },
        vector,
        scalars: ['dy'],
        integers: {
          channels: channels / vector,
          imageSize: (height * width * channels) / vector,
          goals: tf.util.sizeFromShape(b.shape) / vector,
        },
        code: eachElement(
          `let factor = weights[i % uniforms.channels] * (2.0 * dy[i / uniforms.imageSize]);
  result[i] = (a[i] - b[i % uniforms.goals]) * factor${addend ? ' + addend[i]' : ''};`,
        ),
      });
    },
  ),
];
