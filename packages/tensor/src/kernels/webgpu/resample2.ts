import type * as tf from '@tensorflow/tfjs-core';
import { webgpuKernel } from './kernel';
import { eachElement, runProgram, vectorOf } from './program';

interface Attributes {
  readonly factor: number;
}

type Shape = [number, number, number, number];

/** WGSL: `c`, `column` and `row` (counted over all images) of element `i` of the result. */
const place = `let c = i % uniforms.channels;
  let column = (i / uniforms.channels) % uniforms.width;
  let row = i / (uniforms.channels * uniforms.width);`;

/** `faceanim/SumBy2` and `faceanim/RepeatBy2`. */
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
      // Counting rows over all images works since the height is even.
      code: eachElement(`${place}
  let small = x[((row / 2) * (uniforms.width / 2) + column / 2) * uniforms.channels + c] * uniforms.factor;
  result[i] = small${addend ? ' + addend[i]' : ''};`),
    });
  }),
];
