import { FaceanimError, invalidOption } from '../errors';
import { DTYPE_BYTES, type Dtype, fromFloat32, isDtype, toFloat32 } from './dtypes';
import type { HostTensor } from './host-tensor';

/** A tensor to write: floats, stored as F32 (the default) or F16, or raw little-endian bytes of any dtype. */
export type SafetensorsInput =
  | { readonly shape: readonly number[]; readonly data: Float32Array; readonly dtype?: 'F32' | 'F16' }
  | { readonly shape: readonly number[]; readonly data: Uint8Array; readonly dtype: Dtype };

/** Type, shape and position of a tensor in a safetensors file. */
export interface SafetensorsEntry {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** First byte in the file. */
  readonly offset: number;
  readonly byteLength: number;
}

/** The header of a safetensors file. */
export interface SafetensorsHeader {
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Size of the prefix: the length of the JSON header as a 64-bit number. */
const PREFIX_BYTES = 8;
/** As in the reference implementation. */
const MAX_HEADER_BYTES = 100_000_000;

/** A tensor as the header of a file names it. */
export interface SafetensorsShape {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

/**
 * The start of a safetensors file: its header, which the data of the tensors follow in the same order, without gaps. For writers
 * that do not have all data at once. Wide dtypes must come first, so that every tensor is aligned.
 *
 * @throws FaceanimError `invalid-option` for a duplicate name
 */
export function safetensorsHeader(
  tensors: Iterable<readonly [string, SafetensorsShape]>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const header = new Map<string, unknown>();
  if (metadata) header.set('__metadata__', metadata);
  let end = 0;
  for (const [name, { dtype, shape }] of tensors) {
    if (header.has(name) || name === '__metadata__')
      throw invalidOption('tensors', name, 'a list of unique names');
    header.set(name, { dtype, shape, data_offsets: [end, (end += byteLengthOf(dtype, shape))] });
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const start = PREFIX_BYTES + Math.ceil(json.byteLength / 8) * 8;
  const bytes = new Uint8Array(start).fill(0x20, PREFIX_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - PREFIX_BYTES), true);
  bytes.set(json, PREFIX_BYTES);
  return bytes;
}

/**
 * Encodes tensors as a safetensors file (https://github.com/huggingface/safetensors). The same input always gives the same
 * bytes; wide dtypes come first, so that every tensor is aligned.
 *
 * @throws FaceanimError `invalid-option` for a duplicate name or a shape that does not match its data
 */
export function encodeSafetensors(
  tensors: Iterable<readonly [string, SafetensorsInput]>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const stored = [...tensors].map(([name, tensor]) => store(name, tensor));
  stored.sort((a, b) => DTYPE_BYTES[b.dtype] - DTYPE_BYTES[a.dtype]);

  const header = safetensorsHeader(
    stored.map(({ name, dtype, shape }) => [name, { dtype, shape }]),
    metadata,
  );
  let end = header.byteLength;
  const file = new Uint8Array(stored.reduce((size, { bytes }) => size + bytes.byteLength, end));
  file.set(header);
  for (const { bytes } of stored) {
    file.set(bytes, end);
    end += bytes.byteLength;
  }
  return file;
}

/**
 * Decodes a safetensors file. F16, BF16, F64, integers and BOOL are converted to 32-bit floats.
 *
 * @param options.file name of the file, for error messages
 * @throws FaceanimError `checkpoint-corrupt`, with file and offset, for anything that the format does not allow;
 *   `invalid-option` for anything but bytes
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  options: { file?: string } = {},
): { tensors: Map<string, HostTensor>; metadata: Record<string, string> } {
  const { file } = options;
  if (!(bytes instanceof Uint8Array))
    throw invalidOption('bytes', bytes, 'a Uint8Array of the content of a file, e.g. await readFile(path)');
  const start = safetensorsDataStart(bytes, bytes.byteLength, file);
  const header = parseSafetensorsHeader(bytes.subarray(PREFIX_BYTES, start), bytes.byteLength, file);
  const tensors = new Map<string, HostTensor>();
  for (const [name, { dtype, shape, offset, byteLength }] of header.entries) {
    tensors.set(name, {
      shape,
      data: toFloat32(Uint8Array.prototype.slice.call(bytes, offset, offset + byteLength), dtype),
    });
  }
  return { tensors, metadata: { ...header.metadata } };
}

/**
 * The offset of the data in a safetensors file. The bytes from 8 up to there are the header for
 * {@link parseSafetensorsHeader}.
 *
 * @param prefix the first 8 bytes of the file, or more
 * @param fileSize in bytes
 * @throws FaceanimError `checkpoint-corrupt` if the header does not fit into the file
 */
export function safetensorsDataStart(prefix: Uint8Array, fileSize: number, file?: string): number {
  if (fileSize === 0) throw corrupt('The file is empty.', file, 0);
  if (fileSize < PREFIX_BYTES) throw corrupt(`The file ends after ${fileSize} bytes.`, file, fileSize);
  const length = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) throw corrupt('This is not a safetensors file.', file, 0);
  const start = PREFIX_BYTES + Number(length);
  if (start > fileSize)
    throw corrupt(`The header claims ${length} bytes, the file has ${fileSize}.`, file, 0);
  return start;
}

/**
 * Parses and validates the JSON header of a safetensors file of `fileSize` bytes. As in the reference implementation, the
 * tensors must fill the rest of the file without gaps or overlaps, so that nothing can be hidden or aliased.
 *
 * @throws FaceanimError `checkpoint-corrupt` for anything that the format does not allow
 */
export function parseSafetensorsHeader(
  header: Uint8Array,
  fileSize: number,
  file?: string,
): SafetensorsHeader {
  const json = parseJson(header, file);
  const start = PREFIX_BYTES + header.byteLength;
  const entries: [string, SafetensorsEntry][] = [];
  let metadata: Record<string, string> = {};
  // Object.entries sees own properties only, so a tensor may even be named __proto__.
  for (const [name, value] of Object.entries(json)) {
    if (name === '__metadata__') metadata = parseMetadata(value, file);
    else entries.push([name, parseEntry(name, value, start, fileSize, file)]);
  }

  let end = start;
  for (const [name, entry] of [...entries].sort(
    ([, a], [, b]) => a.offset - b.offset || a.byteLength - b.byteLength,
  )) {
    if (entry.offset !== end) {
      const how = entry.offset < end ? 'overlaps another tensor' : 'leaves a gap before it';
      throw corrupt(`Tensor ${JSON.stringify(name)} ${how}.`, file, entry.offset);
    }
    end += entry.byteLength;
  }
  if (end !== fileSize) throw corrupt(`The tensors end at byte ${end}, the file at ${fileSize}.`, file, end);
  return { entries: new Map(entries), metadata };
}

function byteLengthOf(dtype: Dtype, shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, DTYPE_BYTES[dtype]);
}

function store(name: string, { shape, data, dtype = 'F32' }: SafetensorsInput) {
  const bytes = data instanceof Float32Array ? fromFloat32(data, dtype as 'F32' | 'F16') : data;
  if (bytes.byteLength !== byteLengthOf(dtype, shape)) {
    throw invalidOption(`tensors[${JSON.stringify(name)}]`, data, `data of the shape [${shape.join(', ')}]`);
  }
  return { name, dtype, shape, bytes };
}

function parseJson(header: Uint8Array, file: string | undefined): object {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header));
  } catch (cause) {
    throw corrupt('The header is not JSON.', file, PREFIX_BYTES, cause);
  }
  if (!isObject(json)) throw corrupt('The header is not a JSON object.', file, PREFIX_BYTES);
  return json;
}

function parseMetadata(value: unknown, file: string | undefined): Record<string, string> {
  if (!isObject(value) || Object.values(value).some((text) => typeof text !== 'string')) {
    throw corrupt('__metadata__ does not map strings to strings.', file, PREFIX_BYTES);
  }
  return value as Record<string, string>;
}

function parseEntry(
  name: string,
  value: unknown,
  start: number,
  fileSize: number,
  file: string | undefined,
): SafetensorsEntry {
  const fail = (why: string) => corrupt(`Tensor ${JSON.stringify(name)} ${why}.`, file, PREFIX_BYTES);
  if (!isObject(value)) throw fail('is not described by an object');
  const { dtype, shape, data_offsets: range } = value as Record<string, unknown>;
  if (!isDtype(dtype)) throw fail(`has the unknown dtype ${JSON.stringify(dtype)}`);
  if (!isSizes(shape)) throw fail('has no valid shape');
  if (!isSizes(range) || range.length !== 2) throw fail('has no valid data_offsets');
  const [begin, end] = range as [number, number];
  if (begin > end) throw fail('ends before it begins');
  if (start + end > fileSize)
    throw fail(`ends at byte ${start + end}, past the end of the file (${fileSize} bytes)`);
  // A product beyond 2^53 is inexact, but cannot equal the size of a file either.
  const expected = byteLengthOf(dtype, shape);
  if (expected !== end - begin)
    throw fail(`of shape [${shape.join(', ')}] takes ${end - begin} bytes instead of ${expected}`);
  return { dtype, shape, offset: start + begin, byteLength: end - begin };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function corrupt(why: string, file: string | undefined, offset: number, cause?: unknown): FaceanimError {
  return new FaceanimError('checkpoint-corrupt', `${file ?? 'safetensors'}: ${why}`, {
    file,
    offset,
    cause,
    hint: 'Check that it is the right file, or download or export it again; safetensors files are written whole or not at all.',
  });
}
