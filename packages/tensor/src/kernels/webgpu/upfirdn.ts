import type * as tf from '@tensorflow/tfjs-core';
import { webgpuKernel } from './kernel';
import { eachElement, runProgram, vectorOf } from './program';

type Pair = readonly [number, number];

interface Attributes {
  readonly up: Pair;
  readonly down: Pair;
  readonly before: Pair;
  readonly size: Pair;
}

/**
 * `faceanim/Upfirdn`: y[i] = Σ_k taps[k] · z[i · down + k - before] along both axes, where z is x with up - 1 zeros after
 * every pixel, and 0 outside. Only taps over pixels of x are visited, so the inserted zeros cost nothing.
 */
export const upfirdnKernel = webgpuKernel<'x' | 'taps' | 'addend', Attributes>(
  'faceanim/Upfirdn',
  ({ x, taps, addend }, { up, down, before, size }) => {
    const [n, height, width, channels] = x.shape as [number, number, number, number];
    const vector = vectorOf(channels);
    const inputs: Record<string, tf.TensorInfo> = addend ? { x, taps, addend } : { x, taps };
    const axes = (name: string, [rows, columns]: Pair) => ({ [`${name}Y`]: rows, [`${name}X`]: columns });
    return runProgram({
      name: addend ? 'upfirdnAdd' : 'upfirdn',
      outputShape: [n, ...size, channels],
      inputs,
      vector,
      scalars: ['taps'],
      integers: {
        channels: channels / vector,
        ...axes('up', up),
        ...axes('down', down),
        ...axes('before', before),
        ...axes('size', size),
        ...axes('inSize', [height, width]),
        ...axes('taps', taps.shape as [number, number]),
      },
      code: `// The first tap over a pixel of the image.
fn firstTap(at : i32, up : i32) -> i32 {
  return select((up - at % up) % up, -at, at < 0);
}
${eachElement(`let c = i % uniforms.channels;
  let column = (i / uniforms.channels) % uniforms.sizeX;
  let row = (i / (uniforms.channels * uniforms.sizeX)) % uniforms.sizeY;
  let image = i / (uniforms.channels * uniforms.sizeX * uniforms.sizeY);
  let top = row * uniforms.downY - uniforms.beforeY;
  let left = column * uniforms.downX - uniforms.beforeX;
  var sum = V(0);
  for (var p = firstTap(top, uniforms.upY); p < uniforms.tapsY; p += uniforms.upY) {
    let y = (top + p) / uniforms.upY;
    if (y >= uniforms.inSizeY) { break; }
    let line = (image * uniforms.inSizeY + y) * uniforms.inSizeX;
    for (var q = firstTap(left, uniforms.upX); q < uniforms.tapsX; q += uniforms.upX) {
      let x_ = (left + q) / uniforms.upX;
      if (x_ >= uniforms.inSizeX) { break; }
      sum += x[(line + x_) * uniforms.channels + c] * taps[p * uniforms.tapsX + q];
    }
  }
  result[i] = sum${addend ? ' + addend[i]' : ''};`)}`,
    });
  },
);
