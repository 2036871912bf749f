import { webgpuKernel } from './kernel';
import { eachElement, runProgram } from './program';

/** `faceanim/ShiftPixels` in one pass. */
export const shiftPixelsKernel = webgpuKernel<'image' | 'shifts'>(
  'faceanim/ShiftPixels',
  ({ image, shifts }) => {
    const [, height, width, channels] = image.shape as [number, number, number, number];
    return runProgram({
      name: 'shiftPixels',
      outputShape: image.shape,
      inputs: { image, shifts },
      integers: { height, width, channels },
      code: `fn at(x : i32, y : i32, c : i32) -> f32 { return image[(y * uniforms.width + x) * uniforms.channels + c]; }
${eachElement(`let pixel = i / uniforms.channels;
  let c = i % uniforms.channels;
  let place = vec2<f32>(f32(pixel % uniforms.width), f32(pixel / uniforms.width));
  let shift = vec2<f32>(shifts[pixel], shifts[uniforms.height * uniforms.width + pixel]);
  let last = vec2<i32>(uniforms.width - 1, uniforms.height - 1);
  let inside = clamp(place + shift, vec2<f32>(0), vec2<f32>(last));
  let a = vec2<i32>(floor(inside));
  let b = min(a + 1, last);
  let share = inside - vec2<f32>(a);
  let upper = mix(at(a.x, a.y, c), at(b.x, a.y, c), share.x);
  let lower = mix(at(a.x, b.y, c), at(b.x, b.y, c), share.x);
  result[i] = mix(upper, lower, share.y);`)}`,
    });
  },
);
