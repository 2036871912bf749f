import type * as tf from '@tensorflow/tfjs-core';
import { zeros } from './buffers';
import { forEachImage, fromPixel, loopCall, type Operand, rowsOf, runLoop, skip } from './kernel';
import type { Loop } from './loop';
import { type Part, runParts, type WasmTfBackend } from './run';

/** Pixels that are added one after the other. Sums of such sums lose fewer digits than one long sum. */
const block = 1024;

const total: Loop<'x'> = { operands: { x: 'image' }, value: ({ x }) => x, sums: 'pixels' };

/** The sums of a loop over the pixels of each image `[N, H, W, C]`: `[N, C]`. */
export function sumPixels<Name extends string>(
  backend: WasmTfBackend,
  loop: Loop<Name>,
  shape: readonly number[],
  operands: Readonly<Record<Name, Operand>>,
): tf.TensorInfo {
  const [images, height, width, channels] = shape as [number, number, number, number];
  const blocks = Math.ceil((height * width) / block);
  const parts = zeros(backend, [images * blocks, channels]);
  const line = (tensor: tf.TensorInfo, index: number) => skip(rowsOf(backend, tensor), index * channels);
  const calls: Part[] = [];
  forEachImage(backend, loop, shape, operands, (image, { pixels }, values) => {
    for (let i = 0; i < blocks; i++) {
      const extent = { pixels: Math.min(block, pixels - i * block), channels };
      const result = line(parts, image * blocks + i);
      calls.push([loopCall(loop, extent, result, fromPixel(loop, values, i * block))]);
    }
  });
  runParts(backend, calls);
  if (blocks === 1) return parts;
  const sums = zeros(backend, [images, channels]);
  for (let image = 0; image < images; image++) {
    const x = line(parts, image * blocks);
    runLoop(backend, total, { pixels: blocks, channels }, line(sums, image), { x });
  }
  backend.disposeData(parts.dataId);
  return sums;
}

/** The sums of a loop over the pixels and channels of each image `[N, H, W, C]`: `[N]`. */
export function sumImages<Name extends string>(
  backend: WasmTfBackend,
  loop: Loop<Name>,
  shape: readonly number[],
  operands: Readonly<Record<Name, Operand>>,
): tf.TensorInfo {
  const ofChannels = sumPixels(backend, loop, shape, operands);
  const x = { ...ofChannels, shape: [...ofChannels.shape, 1, 1] };
  const sums = sumPixels(backend, total, x.shape, { x });
  backend.disposeData(x.dataId);
  return { ...sums, shape: [shape[0]!] };
}

/** The sums of a loop over the channels of each pixel of images `[N, H, W, C]`: `[N, H, W]`. */
export function sumChannels<Name extends string>(
  backend: WasmTfBackend,
  loop: Loop<Name>,
  shape: readonly number[],
  operands: Readonly<Record<Name, Operand>>,
): tf.TensorInfo {
  const sums = zeros(backend, shape.slice(0, 3));
  const rows = { ...rowsOf(backend, sums), step: 1 };
  forEachImage(backend, loop, shape, operands, (image, extent, values) =>
    runLoop(backend, loop, extent, skip(rows, image * extent.pixels), values),
  );
  return sums;
}
