import type * as tf from '@tensorflow/tfjs-core';
import { webgpuKernel } from './kernel';
import { eachElement, runProgram, vectorOf } from './program';

interface Attributes {
  readonly factor: number;
}

type Shape = [number, number, number, number];

/** Where element i of the result lies: `c`, `column`, `row` (over all images). */
const place = `let c = i % uniforms.channels;
  let column = (i / uniforms.channels) % uniforms.width;
  let row = i / (uniforms.channels * uniforms.width);`;

/** Images twice as large and half as large. */
export const resample2Kernels = [
  webgpuKernel<'x', Attributes>('faceanim/SumBy2', ({ x }, { factor }) => {
    const [n, height, width, channels] = x.shape as Shape;
    const vector = vectorOf(channels);
    return runProgram({
      name: 'sumBy2',
      outputShape: [n, height / 2, width / 2, channels],
      inputs: { x },
      vector,
      integers: { channels: channels / vector, width: width / 2 },
      floats: { factor },
      code: eachElement(`${place}
  let line = 2 * uniforms.width * uniforms.channels;
  let at = 2 * row * line + 2 * column * uniforms.channels + c;
  let sum = x[at] + x[at + uniforms.channels] + x[at + line] + x[at + line + uniforms.channels];
  result[i] = sum * uniforms.factor;`),
    });
  }),
  webgpuKernel<'x' | 'addend', Attributes>('faceanim/RepeatBy2', ({ x, addend }, { factor }) => {
    const [n, height, width, channels] = x.shape as Shape;
    const vector = vectorOf(channels);
    const inputs: Record<string, tf.TensorInfo> = addend ? { x, addend } : { x };
    return runProgram({
      name: addend ? 'repeatBy2Add' : 'repeatBy2',
      outputShape: [n, 2 * height, 2 * width, channels],
      inputs,
      vector,
      integers: { channels: channels / vector, width: 2 * width },
      floats: { factor },
      // Images are even in height, so that rows can be counted over all of them.
      code: eachElement(`${place}
  let small = x[((row / 2) * (uniforms.width / 2) + column / 2) * uniforms.channels + c] * uniforms.factor;
  result[i] = small${addend ? ' + addend[i]' : ''};`),
    });
  }),
];
