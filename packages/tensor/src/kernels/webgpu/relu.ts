import * as tf from '@tensorflow/tfjs-core';
import { webgpuKernel } from './kernel';
import { eachElement, runProgram, vectorOf } from './program';

/** Channels of x `[..., C]`. */
const channelsOf = (x: tf.TensorInfo) => x.shape.at(-1) ?? 1;

/** Gradients of ReLUs, and a ReLU with scale and shift. */
export const reluKernels = [
  webgpuKernel<'dy' | 'y'>('faceanim/ReluGradient', ({ dy, y }) =>
    runProgram({
      name: 'reluGradient',
      outputShape: y.shape,
      inputs: { dy, y },
      vector: vectorOf(tf.util.sizeFromShape(y.shape)),
      code: eachElement('result[i] = select(V(0), dy[i], y[i] > V(0));'),
    }),
  ),
  webgpuKernel<'x' | 'scale' | 'shift'>('faceanim/AffineRelu', ({ x, scale, shift }) => {
    const vector = vectorOf(channelsOf(x));
    return runProgram({
      name: 'affineRelu',
      outputShape: x.shape,
      inputs: { x, scale, shift },
      vector,
      integers: { channels: channelsOf(x) / vector },
      code: eachElement(`let c = i % uniforms.channels;
  result[i] = max(x[i] * scale[c] + shift[c], V(0));`),
    });
  }),
  webgpuKernel<'dy' | 'y' | 'scale' | 'rest', { start: number }>(
    'faceanim/AffineReluGradient',
    ({ dy, y, scale, rest }, { start }) => {
      const channels = channelsOf(y);
      const gradient = 'select(V(0), dy[i] * scale[c], y[i] > V(0))';
      if (!rest) {
        const vector = vectorOf(channels);
        return runProgram({
          name: 'affineReluGradient',
          outputShape: y.shape,
          inputs: { dy, y, scale },
          vector,
          integers: { channels: channels / vector },
          code: eachElement(`let c = i % uniforms.channels;
  result[i] = ${gradient};`),
        });
      }
      const vector = vectorOf(channels, channelsOf(rest), start);
      return runProgram({
        name: 'affineReluGradientAdd',
        outputShape: y.shape,
        inputs: { dy, y, scale, rest },
        vector,
        integers: {
          channels: channels / vector,
          restChannels: channelsOf(rest) / vector,
          start: start / vector,
        },
        code: eachElement(`let c = i % uniforms.channels;
  let pixel = i / uniforms.channels;
  result[i] = ${gradient} + rest[pixel * uniforms.restChannels + uniforms.start + c];`),
      });
    },
  ),
];
