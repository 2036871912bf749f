import { webgpuKernel } from './kernel';
import { eachElement, runProgram, vectorOf } from './program';

/** `faceanim/ScaleChannels`. */
export const scaleChannelsKernel = webgpuKernel<'x' | 'scale' | 'addend'>(
  'faceanim/ScaleChannels',
  ({ x, scale, addend }) => {
    const [, height, width, channels] = x.shape as [number, number, number, number];
    const vector = vectorOf(channels);
    return runProgram({
      name: addend ? 'scaleChannelsAdd' : 'scaleChannels',
      outputShape: x.shape,
      inputs: { x, scale, ...(addend && { addend }) },
      vector,
      integers: { channels: channels / vector, imageSize: (height * width * channels) / vector },
      code: eachElement(
        `let factor = scale[(i / uniforms.imageSize) * uniforms.channels + i % uniforms.channels];
  result[i] = x[i] * factor${addend ? ' + addend[i]' : ''};`,
      ),
    });
  },
);
