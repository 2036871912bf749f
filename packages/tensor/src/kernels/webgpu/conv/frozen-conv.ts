import * as tf from '@tensorflow/tfjs-core';
import {
  type FrozenConvAttributes,
  type FrozenConvInputs,
  frozenConvName,
  type PackedConvInputs,
} from '../../../ops/conv/frozen-conv-kernel';
import { nothingElse } from '../../../ops/fused-kernel';
import { webgpuKernel } from '../kernel';
import { disposeInfo, runProgram, vectorOf } from '../program';
import { addParts, type Finish } from './add-parts';
import { type After, type Before, nameOf, nothing } from './conv-functions';
import { dotProductsCode, dotTile } from './dot-products';
import { convCode } from './implicit-gemm';
import { matrixTiles } from './matrix-tiles';
import { hoistDirectives, type MatrixUnit, type ShaderDevice } from './matrix-unit';
import { isExchanged, isTransformed } from './pack-filter';
import { multiplications, planProduct } from './plan';
import { threadTiles } from './thread-tiles';
import { savesEnough, winogradConv } from './winograd';

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
  /**
   * Fewest multiplications that transformed tiles have to save to compute a convolution; see {@link savesEnough}. They go before
   * matrix units, and need filters that were packed for them. Default: no convolution is computed by them, since they take
   * more memory.
   */
  leastSaved?: number;
}

/** The kernel of `FrozenConv` on WebGPU: convolutions with constant filters, and their transposes. */
export function frozenConvKernel(options: FrozenConvKernelOptions = {}): tf.KernelConfig {
  return webgpuKernel<string, FrozenConvAttributes>(frozenConvName, (inputs, attributes) =>
    frozenConv(inputs as unknown as Inputs, attributes, options),
  );
}

type Inputs = FrozenConvInputs<tf.TensorInfo> & Partial<PackedConvInputs<tf.TensorInfo>>;

function frozenConv(
  { x, filter, packed, bias, scale, shift, at, gate, style, addend, ...unknownInputs }: Inputs,
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
  {
    enough = 1024,
    mostDotProducts = 2 ** 24,
    matrixUnit,
    enoughMatrices = 1024,
    leastSaved,
  }: FrozenConvKernelOptions,
): tf.TensorInfo {
  nothingElse({ ...unknownInputs, ...unknownAttributes });
  const [batch, inHeight, inWidth, imageChannels] = x.shape as [number, number, number, number];
  const [kernelHeight, kernelWidth, ...channels] = filter.shape as [number, number, number, number];
  const inChannels = channels[transposed ? 1 : 0];
  const outChannels = channels[transposed ? 0 : 1];
  const inFours = {
    image: vectorOf(inChannels, imageChannels, start),
    weights: channels[1],
    result: outChannels,
    bias: outChannels,
  };
  const scalars = Object.entries(inFours).flatMap(([array, count]) => (vectorOf(count) === 1 ? [array] : []));
  const before: Before | undefined =
    (gate && 'gate') ?? (style && 'style') ?? (scale && !at ? 'affineRelu' : undefined);
  const source = {
    image: x,
    ...(before === 'affineRelu' && scale && shift && { scale, shift }),
    ...(gate && { gate }),
    ...(style && { style }),
  };
  const integers = {
    ...{ batch, inHeight, inWidth, inChannels, imageChannels, imageStart: start },
    ...{ outHeight: height, outWidth: width, outChannels },
  };
  const after: After = { affineReluGradient: at !== undefined, addend: addend !== undefined };
  const afterInputs = { ...(at && scale && shift && { at, scale, shift }), ...(addend && { addend }) };
  const afterIntegers = { addendChannels: (addend?.shape[3] ?? 0) / 4, addendStart: addendStart / 4 };
  const finish: Finish = { bias, relu, after, afterInputs, afterIntegers };
  if (packed && isTransformed(packed) && savesEnough(integers, leastSaved)) {
    // The transpose reads the pixels before, by a filter that was turned around.
    const [top, left] = transposed ? [2 - padding[0], 2 - padding[2]] : [padding[0], padding[2]];
    return winogradConv({ source, before, scalars, filter: packed, integers, top, left, finish, enough });
  }
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
  // Bias, ReLU and the rest can only follow a complete sum.
  const whole = splits === 1;
  const exchanged =
    transposed && matrices.length === 0 && !dots && packed !== undefined && isExchanged(packed, filter);
  const options = {
    ...{ transposed, exchanged, scalars, before },
    ...{ bias: whole && bias !== undefined, relu: whole && relu, after: whole ? after : nothing },
  };
  const shape = [batch, height, width, outChannels];
  const sums = runProgram({
    // tfjs and `runProgram` add element types and ranks to the cache key.
    name: `frozenConv_${tile.name}_${nameOf([transposed, exchanged, options.bias, options.relu], options.after)}_${before}`,
    // A getter, since only a new pipeline needs the code.
    get code() {
      return dots ? dotProductsCode(options) : convCode(plan.tile, options);
    },
    outputShape: [splits, ...shape],
    inputs: {
      ...source,
      weights: exchanged ? packed : filter,
      ...(options.bias && { bias }),
      ...(whole && afterInputs),
    },
    vector: 4,
    scalars,
    scalarResult: scalars.includes('result'),
    workgroups: [columnTiles * rowTiles * phases * splits, 1],
    threads: tile.threads,
    integers: {
      ...{ ...integers, ...afterIntegers },
      ...{ kernelHeight, kernelWidth, stride, top: padding[0], left: padding[2] },
      ...{ gridHeight, gridWidth, columnTiles, rowTiles, phases, splits },
    },
  });
  if (whole) return { ...sums, shape };
  const result = addParts(sums, finish);
  disposeInfo(sums);
  return result;
}
