import {
  type Arithmetic,
  ofFilter,
  places,
  reach,
  type Transform,
  transformPixels,
  transformSums,
} from '../../winograd';
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

/** How many tiles a thread can transform at a time; none of many channels. */
export function tilesInScratch(from: number, to: number): number {
  // Less the lines between places.
  return Math.floor((scratchBytes - 256 * places) / (4 * places * (from + to)));
}

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
  const keep = (value: Value): Value => {
    const kept = place.newLocal();
    bytes.push(...value(place), ...setLocal(kept));
    return () => getLocal(kept);
  };
  const math: Arithmetic<Value> = {
    ...{ add, subtract, keep },
    times: (factor, value) => multiply(constant(factor), value),
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
    return transform(values, math).map(keep);
  });
  copy(local.toRow, withChannel(local.toTile));
  for (const row of columns[0]!.keys()) {
    copy(local.at, getLocal(local.toRow));
    for (const value of transform(
      columns.map((column) => column[row]!),
      math,
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
