import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { latentStatistics } from '@faceanim/core';
import { asImageTensor, type ImageTensor, toUnit } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eachBackendWithLongCpu } from '../../../tensor/test/support/backends';
import { maxRelative, relativeL2 } from '../../../tensor/test/support/compare';
import { Fixture, toNchw } from '../../../tensor/test/support/fixtures';
import { type AvatarPack, avatarPack } from '../../src/packs/avatar';

const assets = new URL('../../assets/avatar/', import.meta.url);

eachBackendWithLongCpu((backend) => {
  describe('the avatar pack reproduces its expected numbers', () => {
    // From PyTorch. Of pictures and heat maps it has every nth row and column.
    const expected = new Fixture(fileURLToPath(new URL('expected.safetensors', import.meta.url)));
    const every = JSON.parse(expected.metadata.every!) as Record<string, number>;
    const sample = (name: string, x: tf.Tensor4D) => {
      const step = every[name]!;
      return tf.tidy(() => {
        const nchw = toNchw(x);
        return tf.stridedSlice(nchw, [0, 0, 0, 0], nchw.shape, [1, 1, step, step]);
      });
    };
    let pack: AvatarPack;
    let images: ImageTensor<'signed'>;
    beforeAll(async () => {
      pack = await avatarPack();
      const count = expected.host('image').shape[0]!;
      images = tf.tidy(() => {
        const w = tf.slice(expected.tensor<tf.Tensor2D>('w'), [0, 0], [count, pack.generator.wDim]);
        const ws = tf.tile(tf.expandDims(w, 1), [1, pack.generator.numWs, 1]) as tf.Tensor3D;
        return pack.generator.synthesis(ws, { noise: 'none' });
      });
    });
    afterAll(() => {
      images.dispose();
      pack[Symbol.dispose]();
    });

    it('w and the mean latent', async () => {
      const z = expected.tensor<tf.Tensor2D>('z');
      const w = tf.tidy(() => tf.squeeze(tf.slice(pack.generator.mapping(z), [0, 0, 0], [-1, 1, -1]), [1]));
      expect(await maxRelative(w, expected.data('w'))).toBeLessThan(1e-4);
      expect(await maxRelative(pack.generator.wAvg!, expected.data('w_avg'))).toBeLessThan(1e-6);
      tf.dispose([z, w]);
    });

    it('images', async () => {
      const own = sample('image', images);
      expect(await maxRelative(own, expected.data('image'))).toBeLessThan(1e-4);
      own.dispose();
    });

    it('heat maps and the points in them', async () => {
      const unit = toUnit(images, 'signed');
      const maps = pack.landmarkNet.heatmaps(unit);
      const first = tf.tidy(() => sample('heat_last', tf.slice(maps, [0, 0, 0, 0], [1, -1, -1, -1])));
      expect(await maxRelative(first, expected.data('heat_last'))).toBeLessThan(1e-3);
      const { points: count, heatmapSize: size, inputSize } = pack.landmarkNet;
      const cells = count * size * size;
      const data = (await maps.data()) as Float32Array;
      const pixels = Array.from({ length: images.shape[0] }, (_, i) =>
        peaks(data.slice(i * cells, (i + 1) * cells), count, size).map((v) => (v * inputSize) / size),
      ).flat();
      const truth = expected.data('points');
      const furthest = Math.max(...pixels.map((v, i) => Math.abs(v - truth[i]!)));
      expect(furthest).toBeLessThan(0.05);
      tf.dispose([unit, maps, first]);
    });

    it('heat maps of the first module alone', async () => {
      const first = await avatarPack({ fanModules: 1 });
      const maps = tf.tidy(() => {
        const one = asImageTensor(tf.slice(images, [0, 0, 0, 0], [1, -1, -1, -1]), 'signed');
        return sample('heat_0', first.landmarkNet.heatmaps(toUnit(one, 'signed')));
      });
      expect(await maxRelative(maps, expected.data('heat_0'))).toBeLessThan(1e-3);
      maps.dispose();
      first[Symbol.dispose]();
    });

    // Takes half a minute in plain JavaScript; there, the backend contract compares every gradient.
    it.skipIf(backend === 'cpu')(
      'the student’s distance, and the gradient of the whole chain with respect to W+',
      async () => {
        const { generator, landmarkNet, perceptual } = pack;
        const [ws, target, probe] = tf.tidy(() => {
          const w = tf.slice(expected.tensor<tf.Tensor2D>('w'), [0, 0], [1, generator.wDim]);
          return [
            tf.tile(tf.expandDims(w, 1), [1, generator.numWs, 1]),
            perceptual.features(asImageTensor(tf.slice(images, [1, 0, 0, 0], [1, -1, -1, -1]), 'signed')),
            expected.tensor('probe'),
          ] as [tf.Tensor3D, tf.Tensor4D[], tf.Tensor];
        });
        const distance = (image: ImageTensor<'signed'>) =>
          perceptual.distance(perceptual.features(image), target);
        const loss = (ws: tf.Tensor3D) => {
          const image = generator.synthesis(ws, { noise: 'none' });
          const heat = landmarkNet.heatmaps(toUnit(image, 'signed'));
          return tf.add(tf.sum(distance(image)), tf.mean(tf.square(tf.mul(heat, probe)))) as tf.Scalar;
        };
        const { value, grad } = tf.valueAndGrad(loss)(ws);
        const lpips = tf.tidy(() =>
          distance(asImageTensor(tf.slice(images, [0, 0, 0, 0], [1, -1, -1, -1]), 'signed')),
        );
        expect(await maxRelative(lpips, expected.data('lpips_01'))).toBeLessThan(1e-4);
        expect(await maxRelative(value, expected.data('loss'))).toBeLessThan(1e-4);
        expect(await relativeL2(grad, expected.data('grad_ws'))).toBeLessThan(1e-2);
        tf.dispose([ws, target, probe, value, grad, lpips]);
      },
    );
  });
});

describe('the files of the pack', () => {
  let folder: string;
  beforeAll(async () => {
    // The tests above end in plain JavaScript.
    await tf.setBackend('wasm');
    folder = await mkdtemp(join(tmpdir(), 'faceanim-pack-'));
    await cp(assets, folder, { recursive: true });
  });
  afterAll(() => rm(folder, { recursive: true }));
  const load = () => avatarPack({ folder: pathToFileURL(`${folder}/`) });

  it('load from another folder, given as a URL or as a path', async () => {
    (await load())[Symbol.dispose]();
    for (const path of [folder, `${folder}/`, relative('.', folder), pathToFileURL(folder)]) {
      const { manifest } = await avatarPack({ folder: path, only: [] });
      expect(Object.keys(manifest.files)).toContain('generator.safetensors');
    }
  });

  it('are read only for the parts that are wanted', async () => {
    const before = tf.memory().numTensors;
    const fractions: number[] = [];
    {
      using pack = await avatarPack({
        only: ['perceptual', 'encoder'],
        onProgress: ({ fraction }) => fractions.push(fraction!),
      });
      expect(Object.keys(pack).sort()).toEqual(['encoder', 'manifest', 'perceptual']);
    }
    expect(fractions).toEqual([0.5, 1]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('have the latent statistics of the generator', async () => {
    using pack = await avatarPack({ only: ['generator'] });
    const { statistics: stored } = pack.generator;
    const computed = await latentStatistics(pack.generator, stored!.sampled);
    const furthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));
    expect(furthest(stored!.mean, computed.mean)).toBeLessThan(1e-5 * computed.std);
    expect(furthest(stored!.covariance, computed.covariance)).toBeLessThan(1e-5 * computed.std ** 2);
    expect(stored!.std).toBeCloseTo(computed.std, 4);
  });

  it('are refused by name if one was changed', async () => {
    await writeFile(join(folder, 'fan.safetensors'), new Uint8Array(64));
    const before = tf.memory().numTensors;
    await expect(load()).rejects.toMatchObject({
      code: 'checkpoint-corrupt',
      file: expect.stringContaining('fan.safetensors'),
    });
    expect(tf.memory().numTensors, 'what was loaded before is disposed').toBe(before);
  });

  it('are reported by name if one is missing', async () => {
    await rm(join(folder, 'generator.safetensors'));
    await expect(load()).rejects.toMatchObject({ code: 'io', file: expect.stringContaining('generator') });
  });

  it('stop loading on a signal', async () => {
    await expect(avatarPack({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
  });
});

/**
 * Decodes landmarks as the training of the pack did: the vertex of a parabola through the logarithms of the peak and its
 * neighbours, which is exact for a Gaussian. x, y pairs in cells; cell j is centred at j + 0.5.
 */
function peaks(maps: Float32Array, points: number, size: number): number[] {
  return Array.from({ length: points }, (_, p) => {
    const at = (x: number, y: number) => maps[(y * size + x) * points + p]!;
    let [x, y] = [0, 0];
    for (let i = 0; i < size * size; i++) {
      if (at(i % size, Math.floor(i / size)) > at(x, y)) [x, y] = [i % size, Math.floor(i / size)];
    }
    const offset = (...values: [number, number, number]) => {
      const [a, b, c] = values.map((v) => Math.log(Math.max(v, 1e-10))) as [number, number, number];
      return (0.5 * (a - c)) / (a - 2 * b + c);
    };
    return [
      x + 0.5 + offset(at(x - 1, y), at(x, y), at(x + 1, y)),
      y + 0.5 + offset(at(x, y - 1), at(x, y), at(x, y + 1)),
    ];
  }).flat();
}
