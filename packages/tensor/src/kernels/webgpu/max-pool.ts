import { webgpuKernel } from './kernel';
import { eachElement, runProgram, vectorOf } from './program';

type Shape = [number, number, number, number];

/** Where element i of an image of `height` × `width` lies. */
const place = `let c = i % uniforms.channels;
  let column = (i / uniforms.channels) % uniforms.width;
  let row = (i / (uniforms.channels * uniforms.width)) % uniforms.height;
  let image = i / (uniforms.channels * uniforms.width * uniforms.height);`;

/** `faceanim/MaxPool` of non-negative values, and its gradient, which goes to the first maximum of a window. */
export const maxPoolKernels = [
  webgpuKernel<'x', { size: number; stride: number; windows: readonly [number, number] }>(
    'faceanim/MaxPool',
    ({ x }, { size, stride, windows }) => {
      const [n, inHeight, inWidth, channels] = x.shape as Shape;
      const [height, width] = windows;
      const vector = vectorOf(channels);
      return runProgram({
        name: 'maxPool',
        outputShape: [n, height, width, channels],
        inputs: { x },
        vector,
        integers: { channels: channels / vector, height, width, inHeight, inWidth, windowSize: size, stride },
        code: eachElement(`${place}
  let bottom = min(row * uniforms.stride + uniforms.windowSize, uniforms.inHeight);
  let right = min(column * uniforms.stride + uniforms.windowSize, uniforms.inWidth);
  var most = V(0);
  for (var p = row * uniforms.stride; p < bottom; p++) {
    for (var q = column * uniforms.stride; q < right; q++) {
      most = max(most, x[((image * uniforms.inHeight + p) * uniforms.inWidth + q) * uniforms.channels + c]);
    }
  }
  result[i] = most;`),
      });
    },
  ),
  webgpuKernel<'dy' | 'x' | 'y' | 'addend', { size: number; stride: number }>(
    'faceanim/MaxPoolGradient',
    ({ dy, x, y, addend }, { size, stride }) => {
      const [, height, width, channels] = x.shape as Shape;
      const [, windowRows, windowColumns] = y.shape as Shape;
      const vector = vectorOf(channels);
      return runProgram({
        name: addend ? 'maxPoolGradientAdd' : 'maxPoolGradient',
        outputShape: x.shape,
        inputs: { dy, x, y, ...(addend && { addend }) },
        vector,
        integers: {
          channels: channels / vector,
          height,
          width,
          windowRows,
          windowColumns,
          windowSize: size,
          stride,
        },
        // A pixel takes the gradient of each window that holds it and whose first maximum it is.
        code: eachElement(`${place}
  let v = x[i];
  let below = min(row / uniforms.stride, uniforms.windowRows - 1);
  let right = min(column / uniforms.stride, uniforms.windowColumns - 1);
  var sum = V(0);
  for (var p = max(0, (row - uniforms.windowSize + uniforms.stride) / uniforms.stride); p <= below; p++) {
    for (var q = max(0, (column - uniforms.windowSize + uniforms.stride) / uniforms.stride); q <= right; q++) {
      let top = p * uniforms.stride;
      let left = q * uniforms.stride;
      if (row - top >= uniforms.windowSize || column - left >= uniforms.windowSize) { continue; }
      let window = ((image * uniforms.windowRows + p) * uniforms.windowColumns + q) * uniforms.channels + c;
      let most = y[window];
      var share = select(V(0), dy[window], v == most);
      for (var r = top; r <= row; r++) {
        for (var s = left; s < left + uniforms.windowSize; s++) {
          if ((r == row && s >= column) || s >= uniforms.width) { break; }
          let before = x[((image * uniforms.height + r) * uniforms.width + s) * uniforms.channels + c];
          share = select(share, V(0), before == most);
        }
      }
      sum += share;
    }
  }
  result[i] = sum${addend ? ' + addend[i]' : ''};`),
      });
    },
  ),
];
