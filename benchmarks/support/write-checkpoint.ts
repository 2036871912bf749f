import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Shapes } from './config-f';

/** Networks by their keys in the file. */
export type Networks = Readonly<Record<string, Shapes>>;

/** Writes random tensors in the form of stylegan2-ada-pytorch's network pickles. */
export function writeNetworkPickle(path: string, networks: Networks): Promise<void> {
  return pipeline(Readable.from(networkPickle(networks)), createWriteStream(path));
}

/** Writes random tensors as safetensors. */
export function writeSafetensors(path: string, networks: Networks): Promise<void> {
  return pipeline(Readable.from(safetensors(networks)), createWriteStream(path));
}

const countOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** Random floats in -1..1; one block is repeated. */
function* floats(count: number): Iterable<Uint8Array> {
  for (let left = count; left > 0; left -= block.length) {
    const part = left < block.length ? block.subarray(0, left) : block;
    yield new Uint8Array(part.buffer, 0, part.byteLength);
  }
}

const block = Float32Array.from({ length: 2 ** 18 }, () => 2 * Math.random() - 1);

function* safetensors(networks: Networks): Iterable<Uint8Array> {
  const header: Record<string, unknown> = {};
  let end = 0;
  const tensors = Object.entries(networks).flatMap(([key, shapes]) =>
    Object.entries(shapes).map(([name, shape]) => [`${key}.${name}`, shape] as const),
  );
  for (const [name, shape] of tensors) {
    header[name] = { dtype: 'F32', shape, data_offsets: [end, (end += 4 * countOf(shape))] };
  }
  const json = Buffer.from(JSON.stringify(header));
  yield u64(json.length);
  yield json;
  for (const [, shape] of tensors) yield* floats(countOf(shape));
}

// The few opcodes of Python's pickle that are needed.
const [STOP, MARK, TUPLE, REDUCE, SETITEM, APPEND] = ['.', '(', 't', 'R', 's', 'a'].map((op) =>
  Buffer.from(op),
);
const [DICT, LIST, EMPTY, PERSISTENT] = ['}', ']', ')', 'Q'].map((op) => Buffer.from(op));
const [PROTOCOL, TRUE, FALSE, NONE] = ['8004', '88', '89', '4e'].map((op) => Buffer.from(op, 'hex'));

type Part = Uint8Array;

function* networkPickle(networks: Networks): Iterable<Part> {
  yield* [PROTOCOL!, DICT!];
  for (const [key, shapes] of Object.entries(networks)) {
    yield* [text(key), global('torch_utils.persistence', '_reconstruct_persistent_obj'), MARK!, DICT!];
    yield* [text('class_name'), text(key === 'D' ? 'Discriminator' : 'Generator'), SETITEM!];
    yield* [text('state'), DICT!, text('_parameters'), DICT!];
    for (const [name, shape] of Object.entries(shapes)) {
      yield text(name);
      yield* tensor(shape);
      yield SETITEM!;
    }
    yield* [SETITEM!, SETITEM!, TUPLE!, REDUCE!, SETITEM!];
  }
  yield STOP!;
}

/** `_rebuild_tensor_v2(_load_from_bytes(bytes), 0, size, stride, False, OrderedDict())`. */
function* tensor(shape: readonly number[]): Iterable<Part> {
  const count = countOf(shape);
  const head = Buffer.concat(legacyHead(count));
  const strides = shape.map((_, axis) => countOf(shape.slice(axis + 1)));
  yield* [global('torch._utils', '_rebuild_tensor_v2'), MARK!];
  yield* [global('torch.storage', '_load_from_bytes'), MARK!];
  yield Buffer.concat([Buffer.from('8e', 'hex'), u64(head.length + 4 * count), head]);
  yield* floats(count);
  yield* [TUPLE!, REDUCE!, int(0), ...tuple(shape), ...tuple(strides), FALSE!];
  yield* [global('collections', 'OrderedDict'), EMPTY!, REDUCE!, TUPLE!, REDUCE!];
}

/** What precedes the data in the bytes of a storage, which are themselves a legacy torch file. */
function legacyHead(count: number): Part[] {
  const storage = [
    text('storage'),
    global('torch', 'FloatStorage'),
    text('0'),
    text('cpu'),
    int(count),
    NONE!,
  ];
  return [
    ...[PROTOCOL!, Buffer.from('8a0a6cfc9c46f9206aa85019', 'hex'), STOP!],
    ...[PROTOCOL!, int(1001), STOP!],
    ...[PROTOCOL!, DICT!, text('little_endian'), TRUE!, SETITEM!, STOP!],
    ...[PROTOCOL!, MARK!, ...storage, TUPLE!, PERSISTENT!, STOP!],
    ...[PROTOCOL!, LIST!, text('0'), APPEND!, STOP!],
    u64(count),
  ];
}

function tuple(values: readonly number[]): Part[] {
  return [MARK!, ...values.map(int), TUPLE!];
}

function global(module: string, name: string): Part {
  return Buffer.from(`c${module}\n${name}\n`);
}

function text(value: string): Part {
  const head = Buffer.from('X    ');
  head.writeUInt32LE(Buffer.byteLength(value), 1);
  return Buffer.concat([head, Buffer.from(value)]);
}

function int(value: number): Part {
  const bytes = Buffer.from('J    ');
  bytes.writeInt32LE(value, 1);
  return bytes;
}

function u64(value: number): Part {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
