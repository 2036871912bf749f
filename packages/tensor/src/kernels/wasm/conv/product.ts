import {
  addIntegers,
  asFloat,
  type Bytes,
  type FunctionCode,
  getLocal,
  i32,
  increase,
  integer,
  maskIntegers,
  multiplyIntegers,
  numbered,
  setLocal,
  simdAt,
  smaller,
  subtractIntegers,
  v128,
  whileBelow,
} from '../assembler';
import { fourAtLeast, fourFloats, type Place, type Value, zero } from '../values';

const parameterNames = [
  'batches',
  'pixels',
  'a',
  'aPixel',
  'aBatch',
  'run',
  'runs',
  'aRun',
  'b',
  'bBatch',
  'panels',
  'bias',
  'floor',
  'out',
  'outPixel',
  'outBatch',
] as const;

/** Arguments of a product. Sizes and steps are in bytes. */
export interface ProductArguments {
  readonly batches: number;
  /** Number of pixels, at least as many as the code has rows. */
  readonly pixels: number;
  /** What a pixel reads: `runs` runs of floats, `run` long and `aRun` apart. */
  readonly a: number;
  readonly aPixel: number;
  readonly aBatch: number;
  readonly run: number;
  readonly runs: number;
  readonly aRun: number;
  /** Panels of the matrix, one after the other. */
  readonly b: number;
  readonly bBatch: number;
  readonly panels: number;
  /** A float for each column. Only read by code with a bias. */
  readonly bias: number;
  /** Bits of the least value of the result. */
  readonly floor: number;
  readonly out: number;
  readonly outPixel: number;
  readonly outBatch: number;
}

/** Arguments in the order of the parameters. */
export function productArguments(named: ProductArguments): number[] {
  const values: number[] = [];
  for (const name of parameterNames) values.push(named[name]);
  return values;
}

/** What {@link productCode} is made for. */
export interface ProductOptions {
  /** Pixels that are computed together. */
  readonly rows: number;
  /** Columns of a panel: 1 to 3 of 4, or a multiple of 4. */
  readonly columns: number;
  readonly bias: boolean;
  /** Whether a and out are in scratch memory. */
  readonly inScratch: boolean;
}

/**
 * The code of a matrix product: pixels times a constant matrix, in panels of a few columns. The sums of some rows and all
 * columns of a panel stay in registers, of which there are 16.
 */
export function productCode({ rows, columns, bias, inScratch }: ProductOptions): FunctionCode {
  const parameter = numbered(parameterNames);
  const parameters = parameterNames.length;
  const local = numbered(
    [
      'batch',
      'panel',
      'pixel',
      'lastPixel',
      'nextRun',
      'end',
      'endOfFours',
      'matrix',
      'weights',
      'biasAt',
      'outAt',
      'outRow',
    ],
    parameters,
  );
  const locals: number[] = Object.keys(local).map(() => i32);
  const newLocals = (count: number, type: number) =>
    Array.from({ length: count }, () => parameters + locals.push(type) - 1);
  const vectors = Math.ceil(columns / 4);
  const pixels = newLocals(rows, i32);
  const sums = pixels.map(() => newLocals(vectors, v128));
  const factors = newLocals(vectors, v128);
  const [same] = newLocals(1, v128) as [number];

  const place: Place = { lanes: fourFloats, newLocal: () => newLocals(1, v128)[0]! };
  const load = (address: number, bytes: number): Bytes => [...getLocal(address), ...simdAt(0x00, bytes)];
  const multiplyAdd = (k: number): Bytes => [
    ...factors.flatMap((factor, v) => [...load(local.weights, 16 * (k * vectors + v)), ...setLocal(factor)]),
    ...pixels.flatMap((pixel, row) => [
      ...[...getLocal(pixel), ...simdAt(0x09, 4 * k), ...setLocal(same)],
      ...factors.flatMap((factor, v) => [
        ...[...getLocal(sums[row]![v]!), ...getLocal(same), ...getLocal(factor)],
        ...[...fourFloats.multiply, ...fourFloats.add, ...setLocal(sums[row]![v]!)],
      ]),
    ]),
  ];
  const multiplyAddSome = (count: number): Bytes => [
    ...Array.from({ length: count }, (_, k) => multiplyAdd(k)).flat(),
    ...pixels.flatMap((pixel) => increase(pixel, integer(4 * count))),
    ...increase(local.weights, integer(16 * vectors * count)),
  ];
  const sumRuns: Bytes = whileBelow(local.nextRun, parameter.runs, [
    ...[...getLocal(pixels[0]!), ...getLocal(parameter.run), ...addIntegers, ...setLocal(local.end)],
    ...[...getLocal(pixels[0]!), ...getLocal(parameter.run), ...integer(-16), ...maskIntegers],
    ...[...addIntegers, ...setLocal(local.endOfFours)],
    ...whileBelow(pixels[0]!, local.endOfFours, multiplyAddSome(4)),
    ...whileBelow(pixels[0]!, local.end, multiplyAddSome(1)),
    ...pixels.flatMap((pixel) =>
      increase(pixel, [...getLocal(parameter.aRun), ...getLocal(parameter.run), ...subtractIntegers]),
    ),
    ...increase(local.nextRun, integer(1)),
  ]);
  const firstSums = sums.flatMap((row) =>
    row.flatMap((sum, v) => [...(bias ? load(local.biasAt, 16 * v) : zero(place)), ...setLocal(sum)]),
  );
  const floor: Value = () => [...getLocal(parameter.floor), ...asFloat, ...fourFloats.spread];
  const store = (sum: number, v: number): Bytes => {
    const value = fourAtLeast(() => getLocal(sum), floor)(place);
    const left = columns - 4 * v;
    if (left >= 4) return [...getLocal(local.outRow), ...value, ...simdAt(0x0b, 16 * v)];
    return [
      ...[...value, ...setLocal(sum)],
      ...Array.from({ length: left }, (_, lane) => [
        ...[...getLocal(local.outRow), ...getLocal(sum), ...simdAt(0x5a, 16 * v + 4 * lane), lane],
      ]).flat(),
    ];
  };
  const stepped = (address: number, step: number): Bytes => [
    ...[
      ...getLocal(address),
      ...getLocal(local.pixel),
      ...getLocal(step),
      ...multiplyIntegers,
      ...addIntegers,
    ],
  ];
  const panel: Bytes = whileBelow(local.pixel, parameter.pixels, [
    // The last rows may be computed twice.
    ...[...smaller(local.pixel, local.lastPixel), ...setLocal(local.pixel)],
    ...[...stepped(parameter.a, parameter.aPixel), ...setLocal(pixels[0]!)],
    ...pixels
      .slice(1)
      .flatMap((pixel, before) => [
        ...[...getLocal(pixels[before]!), ...getLocal(parameter.aPixel), ...addIntegers, ...setLocal(pixel)],
      ]),
    ...firstSums,
    ...[...getLocal(local.matrix), ...setLocal(local.weights)],
    ...[...integer(0), ...setLocal(local.nextRun)],
    ...sumRuns,
    ...[...stepped(local.outAt, parameter.outPixel), ...setLocal(local.outRow)],
    ...sums.flatMap((row) => [
      ...row.flatMap(store),
      ...increase(local.outRow, getLocal(parameter.outPixel)),
    ]),
    ...increase(local.pixel, integer(rows)),
  ]);
  const body = [
    ...[...getLocal(parameter.pixels), ...integer(rows), ...subtractIntegers, ...setLocal(local.lastPixel)],
    ...whileBelow(local.batch, parameter.batches, [
      ...[...getLocal(parameter.b), ...setLocal(local.matrix)],
      ...[...getLocal(parameter.bias), ...setLocal(local.biasAt)],
      ...[...getLocal(parameter.out), ...setLocal(local.outAt)],
      ...[...integer(0), ...setLocal(local.panel)],
      ...whileBelow(local.panel, parameter.panels, [
        ...[...integer(0), ...setLocal(local.pixel)],
        ...panel,
        ...[...getLocal(local.weights), ...setLocal(local.matrix)],
        ...increase(local.biasAt, integer(16 * vectors)),
        ...increase(local.outAt, integer(16 * vectors)),
        ...increase(local.panel, integer(1)),
      ]),
      ...increase(parameter.a, getLocal(parameter.aBatch)),
      ...increase(parameter.b, getLocal(parameter.bBatch)),
      ...increase(parameter.out, getLocal(parameter.outBatch)),
      ...increase(local.batch, integer(1)),
    ]),
  ];
  return {
    parameters,
    inScratch: inScratch ? [parameter.a, parameter.out] : [],
    locals,
    body,
  };
}
