import * as tf from '@tensorflow/tfjs-core';
import { webgpuKernel } from './kernel';
import { eachElement, runProgram, vectorOf } from './program';

/** Channels of x `[..., C]`. */
const channelsOf = (x: tf.TensorInfo) => x.shape.at(-1) ?? 1;

/** `faceanim/ReluGradient`, `faceanim/AffineRelu` and its gradient. */
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
  webgpuKernel<'dy' | 'y' | 'scale' | 'addend', { start: number }>(
    'faceanim/AffineReluGradient',
    ({ dy, y, scale, addend }, { start }) => {
      const channels = channelsOf(y);
      const gradient = 'select(V(0), dy[i] * scale[c], y[i] > V(0))';
      if (!addend) {
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
      const vector = vectorOf(channels, channelsOf(addend), start);
      return runProgram({
        name: 'affineReluGradientAdd',
        outputShape: y.shape,
        inputs: { dy, y, scale, addend },
        vector,
        integers: {
          channels: channels / vector,
          addendChannels: channelsOf(addend) / vector,
          start: start / vector,
        },
        code: eachElement(`let c = i % uniforms.channels;
  let pixel = i / uniforms.channels;
  result[i] = ${gradient} + addend[pixel * uniforms.addendChannels + uniforms.start + c];`),
      });
    },
  ),
];
