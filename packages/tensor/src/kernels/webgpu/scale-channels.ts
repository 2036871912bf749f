import { webgpuKernel } from './kernel';
import { eachElement, runProgram, vectorOf } from './program';

/** `faceanim/ScaleChannels`. */
export const scaleChannelsKernel = webgpuKernel<'x' | 'scale' | 'rest'>(
  'faceanim/ScaleChannels',
  ({ x, scale, rest }) => {
    const [, height, width, channels] = x.shape as [number, number, number, number];
    const vector = vectorOf(channels);
    return runProgram({
      name: rest ? 'scaleChannelsAdd' : 'scaleChannels',
      outputShape: x.shape,
      inputs: { x, scale, ...(rest && { rest }) },
      vector,
      integers: { channels: channels / vector, imageSize: (height * width * channels) / vector },
      code: eachElement(
        `let factor = scale[(i / uniforms.imageSize) * uniforms.channels + i % uniforms.channels];
  result[i] = x[i] * factor${rest ? ' + rest[i]' : ''};`,
      ),
    });
  },
);
