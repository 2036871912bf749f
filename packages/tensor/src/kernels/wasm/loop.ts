import {
  addIntegers,
  asFloat,
  type Bytes,
  extractLane,
  type FunctionCode,
  f32,
  floatConstant,
  getLocal,
  i32,
  increase,
  integer,
  maskIntegers,
  setLocal,
  v128,
  whileBelow,
} from './assembler';
import { add, fourFloats, type Lanes, oneFloat, type Place, type Value } from './values';

/** What an operand has: a float for each channel of each pixel, for each channel or for each pixel, or only one. */
export type OperandKind = 'image' | 'channels' | 'pixels' | 'number';

/** A loop over the channels of pixels. */
export interface Loop<Name extends string = string> {
  readonly operands: Readonly<Record<Name, OperandKind>>;
  /** What it computes for each channel of each pixel. */
  readonly value: (operands: Readonly<Record<Name, Value>>) => Value;
  /**
   * Adds the values of all pixels to a result of one pixel, or those of all channels to a result of one channel. By default
   * each has its own place in the result.
   */
  readonly sums?: 'pixels' | 'channels';
  /** Whether the result has a gap after each line of pixels. */
  readonly inLines?: boolean;
}

/** Indices of the parameters that all loops have. */
const pixels = 0;
const width = 1;
const result = 2;
const resultStep = 3;

/**
 * The code of a loop. Its parameters: the number of pixels, the bytes of a pixel, the address of the result and the
 * bytes from one of its pixels to the next; then for each operand the bits of its number, or its address, and for an image also the
 * bytes from pixel to pixel; with lines, their number, of that many pixels each, and the bytes of a gap.
 */
export function loopCode({ operands, value, sums, inLines }: Loop): FunctionCode {
  let parameters = 4;
  const indices = new Map<string, number>();
  for (const [operand, kind] of Object.entries(operands)) {
    indices.set(operand, parameters);
    parameters += kind === 'image' ? 2 : 1;
  }
  const lines = parameters;
  const gap = parameters + 1;
  if (inLines) parameters += 2;
  const locals: number[] = [];
  const newLocal = (type: number) => parameters + locals.push(type) - 1;
  const pixel = newLocal(i32);
  const channel = newLocal(i32);
  const inFours = newLocal(i32);
  /** Sums of the channels of a pixel. */
  const fourSums = newLocal(v128);
  const oneSum = newLocal(f32);

  /** Computes the next one or four channels. */
  const compute = (lanes: Lanes, bytes: number): Bytes => {
    const at = (address: number): Bytes => [...getLocal(address), ...getLocal(channel), ...addIntegers];
    const read: Record<OperandKind, (index: number) => Value> = {
      image: (index) => () => [...at(index), ...lanes.load],
      channels: (index) => () => [...at(index), ...lanes.load],
      pixels: (index) => () => [...getLocal(index), ...lanes.loadSame],
      number: (index) => () => [...getLocal(index), ...asFloat, ...lanes.spread],
    };
    const named = Object.entries(operands).map(([operand, kind]) => [
      operand,
      read[kind](indices.get(operand)!),
    ]);
    const computed = value(Object.fromEntries(named));
    const place: Place = { lanes, newLocal: () => newLocal(lanes.type) };
    const next = increase(channel, integer(bytes));
    if (sums === 'channels') {
      const sum = lanes === oneFloat ? oneSum : fourSums;
      return [...add(() => getLocal(sum), computed)(place), ...setLocal(sum), ...next];
    }
    const stored = sums === 'pixels' ? add(read.image(result), computed) : computed;
    return [...at(result), ...stored(place), ...lanes.store, ...next];
  };
  const clearSums = [fourFloats, oneFloat].flatMap((lanes) => [
    ...[...floatConstant(0), ...lanes.spread],
    ...setLocal(lanes === oneFloat ? oneSum : fourSums),
  ]);
  // The same to the bit as if another addition followed, since what was there comes last.
  const storeSums = [
    ...[...getLocal(result), ...getLocal(oneSum)],
    ...[0, 1, 2, 3].flatMap((lane) => [...getLocal(fourSums), ...extractLane(lane), ...oneFloat.add]),
    ...[...getLocal(result), ...oneFloat.load, ...oneFloat.add],
    ...oneFloat.store,
  ];
  const steps = Object.entries(operands).flatMap(([operand, kind]) => {
    const index = indices.get(operand)!;
    if (kind === 'image') return increase(index, getLocal(index + 1));
    return kind === 'pixels' ? increase(index, integer(4)) : [];
  });
  const line: Bytes = [
    ...whileBelow(pixel, pixels, [
      ...[...integer(0), ...setLocal(channel)],
      ...(sums === 'channels' ? clearSums : []),
      ...whileBelow(channel, inFours, compute(fourFloats, 16)),
      ...whileBelow(channel, width, compute(oneFloat, 4)),
      ...(sums === 'channels' ? storeSums : []),
      ...(sums === 'pixels' ? [] : increase(result, getLocal(resultStep))),
      ...steps,
      ...increase(pixel, integer(1)),
    ]),
  ];
  const lineIndex = newLocal(i32);
  const allLines = whileBelow(lineIndex, lines, [
    ...[...integer(0), ...setLocal(pixel), ...line],
    ...increase(result, getLocal(gap)),
    ...increase(lineIndex, integer(1)),
  ]);
  const body = [
    // The channels that come in fours.
    ...[...getLocal(width), ...integer(-16), ...maskIntegers, ...setLocal(inFours)],
    ...(inLines ? allLines : line),
  ];
  return { parameters, locals, body };
}
