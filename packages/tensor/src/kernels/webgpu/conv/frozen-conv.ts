import * as tf from '@tensorflow/tfjs-core';
import {
  type FrozenConvAttributes,
  type FrozenConvInputs,
  frozenConvName,
} from '../../../ops/conv/frozen-conv-kernel';
import { nothingElse } from '../../../ops/fused-kernel';
import { webgpuKernel } from '../kernel';
import { disposeInfo, eachElement, runProgram, vectorOf } from '../program';
import { type After, afterCode, type Before, finish } from './conv-functions';
import { dotProductsCode, dotTile } from './dot-products';
import { convCode } from './implicit-gemm';
import { matrixTiles } from './matrix-tiles';
import { hoistDirectives, type MatrixUnit, type ShaderDevice } from './matrix-unit';
import { multiplications, planProduct } from './plan';
import { threadTiles } from './thread-tiles';

/** Options of {@link frozenConvKernel}. */
export interface FrozenConvKernelOptions {
  /**
   * Workgroups that fill the GPU. Default 1024: eight per multiprocessor of a large GPU, which hide its latencies. On an H200,
   * a step of config-f takes 29 ms with it and 36 ms with 256.
   */
  enough?: number;
  /**
   * Most multiplications for which dot products replace a split sum, which takes a second dispatch. Default 2^24, the best
   * of 2^22 to 2^28 on an H200.
   */
  mostDotProducts?: number;
  /** Multiplies gradients, rounded to halves, on matrix units if there are enough channels; see {@link matrixTiles}. */
  matrixUnit?: MatrixUnit;
  /** Workgroups on matrix units that fill the GPU. Default 1024: on an H200, a step of config-f takes 27 ms with it and 29 ms with 256. */
  enoughMatrices?: number;
}

/** The kernel of `FrozenConv` on WebGPU: convolutions with constant filters, and their transposes. */
export function frozenConvKernel(options: FrozenConvKernelOptions = {}): tf.KernelConfig {
  return webgpuKernel<keyof FrozenConvInputs, FrozenConvAttributes>(frozenConvName, (inputs, attributes) =>
    frozenConv(inputs, attributes, options),
  );
}

function frozenConv(
  {
    x,
    filter,
    bias,
    scale,
    shift,
    at,
    gate,
    style,
    addend,
    ...unknownInputs
  }: FrozenConvInputs<tf.TensorInfo>,
  {
    stride,
    padding,
    height,
    width,
    transposed,
    gradient,
    relu,
    start = 0,
    addendStart = 0,
    ...unknownAttributes
  }: FrozenConvAttributes,
  { enough = 1024, mostDotProducts = 2 ** 24, matrixUnit, enoughMatrices = 1024 }: FrozenConvKernelOptions,
): tf.TensorInfo {
  nothingElse({ ...unknownInputs, ...unknownAttributes });
  const [batch, inHeight, inWidth, imageChannels] = x.shape as [number, number, number, number];
  const [kernelHeight, kernelWidth, ...channels] = filter.shape as [number, number, number, number];
  const inChannels = channels[transposed ? 1 : 0];
  const outChannels = channels[transposed ? 0 : 1];
  // The pixels of each phase of the transpose form a coarser grid.
  const spacing = transposed ? stride : 1;
  const gridHeight = Math.ceil(height / spacing);
  const gridWidth = Math.ceil(width / spacing);
  const rows = batch * gridHeight * gridWidth;
  const phases = spacing ** 2;
  const taps = Math.ceil(kernelHeight / spacing) * Math.ceil(kernelWidth / spacing);
  const size = { rows, columns: outChannels, products: phases, depth: inChannels, taps };
  const matrices = matrixUnit && gradient ? matrixTiles(size, matrixUnit) : [];
  if (matrices.length > 0) hoistDirectives((tf.backend() as unknown as { device: ShaderDevice }).device);
  const plan =
    matrices.length > 0
      ? planProduct(size, matrices, enoughMatrices)
      : planProduct(size, threadTiles(size), enough);
  const dots = plan.splits > 1 && multiplications(size) <= mostDotProducts;
  const { tile, splits } = dots ? { tile: dotTile, splits: 1 } : plan;
  const columnTiles = Math.ceil(outChannels / tile.columns);
  const rowTiles = Math.ceil(rows / tile.rows);
  const inFours = {
    image: vectorOf(inChannels, imageChannels, start),
    weights: channels[1],
    result: outChannels,
    bias: outChannels,
  };
  const scalars = Object.entries(inFours).flatMap(([array, count]) => (vectorOf(count) === 1 ? [array] : []));
  const before: Before | undefined =
    (gate && 'gate') ?? (style && 'style') ?? (scale && !at ? 'affineRelu' : undefined);
  const after: After = { affineReluGradient: at !== undefined, addend: addend !== undefined };
  const afterInputs = { ...(at && scale && shift && { at, scale, shift }), ...(addend && { addend }) };
  const afterIntegers = { addendChannels: (addend?.shape[3] ?? 0) / 4, addendStart: addendStart / 4 };
  // Bias, ReLU and the rest can only follow a complete sum.
  const whole = splits === 1;
  const options = {
    ...{ transposed, scalars, before },
    ...{ bias: whole && bias !== undefined, relu: whole && relu, after: whole ? after : nothing },
  };
  const shape = [batch, height, width, outChannels];
  const sums = runProgram({
    // tfjs and `runProgram` add element types and ranks to the cache key.
    name: `frozenConv_${tile.name}_${nameOf([transposed, options.bias, options.relu], options.after)}_${before}`,
    // A getter, since only a new pipeline needs the code.
    get code() {
      return dots ? dotProductsCode(options) : convCode(plan.tile, options);
    },
    outputShape: [splits, ...shape],
    inputs: {
      ...{ image: x, weights: filter },
      ...(options.bias && { bias }),
      ...(before === 'affineRelu' && scale && shift && { scale, shift }),
      ...(gate && { gate }),
      ...(style && { style }),
      ...(whole && afterInputs),
    },
    vector: 4,
    scalars,
    scalarResult: scalars.includes('result'),
    workgroups: [columnTiles * rowTiles * phases * splits, 1],
    threads: tile.threads,
    integers: {
      ...{ batch, inHeight, inWidth, inChannels, outHeight: height, outWidth: width, outChannels },
      ...{ kernelHeight, kernelWidth, stride, top: padding[0], left: padding[2] },
      ...{ gridHeight, gridWidth, columnTiles, rowTiles, phases, splits },
      ...{ imageChannels, imageStart: start, ...afterIntegers },
    },
  });
  if (whole) return { ...sums, shape };
  const result = addParts(sums, { bias, relu, after, afterInputs, afterIntegers });
  disposeInfo(sums);
  return result;
}

/** What follows the sum. */
interface Finish {
  readonly bias: tf.TensorInfo | undefined;
  readonly relu: boolean;
  readonly after: After;
  readonly afterInputs: Record<string, tf.TensorInfo>;
  readonly afterIntegers: Record<string, number>;
}

const nothing: After = { affineReluGradient: false, addend: false };

function nameOf(flags: readonly boolean[], { affineReluGradient, addend }: After): string {
  return [...flags, affineReluGradient, addend].map(Number).join('');
}

/** Adds up the parts `[part, N, H, W, C]` of a split sum and finishes it. */
function addParts(
  parts: tf.TensorInfo,
  { bias, relu, after, afterInputs, afterIntegers }: Finish,
): tf.TensorInfo {
  const [count, ...shape] = parts.shape as [number, ...number[]];
  const outChannels = shape.at(-1)!;
  const vector = vectorOf(outChannels);
  return runProgram({
    name: `addConvParts_${nameOf([bias !== undefined, relu], after)}`,
    code: eachElement(/* wgsl */ `
      var sum = V();
      let c = i % (uniforms.outChannels / ${vector});
      for (var part = 0; part < uniforms.count; part++) { sum += parts[part * uniforms.elements + i]; }
      ${finish('sum', { bias: bias && 'bias[c]', relu, type: 'V' })}
      ${afterCode('sum', after)}
      result[i] = sum;`),
    outputShape: shape,
    inputs: { parts, ...(bias && { bias }), ...afterInputs },
    vector,
    integers: { count, outChannels, ...afterIntegers },
  });
}
