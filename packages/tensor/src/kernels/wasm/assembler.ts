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

/** An integer constant, in signed LEB128. */
export function integer(value: number): Bytes {
  const bytes = [0x41];
  for (let rest = value; ; rest >>= 7) {
    const low = rest & 0x7f;
    if (rest >= -64 && rest < 64) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

export function floatConstant(value: number): Bytes {
  return [0x43, ...new Uint8Array(new Float32Array([value]).buffer)];
}

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** The bits of a float, as an integer. */
export function bitsOf(value: number): number {
  float[0] = value;
  return bits[0]!;
}

/** An instruction of the SIMD extension. */
export const simd = (code: number): Bytes => [0xfd, ...unsigned(code)];

/** An instruction of the SIMD extension that reads or writes floats some bytes after an address. */
export const simdAt = (code: number, bytes = 0): Bytes => [...simd(code), 0x02, ...unsigned(bytes)];

/** One of the four floats of a vector. */
export const extractLane = (lane: number): Bytes => [...simd(0x1f), lane];

export const addIntegers: Bytes = [0x6a];
export const subtractIntegers: Bytes = [0x6b];
export const multiplyIntegers: Bytes = [0x6c];
export const maskIntegers: Bytes = [0x71];
const isBelow: Bytes = [0x49];

/** An integer read as a float with the same bits. */
export const asFloat: Bytes = [0xbe];

/** The smaller of two locals, unsigned. */
export const smaller = (a: number, b: number): Bytes => [
  ...[...getLocal(a), ...getLocal(b)],
  ...[...getLocal(a), ...getLocal(b), ...isBelow],
  0x1b,
];

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

/** Indices of parameters or locals, in this order. */
export function numbered<Name extends string>(names: readonly Name[], first = 0): Record<Name, number> {
  return Object.fromEntries(names.map((name, i) => [name, first + i])) as Record<Name, number>;
}

/** A local, increased by the number that some instructions compute. */
export const increase = (index: number, by: Bytes): Bytes => [
  ...getLocal(index),
  ...by,
  ...addIntegers,
  ...setLocal(index),
];

/** A function of integers without result. */
export interface FunctionCode {
  /** Number of parameters. */
  readonly parameters: number;
  /** Parameters that are addresses in the scratch memory of the thread, relative to its start. */
  readonly inScratch?: readonly number[];
  /** Types of its further locals. */
  readonly locals: Bytes;
  readonly body: Bytes;
}

const list = (...items: readonly Bytes[]): Bytes => [...unsigned(items.length), ...items.flat()];
const sized = (bytes: Bytes): Bytes => [...unsigned(bytes.length), ...bytes];
const section = (id: number, ...items: readonly Bytes[]): Bytes => [id, ...sized(list(...items))];
const text = (name: string): Bytes => sized([...name].map((letter) => letter.charCodeAt(0)));
const imported = (name: string, type: Bytes): Bytes => [...text('env'), ...text(name), ...type];

/**
 * A module that exports one function, `run`. It imports its memory as `env.memory`, and the address of the scratch memory
 * of the thread as `env.scratch`.
 */
export function assemble(
  { parameters, inScratch = [], locals, body }: FunctionCode,
  sharedMemory: boolean,
): Uint8Array<ArrayBuffer> {
  // Any size, from 0 to 65536 pages.
  const limits = sharedMemory ? [0x03, 0x00, ...unsigned(65536)] : [0x00, 0x00];
  const scratch: Bytes = [0x23, 0x00];
  const whole = [...inScratch.flatMap((index) => increase(index, scratch)), ...body, 0x0b];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [0x60, ...sized(Array(parameters).fill(i32)), 0x00]),
    ...section(2, imported('memory', [0x02, ...limits]), imported('scratch', [0x03, i32, 0x00])),
    ...section(3, [0x00]),
    ...section(7, [...text('run'), 0x00, 0x00]),
    ...section(10, sized([...list(...locals.map((type) => [0x01, type])), ...whole])),
  ]);
}
