import type * as tf from '@tensorflow/tfjs-core';
import { channelsOf, mapPixels, rowsOf, runLoop, sizeOf, skip, wasmKernel } from './kernel';
import type { Loop } from './loop';
import { sumPixels } from './sums';
import { add, multiply } from './values';

export const copy: Loop<'x'> = { operands: { x: 'image' }, value: ({ x }) => x };
export const addImages: Loop<'x' | 'addend'> = {
  operands: { x: 'image', addend: 'image' },
  value: ({ x, addend }) => add(x, addend),
};
const scaleChannels: Loop<'x' | 'scale'> = {
  operands: { x: 'image', scale: 'channels' },
  value: ({ x, scale }) => multiply(x, scale),
};
const scaleChannelsAdd: Loop<'x' | 'scale' | 'addend'> = {
  operands: { ...scaleChannels.operands, addend: 'image' },
  value: ({ addend, ...own }) => add(scaleChannels.value(own), addend),
};
const sums: Loop<'x'> = { operands: { x: 'image' }, value: ({ x }) => x, sums: 'pixels' };
const dots: Loop<'a' | 'b'> = {
  operands: { a: 'image', b: 'image' },
  value: ({ a, b }) => multiply(a, b),
  sums: 'pixels',
};

/** Operations on channels, in one pass each. */
export const channelKernels: readonly tf.KernelConfig[] = [
  wasmKernel<'x' | 'scale' | 'addend'>('faceanim/ScaleChannels', (backend, { addend, ...inputs }) =>
    addend
      ? mapPixels(backend, scaleChannelsAdd, inputs.x.shape, { ...inputs, addend })
      : mapPixels(backend, scaleChannels, inputs.x.shape, inputs),
  ),
  wasmKernel<string>('faceanim/JoinChannels', (backend, { addend, ...parts }) => {
    const images = Object.values(parts);
    const channels = images.reduce((sum, image) => sum + channelsOf(image), 0);
    const joined = backend.makeOutput([...images[0]!.shape.slice(0, 3), channels], 'float32');
    const pixels = sizeOf(joined) / channels;
    let start = 0;
    for (const image of images) {
      const width = channelsOf(image);
      const result = skip(rowsOf(backend, joined), start);
      const x = rowsOf(backend, image);
      const extent = { pixels, channels: width };
      if (addend)
        runLoop(backend, addImages, extent, result, { x, addend: skip(rowsOf(backend, addend), start) });
      else runLoop(backend, copy, extent, result, { x });
      start += width;
    }
    return joined;
  }),
  wasmKernel<'x', { start: number; width: number }>(
    'faceanim/SliceChannels',
    (backend, { x }, { start, width }) =>
      mapPixels(backend, copy, [...x.shape.slice(0, 3), width], { x: { image: x, start } }),
  ),
  wasmKernel<'x'>('faceanim/ChannelSums', (backend, inputs) =>
    sumPixels(backend, sums, inputs.x.shape, inputs),
  ),
  wasmKernel<'a' | 'b'>('faceanim/ChannelDots', (backend, inputs) =>
    sumPixels(backend, dots, inputs.a.shape, inputs),
  ),
];
