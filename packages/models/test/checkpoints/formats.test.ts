import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import {
  decodeSafetensors,
  encodeSafetensors,
  FaceanimError,
  type HostTensor,
  toFloat32,
} from '@faceanim/tensor';
import { describe, expect, it } from 'vitest';
import { fixturePath, listFixtures } from '../../../tensor/test/support/shared';
import { type Checkpoint, openCheckpoint } from '../../src/checkpoints';
import { describeFixtures, itNeeds } from './support';

const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const named = (paths: string[]) => paths.map((path) => [basename(path), path] as const);
const shapesOf = (checkpoint: Checkpoint, prefix = '') =>
  Object.fromEntries(
    [...checkpoint.tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, { shape }]) => [name.slice(prefix.length), shape]),
  );

/** Tensors of any dtype as floats. */
async function readAll(checkpoint: Checkpoint): Promise<Map<string, HostTensor>> {
  const tensors = new Map<string, HostTensor>();
  for (const name of checkpoint.tensors.keys()) {
    const { shape, data, dtype } = await checkpoint.readTensor(name);
    tensors.set(name, { shape, data: toFloat32(data, dtype) });
  }
  return tensors;
}

describeFixtures('formats', listFixtures('formats', /./), () => {
  const expected = () =>
    decodeSafetensors(new Uint8Array(readFileSync(fixturePath('formats/expected.safetensors')))).tensors;

  /** A file as every kind of source. */
  const sources = (path: string) => {
    const bytes = new Uint8Array(readFileSync(path));
    return { path, bytes, buffer: bytes.buffer, blob: new Blob([bytes]), file: new File([bytes], 'x') };
  };

  for (const [name, format] of [
    ['dtypes.pth', 'torch-zip'],
    ['dtypes-legacy.pth', 'torch-legacy'],
  ] as const) {
    itNeeds(
      `${name}: every dtype, shared storages and strides, from every kind of source`,
      [`formats/${name}`, 'formats/expected.safetensors'],
      async () => {
        const values = [...expected()].filter(([key]) => !key.startsWith('module.'));
        for (const source of Object.values(sources(fixturePath(`formats/${name}`)))) {
          await using checkpoint = await openCheckpoint(source);
          expect(checkpoint.format).toBe(format);
          const tensors = await readAll(checkpoint);
          for (const [key, tensor] of values) expect([key, tensors.get(key)]).toEqual([key, tensor]);
          expect(tensors.size).toBe(values.length);
        }
      },
    );
  }

  for (const [name, format] of [
    ['whole-module.pth', 'torch-zip'],
    ['scripted.pt', 'torchscript'],
  ] as const) {
    itNeeds(
      `${name}: parameters and buffers of a module by name`,
      [`formats/${name}`, 'formats/expected.safetensors'],
      async () => {
        await using checkpoint = await openCheckpoint(fixturePath(`formats/${name}`));
        expect(checkpoint.format).toBe(format);
        const tensors = await checkpoint.read();
        const values = [...expected()].filter(([key]) => key.startsWith('module.'));
        for (const [key, tensor] of values) expect(tensors.get(key.slice('module.'.length))).toEqual(tensor);
        expect(tensors.size).toBe(values.length);
      },
    );
  }

  itNeeds('nested.pth: finds the nested state dict and strips module.', ['formats/nested.pth'], async () => {
    await using checkpoint = await openCheckpoint(fixturePath('formats/nested.pth'));
    expect(shapesOf(checkpoint)).toEqual({ a: [3, 4], b: [5] });
    expect(checkpoint.metadata).toMatchObject({ n: '3', name: 'x' });
  });

  itNeeds('bf16-unaligned.safetensors', ['formats/bf16-unaligned.safetensors'], async () => {
    await using checkpoint = await openCheckpoint(fixturePath('formats/bf16-unaligned.safetensors'));
    expect(checkpoint.format).toBe('safetensors');
    const weights = await checkpoint.read({ names: ['f', 'h'] });
    expect(weights.get('f')!.data).toEqual(Float32Array.of(1.5, -2.25));
    expect(weights.get('h')!.data).toEqual(Float32Array.of(1, -2.5));
    expect(await checkpoint.readTensor('u')).toEqual({
      dtype: 'U8',
      shape: [3],
      data: Uint8Array.of(1, 2, 3),
    });
  });

  itNeeds(
    'reports progress, can be aborted, and names what is missing',
    ['formats/whole-module.pth'],
    async () => {
      const path = fixturePath('formats/whole-module.pth');
      const fractions: number[] = [];
      await using checkpoint = await openCheckpoint(path, { onProgress: (e) => fractions.push(e.fraction!) });
      await checkpoint.read({ prefix: '1.' });
      expect(fractions.at(-1)).toBe(1);
      expect([...fractions].sort()).toEqual(fractions);

      const abort = AbortSignal.abort();
      await expect(checkpoint.read({ signal: abort })).rejects.toMatchObject({ code: 'aborted' });
      await expect(openCheckpoint(path, { signal: abort })).rejects.toMatchObject({ code: 'aborted' });
      await expect(checkpoint.read({ names: ['nope', '0.weight', 'nor this'] })).rejects.toThrow(
        /nope, nor this/,
      );
      await expect(checkpoint.read({ prefix: 'G_ema.' })).rejects.toMatchObject({ code: 'weights-mismatch' });
      await expect(checkpoint.readTensor('constructor')).rejects.toBeInstanceOf(FaceanimError);
    },
  );

  itNeeds('closes its file', ['formats/dtypes.pth'], async () => {
    const checkpoint = await openCheckpoint(fixturePath('formats/dtypes.pth'));
    await checkpoint[Symbol.asyncDispose]();
    await expect(checkpoint.readTensor('f32')).rejects.toMatchObject({ code: 'io' });
  });
});

describe.each(
  ['stylegan2', 'stylegan3'].flatMap((folder) => listFixtures(folder, /\.pkl$/, ['.json', '.safetensors'])),
)('%s', (path) => {
  it('holds the state of G_ema', async () => {
    await using checkpoint = await openCheckpoint(path);
    expect(checkpoint.format).toBe('nvidia-pickle');
    const { G_ema_state: state, z_dim, w_dim, img_resolution } = json(path.replace(/pkl$/, 'json'));
    expect(shapesOf(checkpoint, 'G_ema.')).toEqual(state);
    expect(checkpoint.networks.G_ema).toMatchObject({
      className: 'Generator',
      config: { z_dim, w_dim, img_resolution },
    });
    expect(Object.keys(checkpoint.networks)).toEqual(expect.arrayContaining(['G', 'D', 'G_ema']));
  });

  it('distinguishes G_ema from G, which is 1.1 times as large here', async () => {
    await using checkpoint = await openCheckpoint(path);
    const ema = await checkpoint.read({ prefix: 'G_ema.' });
    const oracle = decodeSafetensors(
      new Uint8Array(readFileSync(path.replace(/pkl$/, 'safetensors'))),
    ).tensors;
    expect(ema.get('mapping.w_avg')!.data).toEqual(oracle.get('w_avg')!.data);
    const [name, { data }] = [...ema].find(([key]) => key.endsWith('weight'))!;
    const g = (await checkpoint.read({ prefix: 'G.', names: [name] })).get(name)!.data;
    expect(g[0]! / data[0]!).toBeCloseTo(1.1, 4);
  });
});

/** The description beside the weights of a FAN. */
const descriptionOf = (path: string) => path.replace(/\.(pth(\.tar)?|torchscript\.zip)$/, '.json');
const fan = listFixtures('fan', /\.(pth|tar|zip)$/).filter((path) => existsSync(descriptionOf(path)));
describeFixtures('fan', fan, () => {
  it.each(named(fan))('%s holds the state', async (_, path) => {
    await using checkpoint = await openCheckpoint(path);
    const shapes = shapesOf(checkpoint);
    expect(checkpoint.format).toBe(
      /zip$/.test(path) ? 'torchscript' : /tar$/.test(path) ? 'torch-legacy' : 'torch-zip',
    );
    expect(shapes).toEqual(json(descriptionOf(path)).state);
  });

  const containers = ['pth', 'pth.tar', 'torchscript.zip'].map((ending) => `fan/fan-m2.${ending}`);
  itNeeds('fan-m2 is the same in all three formats', containers, async () => {
    const [zip, legacy, script] = await Promise.all(
      containers.map(async (name) => {
        await using checkpoint = await openCheckpoint(fixturePath(name));
        return new Map([...(await checkpoint.read())].sort(([a], [b]) => (a < b ? -1 : 1)));
      }),
    );
    expect(legacy).toEqual(zip);
    expect(script).toEqual(zip);
  });
});

const others = [...listFixtures('lpips', /\.pth$/), ...listFixtures('projection', /\.(pth|pt)$/)];
describeFixtures('lpips and projection', others, () => {
  it.each(named(others))('%s is read', async (_, path) => {
    await using checkpoint = await openCheckpoint(path);
    const weights = await checkpoint.read();
    expect(weights.size).toBeGreaterThan(3);
    for (const [name, { shape, data }] of weights) {
      expect([name, data.length]).toEqual([name, shape.reduce((product, size) => product * size, 1)]);
      expect([name, data.every(Number.isFinite)]).toEqual([name, true]);
    }
  });
});

describe('reading', () => {
  it('fetches the header and the requested tensors, nothing else', async () => {
    const data = new Float32Array(250_000).fill(0.5);
    const file = encodeSafetensors(['a.x', 'b.x', 'b.y'].map((name) => [name, { shape: [250, 1000], data }]));
    let fetched = 0;
    class CountingBlob extends Blob {
      override slice(start = 0, end = this.size): Blob {
        fetched += end - start;
        return super.slice(start, end);
      }
    }
    await using checkpoint = await openCheckpoint(new CountingBlob([file.slice()]));
    expect(fetched).toBeLessThan(1000);
    const weights = await checkpoint.read({ prefix: 'b.', names: ['y'] });
    expect([...weights.keys()]).toEqual(['y']);
    expect(weights.get('y')).toEqual({ shape: [250, 1000], data });
    expect(fetched).toBeLessThan(data.byteLength + 1000);
  });
});
