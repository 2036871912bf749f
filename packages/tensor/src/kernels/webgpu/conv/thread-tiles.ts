import { each } from './each';
import type { ConvTile, Moves, TileCode, TileSize } from './implicit-gemm';

/** A tile in which each invocation computes `rowsPerThread` by `columnsPerThread` sums. */
interface ThreadTile extends TileSize {
  readonly rowsPerThread: number;
  /** A multiple of 4. */
  readonly columnsPerThread: number;
}

// From the most to the least arithmetic per loaded value. All fit into 16 KB, which every device has.
const wide: readonly ThreadTile[] = [
  { rows: 128, columns: 128, depth: 8, rowsPerThread: 8, columnsPerThread: 8 },
  { rows: 128, columns: 64, depth: 16, rowsPerThread: 8, columnsPerThread: 8 },
  { rows: 64, columns: 64, depth: 16, rowsPerThread: 8, columnsPerThread: 4 },
];
const thin: ThreadTile = { rows: 128, columns: 32, depth: 16, rowsPerThread: 8, columnsPerThread: 4 };
const thinnest: ThreadTile = { rows: 128, columns: 16, depth: 16, rowsPerThread: 4, columnsPerThread: 4 };

/** Tiles in f32, for any GPU, from the largest to the smallest, without those that would be mostly empty. */
export function threadTiles({ columns, depth }: { columns: number; depth: number }): ConvTile[] {
  const tiles =
    columns > 32 ? wide.filter((tile) => tile.columns < 2 * columns) : [columns > 16 ? thin : thinnest];
  // Few input channels: the input is an image.
  return tiles.map((tile) => threadTile(depth > 4 ? tile : { ...tile, depth: 4 }));
}

function threadTile(tile: ThreadTile): ConvTile {
  const { rows, columns, depth } = tile;
  return {
    ...{ rows, columns, depth },
    name: Object.values(tile).join('_'),
    threads: (rows / tile.rowsPerThread) * (columns / tile.columnsPerThread),
    code: (transposed) => threadTileCode(tile, transposed),
  };
}

function threadTileCode(tile: ThreadTile, transposed: boolean): TileCode {
  const depth4 = tile.depth / 4;
  const threadColumns = tile.columns / tile.columnsPerThread;
  const threadRows = tile.rows / tile.rowsPerThread;
  return {
    memory: /* wgsl */ `
      var<workgroup> imageTile : array<vec4<f32>, ${tile.rows * depth4}>;
      var<workgroup> weightTile : array<vec4<f32>, ${(tile.depth * tile.columns) / 4}>;`,
    setUp: /* wgsl */ `
      let row = local / ${threadColumns};
      let column = local % ${threadColumns};
      ${eachSum(tile, (i, j) => `var sum${i}_${j} = vec4<f32>();`)}`,
    storeImage: (row, channel, value) => `imageTile[${row} * ${depth4} + ${channel} / 4] = ${value};`,
    weights: transposed ? transposedWeights(tile) : plainWeights(tile),
    multiply: multiply(tile),
    end: each(tile.rowsPerThread, (i) => {
      const write = each(
        tile.columnsPerThread / 4,
        (j) => `write(start, firstColumn + (column + ${j * threadColumns}) * 4, sum${i}_${j});`,
      );
      return `{
        let start = startOfPixel(place.split, phase, firstRow + row + ${i * threadRows});
        if (start >= 0) { ${write} }
      }`;
    }),
  };
}

/** Copies four output channels at a time. */
function plainWeights({ depth, columns }: TileSize): Moves {
  return {
    total: (depth * columns) / 4,
    setUp: (slot, s) => /* wgsl */ `
      let weightChannel${s} = ${slot} / ${columns / 4};
      let weightColumn${s} = firstColumn + ${slot} % ${columns / 4} * 4;
      var weights${s} = vec4<f32>();`,
    load: (s) => `weights${s} = readWeights(cell, channel + weightChannel${s}, weightColumn${s});`,
    store: (s) => `weightTile[weightsSlot${s}] = weights${s};`,
  };
}

/** Copies squares of 4 by 4, transposed: the transpose exchanges input and output channels of the filters. */
function transposedWeights({ depth, columns }: TileSize): Moves {
  return {
    total: (depth * columns) / 16,
    setUp: (slot, s) => /* wgsl */ `
      let weightChannel${s} = ${slot} % ${depth / 4} * 4;
      let weightColumn${s} = ${slot} / ${depth / 4};
      var weights${s} = mat4x4<f32>();`,
    load: (s) => {
      const column = (k: number) => `firstColumn + weightColumn${s} * 4 + ${k}`;
      const four = (k: number) => `readWeights(cell, ${column(k)}, channel + weightChannel${s})`;
      return `weights${s} = transpose(mat4x4<f32>(${[0, 1, 2, 3].map(four).join(', ')}));`;
    },
    store: (s) =>
      each(
        4,
        (k) =>
          `weightTile[(weightChannel${s} + ${k}) * ${columns / 4} + weightColumn${s}] = weights${s}[${k}];`,
      ),
  };
}

function multiply(tile: ThreadTile): string {
  const depth4 = tile.depth / 4;
  const columns4 = tile.columns / 4;
  const rowStep = tile.rows / tile.rowsPerThread;
  const columnStep = tile.columns / tile.columnsPerThread;
  return /* wgsl */ `
    for (var k = 0; k < ${depth4}; k++) {
      ${each(tile.rowsPerThread, (i) => `let a${i} = imageTile[(row + ${i * rowStep}) * ${depth4} + k];`)}
      ${each(
        4,
        (k) => `{
          ${each(
            tile.columnsPerThread / 4,
            (j) => `let b${j} = weightTile[(k * 4 + ${k}) * ${columns4} + column + ${j * columnStep}];`,
          )}
          ${eachSum(tile, (i, j) => `sum${i}_${j} = fma(vec4<f32>(a${i}[${k}]), b${j}, sum${i}_${j});`)}
        }`,
      )}
    }`;
}

function eachSum(tile: ThreadTile, code: (i: number, j: number) => string): string {
  return each(tile.rowsPerThread, (i) => each(tile.columnsPerThread / 4, (j) => code(i, j)));
}
