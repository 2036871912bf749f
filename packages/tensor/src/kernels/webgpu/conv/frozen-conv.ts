import * as tf from '@tensorflow/tfjs-core';
import { type FrozenConvAttributes, type FrozenConvInputs, frozenConvName } from '../../../ops/frozen-conv';
import { nothingElse } from '../../../ops/fused-kernel';
import { webgpuKernel } from '../kernel';
import { disposeInfo, eachElement, runProgram, vectorOf } from '../program';
import { type After, afterCode, type Before, convCode, finish } from './conv-shell';
import { dotProductsCode, dotTile } from './dot-products';
import { matrixTiles } from './matrix-tiles';
import { hoistDirectives, type MatrixUnit } from './matrix-unit';
import { multiplications, planProduct } from './plan';
import { threadTiles } from './thread-tiles';

/** Options of {@link frozenConvKernel}. */
export interface FrozenConvKernelOptions {
  /** Workgroups that fill the GPU. Default 256: two for each multiprocessor of a large one. */
  enough?: number;
  /**
   * Multiplications up to which dot products take the place of a sum that is cut into parts. Default 2^26: their
   * invocations load 8 fours for 64 products, so that the caches of a large GPU let through some 10^13 of these a second,
   * so many in 7 µs. To add up parts takes about as long: a dispatch of 2 to 4 µs, and the parts are written and read.
   */
  mostDotProducts?: number;
  /** Multiplies gradients, rounded to halves, on matrix units where there are channels enough; {@link matrixTiles}. */
  matrixUnit?: MatrixUnit;
}

/** Convolutions by constant filters on WebGPU, and their transposes. */
export function frozenConvKernel(options: FrozenConvKernelOptions = {}): tf.KernelConfig {
  return webgpuKernel<keyof FrozenConvInputs, FrozenConvAttributes>(frozenConvName, (inputs, attributes) =>
    frozenConv(inputs, attributes, options),
  );
}

function frozenConv(
  { x, filter, bias, scale, shift, at, gate, style, rest, ...unknownInputs }: FrozenConvInputs<tf.TensorInfo>,
  {
    stride,
    padding,
    height,
    width,
    transposed,
    gradient,
    relu,
    start = 0,
    restStart = 0,
    ...unknownAttributes
  }: FrozenConvAttributes,
  { enough = 256, mostDotProducts = 2 ** 26, matrixUnit }: FrozenConvKernelOptions,
): tf.TensorInfo {
  nothingElse({ ...unknownInputs, ...unknownAttributes });
  const [batch, inHeight, inWidth, imageChannels] = x.shape as [number, number, number, number];
  const [kernelHeight, kernelWidth, ...channels] = filter.shape as [number, number, number, number];
  const inChannels = channels[transposed ? 1 : 0];
  const outChannels = channels[transposed ? 0 : 1];
  // The pixels of one phase of the transpose lie on a grid of their own.
  const spacing = transposed ? stride : 1;
  const gridHeight = Math.ceil(height / spacing);
  const gridWidth = Math.ceil(width / spacing);
  const rows = batch * gridHeight * gridWidth;
  const phases = spacing ** 2;
  const taps = Math.ceil(kernelHeight / spacing) * Math.ceil(kernelWidth / spacing);
  const size = { rows, columns: outChannels, products: phases, depth: inChannels, taps };
  const matrices = matrixUnit && gradient ? matrixTiles(size, matrixUnit) : [];
  if (matrices.length > 0)
    hoistDirectives((tf.backend() as unknown as { device: Parameters<typeof hoistDirectives>[0] }).device);
  const plan = planProduct(size, matrices.length > 0 ? matrices : threadTiles(size), enough);
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
  const after: After = { affineReluGradient: at !== undefined, rest: rest !== undefined };
  const afterInputs = { ...(at && scale && shift && { at, scale, shift }), ...(rest && { rest }) };
  const afterIntegers = { restChannels: (rest?.shape[3] ?? 0) / 4, restStart: restStart / 4 };
  // What follows the sum has to wait until it is whole.
  const whole = splits === 1;
  const options = {
    ...{ transposed, scalars, before },
    ...{ bias: whole && bias !== undefined, relu: whole && relu, after: whole ? after : nothing },
  };
  const shape = [batch, height, width, outChannels];
  const sums = runProgram({
    // tfjs and `runProgram` tell vectors from scalars.
    name: `frozenConv_${tile.name}_${nameOf([transposed, options.bias, options.relu], options.after)}_${before}`,
    // Made for a new pipeline only.
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

/** What follows a sum. */
interface Finish {
  readonly bias: tf.TensorInfo | undefined;
  readonly relu: boolean;
  readonly after: After;
  readonly afterInputs: Record<string, tf.TensorInfo>;
  readonly afterIntegers: Record<string, number>;
}

const nothing: After = { affineReluGradient: false, rest: false };

function nameOf(flags: readonly boolean[], { affineReluGradient, rest }: After): string {
  return [...flags, affineReluGradient, rest].map(Number).join('');
}

/** Adds up the parts `[part, N, H, W, C]` of sums that were cut, then what follows. */
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
