import type { TileSize } from './conv-shell';

/** Extent of a convolution as a product of matrices. */
export interface ProductSize {
  /** Pixels. */
  readonly rows: number;
  /** Output channels. */
  readonly columns: number;
  /** How many such products there are: the phases of a transposed convolution. */
  readonly products: number;
  /** Input channels. */
  readonly depth: number;
  /** Taps of the filter that a row takes, at most. */
  readonly taps: number;
}

/** How a convolution is spread over a GPU. */
export interface Plan<Tile> {
  readonly tile: Tile;
  /** Into how many parts the sum over taps and channels is cut. */
  readonly splits: number;
}

/** Steps over taps and channels that are worth a workgroup of their own. */
const leastSteps = 4;

/**
 * The first of the tiles of which there are `enough` workgroups to fill a GPU. Where even the last, the smallest, are
 * less than a quarter as many, as in the first blocks of a generator, the sum itself is cut into parts, which another
 * program adds up.
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

/** Multiplications of a convolution. */
export function multiplications({ rows, columns, products, depth, taps }: ProductSize): number {
  return rows * columns * products * depth * taps;
}
