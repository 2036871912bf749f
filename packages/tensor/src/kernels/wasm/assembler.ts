/** The binary format of WebAssembly (W3C, WebAssembly Core Specification 2.0, chapter 5), as far as {@link loops} use it. */

/** Instructions or other bytes of a program. */
export type Bytes = readonly number[];

export const i32 = 0x7f;
export const f32 = 0x7d;
export const v128 = 0x7b;

/** A number in LEB128. */
export function unsigned(value: number): Bytes {
  const low = value & 0x7f;
  return value < 0x80 ? [low] : [low | 0x80, ...unsigned(value >>> 7)];
}

export const getLocal = (index: number): Bytes => [0x20, ...unsigned(index)];
export const setLocal = (index: number): Bytes => [0x21, ...unsigned(index)];

/** A constant from 0 to 63. */
export const smallInteger = (value: number): Bytes => [0x41, value];

export function floatConstant(value: number): Bytes {
  return [0x43, ...new Uint8Array(new Float32Array([value]).buffer)];
}

/** An instruction of the SIMD extension. */
export const simd = (code: number): Bytes => [0xfd, ...unsigned(code)];

/** One of the four floats of a vector. */
export const extractLane = (lane: number): Bytes => [...simd(0x1f), lane];

export const addIntegers: Bytes = [0x6a];
export const maskIntegers: Bytes = [0x71];
const isBelow: Bytes = [0x49];

/** The body, repeated while one local is below another, both unsigned. */
export function whileBelow(index: number, limit: number, body: Bytes): Bytes {
  const below = [...getLocal(index), ...getLocal(limit), ...isBelow];
  return [
    ...[0x02, 0x40],
    ...[...below, 0x45, 0x0d, 0x00],
    ...[0x03, 0x40, ...body, ...below, 0x0d, 0x00, 0x0b],
    0x0b,
  ];
}

/** A local, increased by the number that some instructions compute. */
export const increase = (index: number, by: Bytes): Bytes => [
  ...getLocal(index),
  ...by,
  ...addIntegers,
  ...setLocal(index),
];

/** A function without result. */
export interface FunctionCode {
  readonly parameters: Bytes;
  /** Types of its further locals. */
  readonly locals: Bytes;
  readonly body: Bytes;
}

const list = (...items: readonly Bytes[]): Bytes => [...unsigned(items.length), ...items.flat()];
const sized = (bytes: Bytes): Bytes => [...unsigned(bytes.length), ...bytes];
const section = (id: number, item: Bytes): Bytes => [id, ...sized(list(item))];
const text = (name: string): Bytes => sized([...name].map((letter) => letter.charCodeAt(0)));

/** A module that exports one function, `run`, on the memory that it imports as `env.memory`. */
export function assemble(
  { parameters, locals, body }: FunctionCode,
  sharedMemory: boolean,
): Uint8Array<ArrayBuffer> {
  // Any size, from 0 to 65536 pages.
  const limits = sharedMemory ? [0x03, 0x00, ...unsigned(65536)] : [0x00, 0x00];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [0x60, ...sized(parameters), 0x00]),
    ...section(2, [...text('env'), ...text('memory'), 0x02, ...limits]),
    ...section(3, [0x00]),
    ...section(7, [...text('run'), 0x00, 0x00]),
    ...section(10, sized([...list(...locals.map((type) => [0x01, type])), ...body, 0x0b])),
  ]);
}
