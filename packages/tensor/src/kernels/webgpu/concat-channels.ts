import type * as tf from '@tensorflow/tfjs-core';
import { webgpuKernel } from './kernel';
import { eachElement, runProgram, vectorOf } from './program';

const channelsOf = (x: tf.TensorInfo) => x.shape[3]!;

/** `faceanim/JoinChannels` and `faceanim/SliceChannels`. */
export const concatChannelsKernels = [
  webgpuKernel<string>('faceanim/JoinChannels', ({ addend, ...parts }) => {
    const images = Object.values(parts);
    const widths = images.map(channelsOf);
    const vector = vectorOf(...widths);
    const channels = widths.reduce((a, b) => a + b, 0);
    const [n, height, width] = images[0]!.shape as [number, number, number, number];
    const choose = images.map(
      (_, k) => `if (c >= 0 && c < uniforms.width${k}) { v = x${k}[pixel * uniforms.width${k} + c]; }
  c -= uniforms.width${k};`,
    );
    return runProgram({
      name: `joinChannels_${images.length}${addend ? '_add' : ''}`,
      outputShape: [n, height, width, channels],
      inputs: {
        ...Object.fromEntries(images.map((image, k) => [`x${k}`, image])),
        ...(addend && { addend }),
      },
      vector,
      integers: {
        channels: channels / vector,
        ...Object.fromEntries(widths.map((part, k) => [`width${k}`, part / vector])),
      },
      code: eachElement(`var c = i % uniforms.channels;
  let pixel = i / uniforms.channels;
  var v = V(0);
  ${choose.join('\n  ')}
  result[i] = v${addend ? ' + addend[i]' : ''};`),
    });
  }),
  webgpuKernel<'x', { start: number; width: number }>('faceanim/SliceChannels', ({ x }, { start, width }) => {
    const [n, rows, columns, channels] = x.shape as [number, number, number, number];
    const vector = vectorOf(channels, start, width);
    return runProgram({
      name: 'sliceChannels',
      outputShape: [n, rows, columns, width],
      inputs: { x },
      vector,
      integers: { channels: channels / vector, start: start / vector, width: width / vector },
      code: eachElement(
        'result[i] = x[(i / uniforms.width) * uniforms.channels + uniforms.start + i % uniforms.width];',
      ),
    });
  }),
];
