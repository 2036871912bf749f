import type * as tf from '@tensorflow/tfjs-core';
import { places, reach, tile as side } from '../../winograd';
import { disposeInfo, largestArray, runProgram } from '../program';
import type { Finish } from './add-parts';
import { type Before, nameOf, nothing } from './conv-functions';
import { convCode } from './implicit-gemm';
import { planProduct } from './plan';
import { threadTiles } from './thread-tiles';
import { pixelsToPlaces, placesToPixels } from './tile-transforms';

/** Size of a convolution of 3 × 3 with steps of 1. */
export interface TiledSize {
  readonly batch: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
}

/**
 * The saving from which transformed tiles are expected to be faster: two dispatches more take about as long as 2^27
 * multiplications on a large GPU, 10 µs. Anything from 2^26 to 2^29 is as fast on an H100, within 2 %.
 */
export const expectedSaving = 2 ** 27;

/** Rows of the smallest tile of a product. */
const leastRows = 64;

/**
 * Whether a convolution of 3 × 3 is computed by transformed tiles: where they save at least so many multiplications, and a
 * program can read the transformed image, which has 2.25 times its size. They take a quarter of the multiplications, but the
 * products of a small image are filled up to 64 tiles.
 */
export function savesEnough(size: TiledSize, leastSaved = Number.POSITIVE_INFINITY): boolean {
  const { batch, inChannels, outHeight, outWidth, outChannels } = size;
  const { tiles } = gridOf(size);
  const plain = 9 * batch * outHeight * outWidth;
  const filled = places * leastRows * Math.ceil(tiles / leastRows);
  return (
    (plain - filled) * inChannels * outChannels >= leastSaved &&
    // Sums in parts are smaller than this: only those of small images are.
    places * tiles * Math.max(inChannels, outChannels) <= largestArray()
  );
}

/** The tiles of results. */
function gridOf({ batch, outHeight, outWidth }: TiledSize) {
  const gridHeight = Math.ceil(outHeight / side);
  const gridWidth = Math.ceil(outWidth / side);
  return { gridHeight, gridWidth, tiles: batch * gridHeight * gridWidth };
}

/** A convolution by transformed tiles. */
export interface WinogradConv {
  /** The image, and what it is combined with as it is read. */
  readonly source: Readonly<Record<string, tf.TensorInfo>>;
  readonly before: Before | undefined;
  /** `image` among them if its channels do not come in fours. */
  readonly scalars: readonly string[];
  /** `[place, inChannels, outChannels]` */
  readonly filter: tf.TensorInfo;
  /** Its size, and what else reading the image takes. */
  readonly integers: TiledSize & Readonly<Record<string, number>>;
  /** Rows and columns before the image that the first result reads. */
  readonly top: number;
  readonly left: number;
  readonly finish: Finish;
  /** Workgroups that fill the GPU. */
  readonly enough: number;
}

/**
 * A convolution by transformed tiles ({@link places}), in three programs. Transformed images are `[N, 6 · rows, 6 · columns, C]`:
 * the places of a tile lie together, so the product for each place is a phase of steps of 6.
 */
export function winogradConv({
  source,
  before,
  scalars,
  filter,
  integers,
  top,
  left,
  finish,
  enough,
}: WinogradConv): tf.TensorInfo {
  const { batch, inChannels, outHeight, outWidth, outChannels } = integers;
  const { gridHeight, gridWidth, tiles } = gridOf(integers);
  const grid = { batch, gridHeight, gridWidth };
  const [height, width] = [reach * gridHeight, reach * gridWidth];
  const transformed = runProgram({
    name: `pixelsToPlaces_${before}`,
    get code() {
      return pixelsToPlaces({ scalars, before });
    },
    outputShape: [batch, height, width, inChannels],
    inputs: source,
    vector: 4,
    scalars: scalars.filter((name) => name === 'image'),
    workgroups: workgroupsFor(tiles, inChannels),
    integers: { ...integers, ...grid, top, left },
  });
  const size = { rows: tiles, columns: outChannels, products: places, depth: inChannels, taps: 1 };
  const { tile, splits } = planProduct(size, threadTiles(size), enough);
  const columnTiles = Math.ceil(outChannels / tile.columns);
  const rowTiles = Math.ceil(tiles / tile.rows);
  const sums = runProgram({
    name: `placeProducts_${tile.name}`,
    get code() {
      const plain = { bias: false, relu: false, before: undefined, after: nothing };
      return convCode(tile, { transposed: false, places: true, scalars: [], ...plain });
    },
    outputShape: [splits, batch, height, width, outChannels],
    inputs: { image: transformed, weights: filter },
    vector: 4,
    workgroups: [columnTiles * rowTiles * places * splits, 1],
    threads: tile.threads,
    integers: {
      ...{ ...grid, columnTiles, rowTiles, phases: places, stride: reach, splits },
      ...{ inHeight: height, inWidth: width, inChannels, imageChannels: inChannels, imageStart: 0 },
      ...{ outHeight: height, outWidth: width, outChannels },
    },
  });
  disposeInfo(transformed);
  const { bias, relu, after, afterInputs, afterIntegers } = finish;
  const result = runProgram({
    name: `placesToPixels_${nameOf([splits > 1, bias !== undefined, relu], after)}`,
    get code() {
      return placesToPixels({ scalars: [], bias: bias !== undefined, relu, after }, splits > 1);
    },
    outputShape: [batch, outHeight, outWidth, outChannels],
    inputs: { sums, ...(bias && { bias }), ...afterInputs },
    vector: 4,
    workgroups: workgroupsFor(tiles, outChannels),
    integers: {
      ...{ ...grid, outHeight, outWidth, outChannels, ...afterIntegers },
      ...{ splits, partSize: (places * tiles * outChannels) / 4 },
    },
  });
  disposeInfo(sums);
  return result;
}

/** Invocations of a workgroup that transforms tiles, each of them four channels of one. */
const threads = 64;

function workgroupsFor(tiles: number, channels: number): [number, number] {
  return [Math.ceil((tiles * channels) / 4 / threads), 1];
}
