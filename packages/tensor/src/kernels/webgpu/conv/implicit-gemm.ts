import { type ConvCodeOptions, convFunctions } from './conv-functions';
import { each } from './each';

/** Share of a workgroup in a matrix product: pixels, output channels, and input channels per step. */
export interface TileSize {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

/** A tile size with the code that computes it. */
export interface ConvTile extends TileSize {
  /** Unique to the code. */
  readonly name: string;
  /** Invocations in a workgroup. */
  readonly threads: number;
  /** @param transposed whether the channels that are summed over are contiguous in the filters, as for a transpose */
  code(transposed: boolean): TileCode;
}

/** How a workgroup multiplies the tiles of both factors: the WGSL in and around the loop over taps and input channels. */
export interface TileCode {
  /** Declarations of arrays in workgroup memory. */
  readonly memory: string;
  /** Declarations of variables, before the loop. */
  readonly setUp: string;
  /** Writes four channels of a row of the tile of the image into workgroup memory. */
  storeImage(row: string, channel: string, value: string): string;
  /** Copies the tile of the filters from global to workgroup memory. */
  readonly weights: Moves;
  /** Adds the product of the two tiles to the sums. */
  readonly multiply: string;
  /** Writes the sums. */
  readonly end: string;
}

/** How the invocations of a workgroup copy a tile, part by part, from global to workgroup memory. */
export interface Moves {
  /** Number of parts in the tile. */
  readonly total: number;
  /** Declares the variables of the s-th part of an invocation, which is part `slot` of the tile. */
  setUp(slot: string, s: number): string;
  /** Loads the part from global memory into its variable. */
  load(s: number): string;
  /** Stores the variable in workgroup memory. */
  store(s: number): string;
}

/**
 * WGSL of a convolution, or of its transpose, as a product of matrices that are never stored (implicit GEMM): rows are
 * pixels of the result, columns its channels, and the sum runs over taps and input channels. A workgroup computes a tile
 * of the result from tiles of both factors in workgroup memory, and prefetches the next pair of tiles into registers while
 * it multiplies the current one.
 *
 * The transpose reads the same filters, or copies with their channels exchanged. The pixels stride · m + phase of one phase
 * share their taps, so each phase is a product of its own and nothing is multiplied by inserted zeros (Shi et al. 2016, arXiv
 * 1609.05158).
 *
 * Arrays: `image` NHWC, `weights` HWIO, `bias`, and `result` NHWC, one after the other for the parts of a split sum.
 */
export function convCode(tile: ConvTile, options: ConvCodeOptions): string {
  const { threads } = tile;
  const { transposed, exchanged = false } = options;
  const code = tile.code(transposed && !exchanged);
  const image = imageMoves(tile, transposed, code.storeImage);
  const moves = [
    { ...image, name: 'image' },
    { ...code.weights, name: 'weights' },
  ];
  /** Code for each part that an invocation copies, guarded if the parts do not divide evenly. */
  const move = (step: 'load' | 'store') =>
    moves
      .map(({ name, total, ...steps }) =>
        each(Math.ceil(total / threads), (s) =>
          total % threads === 0 ? steps[step](s) : `if (${name}Slot${s} < ${total}) { ${steps[step](s)} }`,
        ),
      )
      .join('');
  const setUpMoves = moves
    .map(({ name, total, setUp }) =>
      each(
        Math.ceil(total / threads),
        (s) => `let ${name}Slot${s} = local + ${s * threads}; ${setUp(`${name}Slot${s}`, s)}`,
      ),
    )
    .join('');
  return /* wgsl */ `
    var<workgroup> sharedPlace : Place;
    ${code.memory}
    ${convFunctions(options)}

    fn main(i : i32) {
      let local = i32(localIndex);
      // Barriers need control flow that is provably uniform across the workgroup.
      if (local == 0) { sharedPlace = placeOfWorkgroup(); }
      let place = workgroupUniformLoad(&sharedPlace);
      if (place.split >= uniforms.splits) { return; }
      let firstRow = place.rowTile * ${tile.rows};
      let firstColumn = place.columnTile * ${tile.columns};
      let phase = vec2<i32>(place.phase / uniforms.stride, place.phase % uniforms.stride);
      let first = firstTap(phase);
      let taps = tapsOf(phase);
      let tapCount = taps.x * taps.y;
      let steps = tapCount * ((uniforms.inChannels + ${tile.depth - 1}) / ${tile.depth});
      let stepsPerSplit = (steps + uniforms.splits - 1) / uniforms.splits;
      let begin = min(steps, place.split * stepsPerSplit);
      let end = min(steps, begin + stepsPerSplit);
      // Taps change faster than channels: neighbouring taps read the same pixels, which are then in the cache.
      var channel = begin / max(1, tapCount) * ${tile.depth};
      var tap = vec2<i32>(begin % max(1, tapCount) / max(1, taps.y), begin % max(1, taps.y));
      ${setUpMoves}
      ${code.setUp}

      for (var step = begin; step <= end; step++) {
        if (step < end) {
          let cell = cellOf(first, tap);
          ${move('load')}
          tap.y++;
          if (tap.y == taps.y) { tap = vec2<i32>(tap.x + 1, 0); }
          if (tap.x == taps.x) { tap.x = 0; channel += ${tile.depth}; }
        }
        if (step > begin) {
          ${code.multiply}
        }
        workgroupBarrier();
        ${move('store')}
        workgroupBarrier();
      }
      ${code.end}
    }`;
}

/** Copies the tile of the image, four channels of a pixel at a time. */
function imageMoves({ rows, depth }: TileSize, transposed: boolean, store: TileCode['storeImage']): Moves {
  return {
    total: (rows * depth) / 4,
    setUp: (slot, s) => /* wgsl */ `
      let grid${s} = gridOf(firstRow + ${slot} / ${depth / 4});
      let origin${s} = originOfRow(phase, grid${s});
      let imageRow${s} = ${slot} / ${depth / 4};
      let imageChannel${s} = ${slot} % ${depth / 4} * 4;
      var image${s} = vec4<f32>();`,
    load: (s) =>
      `image${s} = readImage(grid${s}.x, origin${s} ${transposed ? '-' : '+'} tap, channel + imageChannel${s});`,
    store: (s) => store(`imageRow${s}`, `imageChannel${s}`, `image${s}`),
  };
}
