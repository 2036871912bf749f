import { each } from './each';
import type { ConvTile, Moves, TileCode, TileSize } from './implicit-gemm';
import type { MatrixUnit } from './matrix-unit';

/** Invocations in a subgroup, which multiply matrices together. */
const subgroup = 32;
/** Share of a subgroup in the tile. */
const subgroupRows = 64;
const subgroupColumns = 32;
const side = 16;
/** Padding of the rows of a tile, in halves, so that rows begin in different memory banks. */
const gap = 8;

/** From the largest to the smallest. Rows are a multiple of 64, columns of 32. */
const tiles: readonly Omit<TileSize, 'depth'>[] = [
  { rows: 128, columns: 128 },
  { rows: 128, columns: 64 },
  { rows: 64, columns: 64 },
];

/**
 * Scales gradients into the range of halves, 6e-8 to 65504: they are multiplied by it before they are rounded, and the
 * sums are divided by it.
 */
export const gradientScale = 2 ** 12;

/**
 * Tiles for gradients on matrix units, without those that would be mostly empty: products of halves with sums in f32,
 * 16 x 16 x 16 at a time.
 *
 * For gradients only: rounding them changes them by less than 0.1 %. Rounding activations would switch ReLUs, which
 * changes the gradients of a deep network by several percent or more.
 */
export function matrixTiles(
  { columns, depth }: { columns: number; depth: number },
  unit: MatrixUnit,
): ConvTile[] {
  if (depth < side) return [];
  return tiles
    .filter((tile) => tile.columns < 2 * columns)
    .map((tile) => ({ ...tile, depth: unit.depth }))
    .map((tile) => ({
      ...tile,
      name: `matrix_${Object.values(tile).join('_')}`,
      threads: ((tile.rows / subgroupRows) * tile.columns * subgroup) / subgroupColumns,
      code: (transposed) => matrixTileCode(tile, transposed, unit),
    }));
}

function matrixTileCode({ rows, columns, depth }: TileSize, transposed: boolean, unit: MatrixUnit): TileCode {
  const across = columns / subgroupColumns;
  const subgroups = (rows / subgroupRows) * across;
  const imageStride = depth + gap;
  // In the transpose, the channels summed over are contiguous in the filters, and stay so in the tile.
  const weightLines = transposed ? columns : depth;
  const weightStride = (transposed ? depth : columns) + gap;
  const sums = (code: (i: number, j: number) => string) =>
    each(subgroupRows / side, (i) => each(subgroupColumns / side, (j) => code(i, j)));
  const leftAt = (i: number) => `(subgroupRow + ${i * side}) * ${imageStride} + k`;
  const rightAt = (j: number) =>
    transposed
      ? `(subgroupColumn + ${j * side}) * ${weightStride} + k`
      : `k * ${weightStride} + subgroupColumn + ${j * side}`;
  return {
    memory: /* wgsl */ `
      ${unit.declarations}
      var<workgroup> imageTile : array<half, ${rows * imageStride}>;
      var<workgroup> weightTile : array<half, ${weightLines * weightStride}>;
      var<workgroup> sumTiles : array<f32, ${subgroups * side ** 2}>;`,
    setUp: /* wgsl */ `
      let lane = local % ${subgroup};
      let sumTile = local / ${subgroup} * ${side ** 2};
      let subgroupRow = local / ${subgroup * across} * ${subgroupRows};
      let subgroupColumn = local / ${subgroup} % ${across} * ${subgroupColumns};
      ${sums((i, j) => unit.sum(`sum${i}_${j}`))}`,
    storeImage: (row, channel, value) =>
      storeFour('imageTile', `${row} * ${imageStride} + ${channel}`, `${value} * ${gradientScale}`),
    weights: weightMoves({ depth, columns }, transposed, weightStride),
    multiply: /* wgsl */ `
      for (var k = 0; k < ${depth}; k += ${side}) {
        ${each(subgroupRows / side, (i) => unit.loadLeft(`left${i}`, 'imageTile', leftAt(i), imageStride))}
        ${each(subgroupColumns / side, (j) =>
          unit.loadRight(`right${j}`, 'weightTile', rightAt(j), weightStride, transposed),
        )}
        ${sums((i, j) => unit.multiplyAdd(`sum${i}_${j}`, `left${i}`, `right${j}`))}
      }`,
    // Each subgroup stores one matrix of sums at a time; each invocation then writes two groups of four of it.
    end: sums(
      (i, j) => /* wgsl */ `
        ${unit.store(`sum${i}_${j}`, 'sumTiles', 'sumTile')}
        workgroupBarrier();
        for (var four = lane; four < ${side ** 2 / 4}; four += ${subgroup}) {
          let start = startOfPixel(place.split, phase, firstRow + subgroupRow + ${i * side} + four / ${side / 4});
          let at = sumTile + four * 4;
          let sum = vec4<f32>(sumTiles[at], sumTiles[at + 1], sumTiles[at + 2], sumTiles[at + 3]) * ${1 / gradientScale};
          if (start >= 0) { write(start, firstColumn + subgroupColumn + ${j * side} + four % ${side / 4} * 4, sum); }
        }
        workgroupBarrier();`,
    ),
  };
}

/** Four output channels at a time, in the transpose four input channels: contiguous in memory in both cases. */
function weightMoves(
  { depth, columns }: { depth: number; columns: number },
  transposed: boolean,
  stride: number,
): Moves {
  const fours = (transposed ? depth : columns) / 4;
  return {
    total: (depth * columns) / 4,
    setUp: (slot, s) => /* wgsl */ `
      let weightLine${s} = ${slot} / ${fours};
      let weightFour${s} = ${slot} % ${fours} * 4;
      var weights${s} = vec4<f32>();`,
    load: (s) =>
      transposed
        ? `weights${s} = readWeights(cell, firstColumn + weightLine${s}, channel + weightFour${s});`
        : `weights${s} = readWeights(cell, channel + weightLine${s}, firstColumn + weightFour${s});`,
    store: (s) => storeFour('weightTile', `weightLine${s} * ${stride} + weightFour${s}`, `weights${s}`),
  };
}

function storeFour(array: string, at: string, value: string): string {
  const parts = [0, 1, 2, 3].map((k) => `${array}[at + ${k}] = halves[${k}];`).join(' ');
  return `{ let at = ${at}; let halves = toHalves(${value}); ${parts} }`;
}
