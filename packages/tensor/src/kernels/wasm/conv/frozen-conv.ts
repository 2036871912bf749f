import type * as tf from '@tensorflow/tfjs-core';
import {
  type FrozenConvAttributes,
  frozenConvName,
  type PackedConvInputs,
  type PackFilterAttributes,
  packFilterName,
} from '../../../ops/conv/frozen-conv-kernel';
import { nothingElse } from '../../../ops/fused-kernel';
import { tile } from '../../winograd';
import { addImages, copy } from '../channels';
import { loopCall, mapPixels, rowsOf, skip, wasmKernel } from '../kernel';
import type { Loop } from '../loop';
import { runParts, threadsOf, type WasmTfBackend } from '../run';
import { add, multiply, whereAbove, zero } from '../values';
import { directParts, type PassData } from './direct';
import { inputImage } from './input-image';
import { type PackedPass, packedPasses, packFilter } from './pack-filter';
import type { Pass } from './passes';
import { tiledParts } from './tiled';

/** `faceanim/PackFilter`, and `faceanim/FrozenConv` with a packed filter. */
export const convKernels: readonly tf.KernelConfig[] = [
  wasmKernel<'filter', PackFilterAttributes>(packFilterName, (backend, { filter }, place) =>
    packFilter(backend, filter, place),
  ),
  wasmKernel<string, FrozenConvAttributes>(frozenConvName, (backend, inputs, attributes) =>
    run(backend, inputs as unknown as PackedConvInputs<tf.TensorInfo>, attributes),
  ),
];

function run(
  backend: WasmTfBackend,
  inputs: PackedConvInputs<tf.TensorInfo>,
  attributes: FrozenConvAttributes,
): tf.TensorInfo {
  const { x, filter, packed, bias, scale, shift, at, gate, style, addend, ...unknownInputs } = inputs;
  const {
    stride,
    padding,
    transposed,
    relu,
    height,
    width,
    start = 0,
    addendStart = 0,
    ...more
  } = attributes;
  // Gradients have the same precision as everything else.
  const { gradient: _, ...unknownAttributes } = more;
  nothingElse({ ...unknownInputs, ...unknownAttributes });
  const [inChannels, outChannels] = filter.shape.slice(2) as [number, number];
  const [from, to] = transposed ? [outChannels, inChannels] : [inChannels, outChannels];
  const passes = packedPasses(packed);
  const images = x.shape[0]!;
  // Tiles may reach over the end.
  const rounded = (size: number) =>
    passes.some(({ isTransformed }) => isTransformed) ? tile * Math.ceil(size / tile) : size;
  const [wholeHeight, wholeWidth] = [rounded(height), rounded(width)];
  const input = inputImage(
    backend,
    { x, start, channels: from },
    { gate, style, ...(!at && { scale, shift }) },
    passes.map(({ pass }) => readBy(pass, wholeHeight, wholeWidth)),
  );
  let output = backend.makeOutput([images, wholeHeight, wholeWidth, to], 'float32');
  const data: PassData = {
    ...{ input, from, to, images, height: wholeHeight, width: wholeWidth, relu },
    filter: backend.getMemoryOffset(packed.dataId),
    bias: bias && backend.getMemoryOffset(bias.dataId),
    result: backend.getMemoryOffset(output.dataId),
    threads: threadsOf(backend),
  };
  const partsOf = (pass: PackedPass) =>
    pass.isTransformed ? tiledParts(pass, data) : directParts(pass, data);
  runParts(backend, passes.flatMap(partsOf));
  input.free();
  if (wholeHeight !== height || wholeWidth !== width) output = cropped(backend, output, height, width);
  const added = addend && { image: addend, start: addendStart };
  if (at) {
    const operands = { y: output, at, scale: scale!, shift: shift! };
    if (added) mapPixels(backend, gatedAdd, output.shape, { ...operands, addend: added }, output);
    else mapPixels(backend, gated, output.shape, operands, output);
  } else if (added) {
    mapPixels(backend, addImages, output.shape, { x: output, addend: added }, output);
  }
  return output;
}

const gated: Loop<'y' | 'at' | 'scale' | 'shift'> = {
  operands: { y: 'image', at: 'image', scale: 'channels', shift: 'channels' },
  value: ({ y, at, scale, shift }) =>
    whereAbove(add(multiply(at, scale), shift), zero, multiply(y, scale), zero),
};
const gatedAdd: Loop<'y' | 'at' | 'scale' | 'shift' | 'addend'> = {
  operands: { ...gated.operands, addend: 'image' },
  value: ({ addend, ...own }) => add(gated.value(own), addend),
};

/** The upper left part of images. */
function cropped(backend: WasmTfBackend, whole: tf.TensorInfo, height: number, width: number): tf.TensorInfo {
  const [images, lines, line, channels] = whole.shape as [number, number, number, number];
  const result = backend.makeOutput([images, height, width, channels], 'float32');
  const [from, to] = [rowsOf(backend, whole), rowsOf(backend, result)];
  const calls = Array.from({ length: images * height }, (_, row) => {
    const pixel = (Math.floor(row / height) * lines + (row % height)) * line;
    const x = skip(from, pixel * channels);
    return loopCall(copy, { pixels: width, channels }, skip(to, row * width * channels), { x });
  });
  runParts(backend, [calls]);
  backend.disposeData(whole.dataId);
  return result;
}

/** The first and last row and column that a pass reads. */
function readBy(pass: Pass, height: number, width: number) {
  const last = (size: number, firstOut: number, first: number, taps: number) =>
    (Math.ceil((size - firstOut) / pass.outStride) - 1) * pass.stride + first + taps - 1;
  return {
    first: [pass.top, pass.left] as const,
    last: [
      last(height, pass.firstRow, pass.top, pass.rows),
      last(width, pass.firstColumn, pass.left, pass.columns),
    ] as const,
  };
}
