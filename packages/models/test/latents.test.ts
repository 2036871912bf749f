import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { encodeFrame, encodeLatents, type Latent } from '@faceanim/core';
import { encodeSafetensors, FaceanimError, type HostTensor, randomState } from '@faceanim/tensor';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { describe, expect, it } from 'vitest';
import { mutate } from '../../tensor/test/support/mutate';
import { missingShared, sharedDir } from '../../tensor/test/support/shared';
import { openCheckpoint } from '../src/checkpoints';
import { fitLatents, readLatents } from '../src/latents/read-latents';
import { refusal } from './checkpoints/support';
import { failure } from './support/failure';
import { npy } from './support/npy';
import { pickled, pickledTensors, torchFile } from './support/torch-file';

const [numWs, wDim] = [4, 3];
const generator = { numWs, wDim };
const counted = (length: number) => Float32Array.from({ length }, (_, i) => i / 4);
const plus: HostTensor = { shape: [1, numWs, wDim], data: counted(numWs * wDim) };
const [latent]: [Latent] = [{ numWs, wDim, data: plus.data }];

const bytesOf = (data: Float32Array | Float64Array) => new Uint8Array(data.slice().buffer);
const float32 = (data: Float32Array, shape: readonly number[], options = {}) =>
  npy(bytesOf(data), "'<f4'", shape, options);

async function npz(arrays: Record<string, Uint8Array>, level = 0): Promise<Uint8Array> {
  const zip = new ZipWriter(new Uint8ArrayWriter(), { level });
  for (const [name, bytes] of Object.entries(arrays))
    await zip.add(`${name}.npy`, new Uint8ArrayReader(bytes));
  return zip.close();
}

const compressed = () => npz({ w: float32(counted(300), [100, 3]) }, 6);

/** Changes a byte in the middle of the compressed data. */
async function damaged(file: Promise<Uint8Array>): Promise<Uint8Array> {
  const bytes = await file;
  bytes[100]! ^= 255;
  return bytes;
}

/** Changes the unpacked size in the central directory of a zip archive with one entry. */
function claiming(file: Uint8Array, size: number): Uint8Array {
  const at = file.findIndex((_, i) => [0x50, 0x4b, 1, 2].every((byte, k) => file[i + k] === byte));
  new DataView(file.buffer, file.byteOffset).setUint32(at + 24, size, true);
  return file;
}

describe('readLatents', () => {
  const frame = {
    index: 0,
    driverIndex: 0,
    latent,
    coordinates: counted(5),
    losses: {},
    history: [],
    steps: 1,
    stopReason: 'steps',
    origin: { sdk: '0', settings: {}, mean: [0] },
  } as const;
  const files: Record<string, () => Uint8Array | Promise<Uint8Array>> = {
    'projected_w.npz': () => npz({ w: float32(plus.data, plus.shape) }),
    'an npz with other arrays beside w': () =>
      npz({ image: float32(counted(4), [2, 2]), w: float32(plus.data, plus.shape) }),
    'an npz of np.savez_compressed': () => npz({ w: float32(plus.data, plus.shape) }, 6),
    'an npy of float32': () => float32(plus.data, [numWs, wDim]),
    'an npy of float64, version 2': () =>
      npy(bytesOf(Float64Array.from(plus.data)), "'<f8'", plus.shape, { version: 2 }),
    'an npy in Fortran order': () =>
      float32(
        Float32Array.from({ length: 12 }, (_, i) => plus.data[(i % numWs) * wDim + Math.floor(i / numWs)]!),
        [numWs, wDim],
        { fortran: true },
      ),
    'a single tensor of torch': () => torchFile((tensor) => tensor(plus)),
    'rosinality’s projector, {image: {latent, noise}}': () =>
      torchFile((tensor) =>
        pickled.dict([
          [
            'face.png',
            pickledTensors(
              [
                ['img', { shape: [1, 3, 2, 2], data: counted(12) }],
                ['latent', { shape: [numWs, wDim], data: plus.data }],
                ['noise', { shape: [2, 2], data: counted(4) }],
              ],
              tensor,
            ),
          ],
        ]),
      ),
    'latents.safetensors of this SDK': () => encodeLatents([latent], { fps: '25' }),
    'a frame of a run': () => encodeFrame(frame),
    'safetensors of another program': () =>
      encodeSafetensors([
        ['ws', plus],
        ['z', { shape: [1], data: counted(1) }],
      ]),
  };
  it.each(Object.entries(files))('%s', async (_, file) => {
    const stored = await readLatents(await file());
    expect(stored.latents).toEqual([latent]);
    expect(fitLatents(stored, generator)).toEqual([latent]);
  });

  it('returns the metadata of this SDK’s files', async () => {
    expect((await readLatents(encodeLatents([latent], { fps: '25' }))).metadata).toMatchObject({ fps: '25' });
  });

  it('keeps the shots of a run', async () => {
    const shots = [0, 0, 1].map((shot) => ({ ...latent, shot }));
    const stored = await readLatents(encodeLatents(shots));
    expect(stored.latents).toEqual(shots);
    expect(fitLatents(stored, latent).map(({ shot }) => shot)).toEqual([0, 0, 1]);
  });

  it('repeats a single w for all layers and keeps the order of sequences', async () => {
    const w = counted(wDim);
    const repeated = {
      numWs,
      wDim,
      data: Float32Array.from({ length: numWs * wDim }, (_, i) => w[i % wDim]!),
    };
    for (const shape of [[wDim], [1, wDim], [1, 1, wDim]]) {
      expect(fitLatents(await readLatents(float32(w, shape)), generator)).toEqual([repeated]);
    }
    const two = counted(2 * numWs * wDim);
    const frames = fitLatents(await readLatents(float32(two, [2, numWs, wDim])), generator);
    expect(frames.map(({ data }) => data)).toEqual([two.slice(0, 12), two.slice(12)]);
    const ws = fitLatents(await readLatents(float32(counted(6), [2, 1, wDim])), generator);
    expect(ws.map(({ data }) => data.slice(0, 6))).toEqual([
      Float32Array.of(0, 0.25, 0.5, 0, 0.25, 0.5),
      Float32Array.of(0.75, 1, 1.25, 0.75, 1, 1.25),
    ]);
  });

  const npzFile = sharedDir() && join(sharedDir()!, 'media/troubles/projected_w.npz');
  it.skipIf(!npzFile || !existsSync(npzFile))(
    npzFile ? 'projected_w.npz as NVIDIA’s projector saves it' : missingShared,
    async () => {
      const stored = await readLatents(npzFile!);
      expect(stored.latents.map((l) => [l.numWs, l.wDim])).toEqual([[14, 512]]);
      expect(failure(() => fitLatents(stored, generator))).toMatchObject({
        code: 'weights-mismatch',
        file: npzFile,
        message: expect.stringMatching(/\[14, 512\].*\[4, 3\]/),
      });
    },
  );

  it.each<[what: string, Uint8Array | (() => Promise<Uint8Array>), code: string, message: RegExp]>([
    ['objects', npy(Uint8Array.of(0x80, 2, 0x4e, 0x2e), "'|O'", [1]), 'checkpoint-corrupt', /"\|O"/],
    ['several fields', npy(new Uint8Array(8), "[('a', '<f4')]", [1]), 'checkpoint-corrupt', /several fields/],
    ['big-endian numbers', npy(new Uint8Array(4), "'>f4'", [1]), 'checkpoint-corrupt', /">f4"/],
    [
      'a shape larger than the file',
      float32(counted(3), [1_000_000_000, 512]),
      'checkpoint-corrupt',
      /takes 2048000000000 bytes/,
    ],
    [
      'a shape larger than any number',
      float32(counted(3), [2 ** 53, 2 ** 53]),
      'checkpoint-corrupt',
      /impossible shape/,
    ],
    [
      'a header longer than the file',
      float32(counted(3), [3], { size: 9000 }),
      'checkpoint-corrupt',
      /truncated/,
    ],
    [
      'an endless header',
      float32(counted(3), [3], { size: 60_000 }),
      'checkpoint-corrupt',
      /claims a header/,
    ],
    ['an unknown version', float32(counted(3), [3], { version: 9 }), 'checkpoint-corrupt', /version 9/],
    ['a truncated file', float32(counted(3), [3]).slice(0, 9), 'checkpoint-corrupt', /truncated/],
    [
      'numbers that are not finite',
      float32(Float32Array.of(1, Number.NaN, 2), [3]),
      'checkpoint-corrupt',
      /not finite/,
    ],
    ['four axes', float32(counted(16), [2, 2, 2, 2]), 'weights-mismatch', /\[2, 2, 2, 2\]/],
    ['no axis', float32(counted(1), []), 'weights-mismatch', /no latent/],
    ['no frame', float32(counted(0), [0, 4, 3]), 'weights-mismatch', /no latent/],
    ['integers', npy(new Uint8Array(24), "'<i8'", [1, 3]), 'weights-mismatch', /integers/],
    ['damaged compressed arrays', () => damaged(compressed()), 'checkpoint-corrupt', /"w.npy" is damaged/],
    [
      'compressed arrays that hold more than they claim',
      async () => claiming(await compressed(), 500),
      'checkpoint-corrupt',
      /"w.npy" is damaged/,
    ],
    [
      'compressed arrays that claim gigabytes',
      async () => claiming(await compressed(), 3e9),
      'checkpoint-corrupt',
      /claim 3000000000 bytes/,
    ],
    [
      'tensors with other names',
      encodeSafetensors([
        ['a', plus],
        ['b', plus],
      ]),
      'weights-mismatch',
      /holds no latents/,
    ],
  ])('refuses %s', async (_, file, code, message) => {
    const error = await refusal(readLatents(typeof file === 'function' ? await file() : file));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.hint).toBeTruthy();
  });

  it('opens as any other checkpoint does', async () => {
    await using archive = await openCheckpoint(await npz({ w: float32(plus.data, plus.shape) }));
    expect(archive.format).toBe('npz');
    expect([...archive.tensors]).toMatchObject([['w', { dtype: 'F32', shape: plus.shape }]]);
    await using array = await openCheckpoint(float32(plus.data, plus.shape));
    expect(array.format).toBe('npy');
  });
});

it('mutated files of latents are read or refused with a typed error', async () => {
  const random = randomState(1);
  const originals = [
    float32(plus.data, plus.shape),
    await npz({ w: float32(plus.data, plus.shape) }),
    await compressed(),
    await torchFile((tensor) => tensor(plus)),
    encodeLatents([latent, latent], { fps: '25' }),
  ];
  for (const [i, original] of originals.entries()) {
    for (let k = 0; k < 40; k++) {
      const before = process.memoryUsage().arrayBuffers;
      try {
        fitLatents(await readLatents(mutate(original, () => random.randomSample())), generator);
      } catch (error) {
        if (!FaceanimError.isInstance(error)) throw new Error(`file ${i}, case ${k}`, { cause: error });
      }
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20);
    }
  }
});
