import type { TileSize } from './implicit-gemm';

/** Size of a convolution as a matrix product. */
export interface ProductSize {
  /** Pixels. */
  readonly rows: number;
  /** Output channels. */
  readonly columns: number;
  /** Number of such products: the phases of a transposed convolution. */
  readonly products: number;
  /** Input channels. */
  readonly depth: number;
  /** Most taps of the filter that contribute to a row. */
  readonly taps: number;
}

/** How a convolution is distributed over a GPU. */
export interface Plan<Tile> {
  readonly tile: Tile;
  /** Number of parts that the sum over taps and channels is split into. */
  readonly splits: number;
}

/** Fewest steps over taps and channels that are worth a separate workgroup. */
const leastSteps = 4;

/**
 * Takes the first tile size that gives `enough` workgroups to fill a GPU. If even the last, the smallest, gives less than
 * a quarter of that, as in the first blocks of a generator, the sum itself is split into parts that another program adds
 * up.
 */
export function planProduct<Tile extends TileSize>(
  size: ProductSize,
  tiles: readonly Tile[],
  enough: number,
): Plan<Tile> {
  const count = (tile: Tile) =>
    size.products * Math.ceil(size.rows / tile.rows) * Math.ceil(size.columns / tile.columns);
  const tile = tiles.find((tile) => count(tile) >= enough) ?? tiles.at(-1)!;
  const steps = size.taps * Math.ceil(size.depth / tile.depth);
  const wanted = count(tile) < enough / 4 ? Math.ceil(enough / count(tile)) : 1;
  const splits = Math.min(wanted, Math.floor(steps / leastSteps));
  return { tile, splits: Math.max(1, splits) };
}

/** Number of multiplications in a convolution. */
export function multiplications({ rows, columns, products, depth, taps }: ProductSize): number {
  return rows * columns * products * depth * taps;
}
