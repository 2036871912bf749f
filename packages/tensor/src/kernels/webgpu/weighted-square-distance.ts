import { webgpuKernel } from './kernel';
import { eachElement, runProgram, vectorOf } from './program';
import { sumImages } from './sum-images';

type Shape = [number, number, number, number];

/** `faceanim/WeightedSquareDistance` and its gradient. */
export const weightedSquareDistanceKernels = [
  webgpuKernel<'a' | 'b' | 'weights'>('faceanim/WeightedSquareDistance', (inputs) => {
    const [n, height, width, channels] = inputs.a.shape as Shape;
    return sumImages({
      name: 'weightedSquareDistance',
      count: n,
      terms: height * width * channels,
      inputs,
      integers: { channels },
      term: `weights[k % uniforms.channels]
      * (a[n * uniforms.terms + k] - b[n * uniforms.terms + k]) * (a[n * uniforms.terms + k] - b[n * uniforms.terms + k])`,
    });
  }),
  webgpuKernel<'dy' | 'a' | 'b' | 'weights'>('faceanim/WeightedSquareDistanceGradient', (inputs) => {
    const [, height, width, channels] = inputs.a.shape as Shape;
    const vector = vectorOf(channels);
    return runProgram({
      name: 'weightedSquareDistanceGradient',
      outputShape: inputs.a.shape,
      inputs,
      vector,
      scalars: ['dy'],
      integers: { channels: channels / vector, imageSize: (height * width * channels) / vector },
      code: eachElement(
        'result[i] = (a[i] - b[i]) * weights[i % uniforms.channels] * (2.0 * dy[i / uniforms.imageSize]);',
      ),
    });
  }),
];
