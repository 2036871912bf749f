import { webgpuKernel } from './kernel';
import { eachElement, runProgram, vectorOf } from './program';

/** `faceanim/ScaleChannels`. */
export const scaleChannelsKernel = webgpuKernel<'x' | 'scale'>('faceanim/ScaleChannels', ({ x, scale }) => {
  const [, height, width, channels] = x.shape as [number, number, number, number];
  const vector = vectorOf(channels);
  return runProgram({
    name: 'scaleChannels',
    outputShape: x.shape,
    inputs: { x, scale },
    vector,
    integers: { channels: channels / vector, imageSize: (height * width * channels) / vector },
    code: eachElement(
      'result[i] = x[i] * scale[(i / uniforms.imageSize) * uniforms.channels + i % uniforms.channels];',
    ),
  });
});
