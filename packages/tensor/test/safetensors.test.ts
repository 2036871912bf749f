import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pythonCommand } from '../../../tools/python.mjs';
import { FaceanimError } from '../src/errors';
import {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsInput,
} from '../src/serialization/safetensors';
import { listFixtures, missingShared } from './support/shared';

/** The typed error that decoding throws. */
function refusal(bytes: Uint8Array, file?: string): FaceanimError {
  try {
    decodeSafetensors(bytes, { file });
  } catch (error) {
    if (FaceanimError.isInstance(error, 'checkpoint-corrupt')) return error;
    throw error;
  }
  throw new Error('was read');
}

/** A file with this header and this many bytes of data. */
function fileWith(header: string, dataBytes: number): Uint8Array {
  const json = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

describe('encodeSafetensors and decodeSafetensors', () => {
  it('are inverse: values, shapes, scalars, empty tensors, metadata', () => {
    const tensors: [string, SafetensorsInput][] = [
      ['halves', { shape: [3], data: Float32Array.of(1, -2.5, 65504), dtype: 'F16' }],
      ['matrix', { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
      ['scalar', { shape: [], data: Float32Array.of(Math.fround(0.1)) }],
      ['empty', { shape: [0, 4], data: new Float32Array(0) }],
      ['raw', { shape: [3], data: Uint8Array.of(1, 0, 1), dtype: 'BOOL' }],
    ];
    const { tensors: read, metadata } = decodeSafetensors(encodeSafetensors(tensors, { licence: 'CC0 ✓' }));
    expect(metadata).toEqual({ licence: 'CC0 ✓' });
    expect(read.size).toBe(tensors.length);
    for (const [name, { shape, data }] of tensors) {
      expect(read.get(name)?.shape).toEqual(shape);
      expect([...read.get(name)!.data]).toEqual([...data]);
    }
  });

  it('aligns every tensor whatever the order and the lengths of names', () => {
    const bytes = encodeSafetensors([
      ['b', { shape: [1], data: Uint8Array.of(7), dtype: 'U8' }],
      ['a', { shape: [1], data: Float32Array.of(1), dtype: 'F16' }],
      ['longer name', { shape: [1], data: Float32Array.of(2) }],
    ]);
    expect(decodeSafetensors(bytes).tensors.get('longer name')!.data[0]).toBe(2);
    expect(new DataView(bytes.buffer).getUint8(0) % 8).toBe(0);
  });

  it('reads from a view at an odd address, and copies the data', () => {
    const bytes = encodeSafetensors([['x', { shape: [2], data: Float32Array.of(1, 2) }]]);
    const shifted = new Uint8Array(bytes.length + 1).subarray(1);
    shifted.set(bytes);
    const { data } = decodeSafetensors(shifted).tensors.get('x')!;
    shifted.fill(0);
    expect([...data]).toEqual([1, 2]);
  });

  it('rounds halves to nearest even, over the whole range', () => {
    const cases: [number, number][] = [
      [1 + 2 ** -11, 1],
      [1 + 3 * 2 ** -11, 1 + 2 ** -9],
      [65519, 65504],
      [65520, Number.POSITIVE_INFINITY],
      [2 ** -24, 2 ** -24],
      [2 ** -25, 0],
      [1.5 * 2 ** -25, 2 ** -24],
      [1023.5 * 2 ** -24, 2 ** -14],
      [-1e30, Number.NEGATIVE_INFINITY],
      [-1e-30, -0],
      [Number.NaN, Number.NaN],
    ];
    const data = Float32Array.from(cases, ([given]) => given);
    const bytes = encodeSafetensors([['x', { shape: [cases.length], data, dtype: 'F16' }]]);
    expect([...decodeSafetensors(bytes).tensors.get('x')!.data]).toEqual(cases.map(([, stored]) => stored));
  });

  it('round-trips every half unchanged', () => {
    const halves = new Uint16Array(65536).map((_, i) => i);
    const shape = [65536];
    const raw = encodeSafetensors([['x', { shape, data: new Uint8Array(halves.buffer), dtype: 'F16' }]]);
    const { data } = decodeSafetensors(raw).tensors.get('x')!;
    const again = encodeSafetensors([['x', { shape, data, dtype: 'F16' }]]);
    const written = new Uint16Array(again.slice(again.length - 2 * 65536).buffer);
    const isNan = (half: number) => (half & 0x7c00) === 0x7c00 && (half & 0x3ff) !== 0;
    expect(halves.every((half, i) => (isNan(half) ? isNan(written[i]!) : written[i] === half))).toBe(true);
  });

  it('converts every other dtype', () => {
    const raw = (dtype: SafetensorsInput['dtype'], array: ArrayBufferView): SafetensorsInput =>
      ({ dtype, shape: [2], data: new Uint8Array(array.buffer) }) as SafetensorsInput;
    const bytes = encodeSafetensors([
      ['F64', raw('F64', Float64Array.of(0.1, -1e300))],
      ['BF16', raw('BF16', Uint16Array.of(0x3f80, 0xc020))],
      ['I64', raw('I64', BigInt64Array.of(-(2n ** 40n), 3n))],
      ['U64', raw('U64', BigUint64Array.of(2n ** 63n, 3n))],
      ['I32', raw('I32', Int32Array.of(-5, 6))],
      ['U32', raw('U32', Uint32Array.of(2 ** 31, 6))],
      ['I16', raw('I16', Int16Array.of(-5, 6))],
      ['U16', raw('U16', Uint16Array.of(40000, 6))],
      ['I8', raw('I8', Int8Array.of(-5, 6))],
      ['U8', raw('U8', Uint8Array.of(200, 6))],
      ['BOOL', raw('BOOL', Uint8Array.of(0, 255))],
    ]);
    const values = Object.fromEntries(
      [...decodeSafetensors(bytes).tensors].map(([name, { data }]) => [name, [...data]]),
    );
    expect(values).toEqual({
      F64: [Math.fround(0.1), Number.NEGATIVE_INFINITY],
      BF16: [1, -2.5],
      I64: [-(2 ** 40), 3],
      U64: [2 ** 63, 3],
      I32: [-5, 6],
      U32: [2 ** 31, 6],
      I16: [-5, 6],
      U16: [40000, 6],
      I8: [-5, 6],
      U8: [200, 6],
      BOOL: [0, 1],
    });
  });

  it('refuses duplicate names and shapes that do not match', () => {
    const one: SafetensorsInput = { shape: [1], data: Float32Array.of(1) };
    const write =
      (...tensors: [string, SafetensorsInput][]) =>
      () =>
        encodeSafetensors(tensors);
    expect(write(['a', one], ['a', one])).toThrow(FaceanimError);
    expect(write(['__metadata__', one])).toThrow(FaceanimError);
    expect(write(['a', { ...one, shape: [2] }])).toThrow(/shape \[2\]/);
  });

  it('accepts __proto__ and constructor as names', () => {
    const one: SafetensorsInput = { shape: [1], data: Float32Array.of(1) };
    const { tensors } = decodeSafetensors(
      encodeSafetensors([
        ['__proto__', one],
        ['constructor', one],
      ]),
    );
    expect([...tensors.keys()].sort()).toEqual(['__proto__', 'constructor']);
    expect(({} as { dtype?: unknown }).dtype).toBeUndefined();
  });

  it.each([
    ['no object', '[]', 0],
    ['a gap', '{"x":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}', 2],
    ['bytes left over', '{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 2],
    ['a fractional size', '{"x":{"dtype":"U8","shape":[0.5],"data_offsets":[0,1]}}', 1],
    ['no offsets', '{"x":{"dtype":"U8","shape":[1]}}', 1],
    ['metadata that are no strings', '{"__metadata__":{"a":1}}', 0],
    ['a tensor that is no object', '{"x":null}', 0],
  ])('refuses %s', (_, header, dataBytes) => {
    expect(refusal(fileWith(header, dataBytes), 'x.safetensors')).toMatchObject({
      file: 'x.safetensors',
      offset: expect.any(Number),
      hint: expect.any(String),
    });
  });

  it('says that a file of another kind is not a safetensors file', () => {
    const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13);
    expect(refusal(png).message).toContain('not a safetensors file');
  });

  it('refuses every truncation of a file', () => {
    const bytes = encodeSafetensors([['x', { shape: [2], data: Float32Array.of(1, 2) }]]);
    for (let length = 0; length < bytes.length; length++) refusal(bytes.slice(0, length));
  });
});

describe('hostile safetensors', () => {
  const files = listFixtures('hostile', /\.safetensors$/);
  if (files.length === 0) it.skip(missingShared, () => {});
  it.each(files.map((path) => [basename(path), path]))('%s', (name, path) => {
    const bytes = new Uint8Array(readFileSync(path));
    if (name === 'st-proto.safetensors') {
      expect([...decodeSafetensors(bytes).tensors.keys()]).toContain('__proto__');
      expect(Object.keys(Object.prototype)).toEqual([]);
      return;
    }
    expect(refusal(bytes, path)).toMatchObject({ file: path, offset: expect.any(Number) });
  });
});

describe('the reference implementation in Python', () => {
  const python = hasPython();
  it.skipIf(!python)('reads what we write (skipped without python3 and safetensors)', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'faceanim-')), 'ours.safetensors');
    writeFileSync(
      file,
      encodeSafetensors(
        [
          ['odd', { shape: [3], data: Uint8Array.of(1, 2, 3), dtype: 'U8' }],
          ['half', { shape: [3], data: Float32Array.of(0.5, -1, 3), dtype: 'F16' }],
          ['x.weight', { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4.25) }],
          ['scalar', { shape: [], data: Float32Array.of(7) }],
        ],
        { note: 'ünïcode' },
      ),
    );
    const script = [
      'import sys, json',
      'from safetensors import safe_open',
      'with safe_open(sys.argv[1], "numpy") as f:',
      '    t = {k: f.get_tensor(k) for k in f.keys()}',
      '    print(json.dumps([f.metadata(), {k: [str(v.dtype), v.tolist()] for k, v in t.items()}]))',
    ].join('\n');
    const printed = execFileSync(pythonCommand(), ['-c', script, file], { encoding: 'utf8' });
    expect(JSON.parse(printed)).toEqual([
      { note: 'ünïcode' },
      {
        odd: ['uint8', [1, 2, 3]],
        half: ['float16', [0.5, -1, 3]],
        'x.weight': [
          'float32',
          [
            [1, 2],
            [3, 4.25],
          ],
        ],
        scalar: ['float32', 7],
      },
    ]);
  });
});

function hasPython(): boolean {
  try {
    execFileSync(pythonCommand(), ['-c', 'import safetensors.numpy'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
