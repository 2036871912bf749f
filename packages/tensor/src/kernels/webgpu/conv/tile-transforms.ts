import {
  type Arithmetic,
  ofFilter,
  reach,
  type Transform,
  tile,
  transformPixels,
  transformSums,
} from '../../winograd';
import { type ConvCodeOptions, gridFunction, imageReader, writer } from './conv-functions';

/** From the number of an invocation to four channels of a tile, whose places lie together, as 6 × 6 pixels of an image. */
const work = (channels: string) => /* wgsl */ `
  let fours = uniforms.${channels} / 4;
  let grid = gridOf(i / fours);
  if (grid.x >= uniforms.batch) { return; }
  let channel = i % fours * 4;
  let line = uniforms.gridWidth * ${reach} * fours;
  let first = (grid.x * uniforms.gridHeight + grid.y) * ${reach} * line + grid.z * ${reach} * fours + i % fours;`;

const placeAt = (row: number, column: number) => `first + ${row} * line + ${column} * fours`;

/** WGSL that transforms tiles of `image` to places, four channels an invocation. */
export function pixelsToPlaces(options: Pick<ConvCodeOptions, 'scalars' | 'before'>): string {
  const pixel = (row: number, column: number) =>
    `readImage(grid.x, origin + vec2<i32>(${row}, ${column}), channel)`;
  const { code, results } = transformed(reach, pixel, transformPixels);
  return /* wgsl */ `
    ${gridFunction}
    ${imageReader(options)}
    fn main(i : i32) {
      ${work('inChannels')}
      let origin = grid.yz * ${tile} - vec2<i32>(uniforms.top, uniforms.left);
      ${code}
      ${results.map(({ row, column, value }) => `result[${placeAt(row, column)}] = ${value};`).join('\n')}
    }`;
}

/**
 * WGSL that transforms the sums of places to tiles of results, four channels an invocation.
 *
 * @param inParts whether it adds up parts of the sums first
 */
export function placesToPixels(
  options: Pick<ConvCodeOptions, 'scalars' | 'bias' | 'relu' | 'after'>,
  inParts: boolean,
): string {
  const sum = (row: number, column: number) => `readSum(${placeAt(row, column)})`;
  const { code, results } = transformed(reach, sum, transformSums);
  const store = ({ row, column, value }: Result) => /* wgsl */ `
    if (all(pixel + vec2<i32>(${row}, ${column}) < vec2<i32>(uniforms.outHeight, uniforms.outWidth))) {
      write(start + (${row} * uniforms.outWidth + ${column}) * uniforms.outChannels, channel, ${value});
    }`;
  return /* wgsl */ `
    ${gridFunction}
    ${writer(options)}
    fn readSum(at : i32) -> V {
      var sum = sums[at];
      ${inParts ? addUp : ''}
      return sum;
    }
    fn main(i : i32) {
      ${work('outChannels')}
      let pixel = grid.yz * ${tile};
      let start = ((grid.x * uniforms.outHeight + pixel.x) * uniforms.outWidth + pixel.y) * uniforms.outChannels;
      ${code}
      ${results.map(store).join('')}
    }`;
}

const addUp = /* wgsl */ `
  for (var split = 1; split < uniforms.splits; split++) { sum += sums[split * uniforms.partSize + at]; }`;

/**
 * WGSL that transforms a filter `weights` of 3 × 3, HWIO, to a matrix for each place, from those channels that are summed over
 * to the others. The transpose of a convolution exchanges them and turns the filter around.
 */
export function filterToPlaces(isTransposed: boolean): string {
  const weight = (row: number, column: number) =>
    `weights[${isTransposed ? 8 - 3 * row - column : 3 * row + column} * size + channels]`;
  const { code, results } = transformed(3, weight, transformWeights);
  return /* wgsl */ `
    fn main(i : i32) {
      let size = uniforms.rows * uniforms.columns;
      if (i >= size) { return; }
      let channels = ${isTransposed ? 'i % uniforms.columns * uniforms.rows + i / uniforms.columns' : 'i'};
      ${code}
      ${results.map(({ row, column, value }) => `result[${reach * row + column} * size + i] = ${value};`).join('\n')}
    }`;
}

const transformWeights: Transform = (values, { add, times }) =>
  ofFilter.map((row) => row.map((factor, k) => times(factor, values[k]!)).reduce(add));

/** A transformed value: the name of a WGSL variable. */
interface Result {
  readonly row: number;
  readonly column: number;
  readonly value: string;
}

/** WGSL that transforms a square of values, column by column and then row by row. */
function transformed(
  side: number,
  load: (row: number, column: number) => string,
  transform: Transform,
): { code: string; results: Result[] } {
  const lines: string[] = [];
  const keep = (value: string) => {
    const name = `v${lines.length}`;
    lines.push(`let ${name} = ${value};`);
    return name;
  };
  const math: Arithmetic<string> = {
    add: (a, b) => `(${a} + ${b})`,
    subtract: (a, b) => `(${a} - ${b})`,
    times: (factor, value) => `${factor} * ${value}`,
    keep,
  };
  const indices = Array.from({ length: side }, (_, i) => i);
  const columns = indices.map((column) =>
    transform(
      indices.map((row) => keep(load(row, column))),
      math,
    ).map(keep),
  );
  const results = columns[0]!.flatMap((_, row) =>
    transform(
      columns.map((column) => column[row]!),
      math,
    ).map((value, column) => ({ row, column, value })),
  );
  return { code: lines.join('\n'), results };
}
