/**
 * Convolution of 3 × 3 by tiles of 4 × 4 results, with 36 multiplications for each where the definition has 144: F(4 × 4, 3 × 3)
 * of Lavin and Gray 2015, arXiv 1509.09308. A tile of 6 × 6 pixels and the filter are transformed, their products are summed
 * over the channels, a matrix product for each of the 36 places, and the sums are transformed to a tile of results.
 */
import {
  addIntegers,
  asFloat,
  type Bytes,
  type FunctionCode,
  getLocal,
  i32,
  increase,
  integer,
  numbered,
  setLocal,
  v128,
  whileBelow,
} from '../assembler';
import { scratchBytes } from '../run';
import {
  add,
  constant,
  fourAtLeast,
  fourFloats,
  multiply,
  type Place,
  subtract,
  type Value,
} from '../values';

/** Width and height of the results of a tile. */
export const tile = 4;
/** Width and height of the pixels that a tile reads. */
export const reach = 6;
/** Places of a transformed tile. */
export const places = reach * reach;

/** How many tiles a thread can transform at a time; none of many channels. */
export function tilesInScratch(from: number, to: number): number {
  // Less the lines between places.
  return Math.floor((scratchBytes - 256 * places) / (4 * places * (from + to)));
}

/** Rows of the transform of a filter. */
const ofFilter = [
  [1 / 4, 0, 0],
  [-1 / 6, -1 / 6, -1 / 6],
  [-1 / 6, 1 / 6, -1 / 6],
  [1 / 24, 1 / 12, 1 / 6],
  [1 / 24, -1 / 12, 1 / 6],
  [0, 0, 1],
] as const;

const half = new Float64Array(3 * reach);

/** Transforms a filter of 3 × 3. There may be millions. */
export function transformFilter(weights: Float64Array, result: Float64Array): void {
  for (let row = 0; row < reach; row++) {
    const [a, b, c] = ofFilter[row]!;
    for (let x = 0; x < 3; x++)
      half[3 * row + x] = a * weights[x]! + b * weights[3 + x]! + c * weights[6 + x]!;
  }
  for (let column = 0; column < reach; column++) {
    const [a, b, c] = ofFilter[column]!;
    for (let row = 0; row < reach; row++) {
      const at = 3 * row;
      result[reach * row + column] = a * half[at]! + b * half[at + 1]! + c * half[at + 2]!;
    }
  }
}

/** Computes a value now, for several uses. */
type Keep = (value: Value) => Value;
/** A transform of the values of a row or a column. */
type Transform = (values: readonly Value[], keep: Keep) => readonly Value[];

const [two, four, five, eight] = [2, 4, 5, 8].map(constant) as [Value, Value, Value, Value];

const transformPixels: Transform = (values, keep) => {
  const [d0, d1, d2, d3, d4, d5] = values as [Value, Value, Value, Value, Value, Value];
  const even = keep(subtract(d4, multiply(four, d2)));
  const odd = keep(subtract(d3, multiply(four, d1)));
  const outer = keep(subtract(d4, d2));
  const inner = keep(multiply(two, subtract(d3, d1)));
  return [
    add(subtract(multiply(four, d0), multiply(five, d2)), d4),
    add(even, odd),
    subtract(even, odd),
    add(outer, inner),
    subtract(outer, inner),
    add(subtract(multiply(four, d1), multiply(five, d3)), d5),
  ];
};

const transformSums: Transform = (values, keep) => {
  const [m0, m1, m2, m3, m4, m5] = values as [Value, Value, Value, Value, Value, Value];
  const near = keep(add(m1, m2));
  const nearOdd = keep(subtract(m1, m2));
  const far = keep(add(m3, m4));
  const farOdd = keep(subtract(m3, m4));
  return [
    add(add(m0, near), far),
    add(nearOdd, multiply(two, farOdd)),
    add(near, multiply(four, far)),
    add(add(nearOdd, multiply(eight, farOdd)), m5),
  ];
};

const gridNames = ['address', 'row', 'column', 'tile', 'tileRow'] as const;

/** Where tiles are: an address, and bytes from a row, column, tile or row of tiles to the next. */
export type TileGrid = Readonly<Record<(typeof gridNames)[number], number>>;

/** Arguments of the code of a transform. */
export interface TransformArguments {
  readonly tileRows: number;
  /** Tiles of a row. */
  readonly tiles: number;
  readonly channels: number;
  readonly from: TileGrid;
  readonly to: TileGrid;
  /** A float for each channel. Only read by code with a bias. */
  readonly bias?: number;
  /** Bits of the least value of the result. */
  readonly floor?: number;
}

/** Arguments in the order of the parameters. */
export function transformArguments(named: TransformArguments): number[] {
  const values = [named.tileRows, named.tiles, 4 * named.channels];
  for (const name of gridNames) values.push(named.from[name]);
  for (const name of gridNames) values.push(named.to[name]);
  values.push(named.bias ?? 0, named.floor ?? 0);
  return values;
}

/** The code that transforms tiles of pixels, whose channels come in fours. */
export const pixelsToPlaces: FunctionCode = transformCode(transformPixels, { scratch: 'to' });

const sumsToPixels = [false, true].map((bias) =>
  transformCode(transformSums, { scratch: 'from', finish: { bias } }),
);

/** The code that transforms sums to tiles of results. */
export const placesToPixels = (bias: boolean): FunctionCode => sumsToPixels[Number(bias)]!;

function transformCode(
  transform: Transform,
  { scratch, finish }: { scratch: 'from' | 'to'; finish?: { bias: boolean } },
): FunctionCode {
  const size = numbered(['tileRows', 'tiles', 'channels']);
  const from = numbered(gridNames, 3);
  const to = numbered(gridNames, 8);
  const { bias, floor } = numbered(['bias', 'floor'], 13);
  const parameters = 15;
  const local = numbered(
    ['tileRow', 'tile', 'channel', 'fromTile', 'toTile', 'fromColumn', 'toRow', 'at'],
    parameters,
  );
  const locals: number[] = Object.keys(local).map(() => i32);
  const bytes: number[] = [];
  const place: Place = { lanes: fourFloats, newLocal: () => parameters + locals.push(v128) - 1 };
  const keep: Keep = (value) => {
    const kept = place.newLocal();
    bytes.push(...value(place), ...setLocal(kept));
    return () => getLocal(kept);
  };
  const copy = (target: number, source: Bytes) => bytes.push(...source, ...setLocal(target));
  const advance = (address: number, by: number) => bytes.push(...increase(address, getLocal(by)));
  const withChannel = (address: number): Bytes => [
    ...[...getLocal(address), ...getLocal(local.channel), ...addIntegers],
  ];

  copy(local.fromColumn, withChannel(local.fromTile));
  const columns = Array.from({ length: reach }, () => {
    copy(local.at, getLocal(local.fromColumn));
    const values = Array.from({ length: reach }, () => {
      const value = keep(() => [...getLocal(local.at), ...fourFloats.load]);
      advance(local.at, from.row);
      return value;
    });
    advance(local.fromColumn, from.column);
    return transform(values, keep).map(keep);
  });
  copy(local.toRow, withChannel(local.toTile));
  for (const row of columns[0]!.keys()) {
    copy(local.at, getLocal(local.toRow));
    for (const value of transform(
      columns.map((column) => column[row]!),
      keep,
    )) {
      const biased = finish?.bias ? add(value, () => [...withChannel(bias), ...fourFloats.load]) : value;
      const least: Value = () => [...getLocal(floor), ...asFloat, ...fourFloats.spread];
      const finished = finish ? fourAtLeast(biased, least) : value;
      bytes.push(...getLocal(local.at), ...finished(place), ...fourFloats.store);
      advance(local.at, to.column);
    }
    advance(local.toRow, to.row);
  }
  const body = whileBelow(local.tileRow, size.tileRows, [
    ...[...getLocal(from.address), ...setLocal(local.fromTile)],
    ...[...getLocal(to.address), ...setLocal(local.toTile)],
    ...[...integer(0), ...setLocal(local.tile)],
    ...whileBelow(local.tile, size.tiles, [
      ...[...integer(0), ...setLocal(local.channel)],
      ...whileBelow(local.channel, size.channels, [...bytes, ...increase(local.channel, integer(16))]),
      ...increase(local.fromTile, getLocal(from.tile)),
      ...increase(local.toTile, getLocal(to.tile)),
      ...increase(local.tile, integer(1)),
    ]),
    ...increase(from.address, getLocal(from.tileRow)),
    ...increase(to.address, getLocal(to.tileRow)),
    ...increase(local.tileRow, integer(1)),
  ]);
  return { parameters, inScratch: [{ from, to }[scratch].address], locals, body };
}
