/**
 * Convolution of 3 × 3 by tiles of 4 × 4 results, with 36 multiplications for each where the definition has 144: F(4 × 4, 3 × 3)
 * of Lavin and Gray 2015, arXiv 1509.09308. A tile of 6 × 6 pixels and the filter are transformed, their products are summed
 * over the channels, a matrix product for each of the 36 places, and the sums are transformed to a tile of results.
 */

/** Width and height of the results of a tile. */
export const tile = 4;
/** Width and height of the pixels that a tile reads. */
export const reach = 6;
/** Places of a transformed tile. */
export const places = reach * reach;

/** Rows of the transform of a filter. */
export const ofFilter = [
  [1 / 4, 0, 0],
  [-1 / 6, -1 / 6, -1 / 6],
  [-1 / 6, 1 / 6, -1 / 6],
  [1 / 24, 1 / 12, 1 / 6],
  [1 / 24, -1 / 12, 1 / 6],
  [0, 0, 1],
] as const;

/** Arithmetic with values that are code. */
export interface Arithmetic<V> {
  add(a: V, b: V): V;
  subtract(a: V, b: V): V;
  times(factor: number, value: V): V;
  /** Computes a value now, for several uses. */
  keep(value: V): V;
}

/** A transform of the values of a row or a column. */
export type Transform = <V>(values: readonly V[], math: Arithmetic<V>) => readonly V[];

/** Transforms six pixels. */
export function transformPixels<V>(
  values: readonly V[],
  { add, subtract, times, keep }: Arithmetic<V>,
): readonly V[] {
  const [d0, d1, d2, d3, d4, d5] = values as [V, V, V, V, V, V];
  const even = keep(subtract(d4, times(4, d2)));
  const odd = keep(subtract(d3, times(4, d1)));
  const outer = keep(subtract(d4, d2));
  const inner = keep(times(2, subtract(d3, d1)));
  return [
    add(subtract(times(4, d0), times(5, d2)), d4),
    add(even, odd),
    subtract(even, odd),
    add(outer, inner),
    subtract(outer, inner),
    add(subtract(times(4, d1), times(5, d3)), d5),
  ];
}

/** Transforms six sums to four results. */
export function transformSums<V>(
  values: readonly V[],
  { add, subtract, times, keep }: Arithmetic<V>,
): readonly V[] {
  const [m0, m1, m2, m3, m4, m5] = values as [V, V, V, V, V, V];
  const near = keep(add(m1, m2));
  const nearOdd = keep(subtract(m1, m2));
  const far = keep(add(m3, m4));
  const farOdd = keep(subtract(m3, m4));
  return [
    add(add(m0, near), far),
    add(nearOdd, times(2, farOdd)),
    add(near, times(4, far)),
    add(add(nearOdd, times(8, farOdd)), m5),
  ];
}
