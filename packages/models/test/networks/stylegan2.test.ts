import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import { maxRelative, relativeL2 } from '../../../tensor/test/support/compare';
import { Fixture, toNchw } from '../../../tensor/test/support/fixtures';
import { listFixtures, missingShared } from '../../../tensor/test/support/shared';
import { openCheckpoint } from '../../src/checkpoints';
import { createStyleGan2, type StyleGan2 } from '../../src/generators/stylegan2/stylegan2';

const paths = listFixtures('stylegan2', /\.pkl$/, ['.safetensors']);

describe.skipIf(paths.length === 0)(paths.length ? 'StyleGAN2 against the original' : missingShared, () => {
  eachBackend((backend) => {
    for (const path of paths) {
      const fixture = new Fixture(path.replace(/\.pkl$/, '.safetensors'));
      // The plain backend is slow, and the other fixtures show nothing new about it.
      const tags = backend === 'cpu' && fixture.name !== 'sg2-res32' ? ['long'] : [];
      describe(fixture.name, { tags }, () => {
        let generator: StyleGan2;
        beforeAll(async () => {
          await using checkpoint = await openCheckpoint(path);
          const weights = await checkpoint.read({ prefix: 'G_ema.' });
          generator = createStyleGan2(weights, { config: checkpoint.networks.G_ema!.config, file: path });
        });
        afterAll(() => generator[Symbol.dispose]());
        oracle(fixture, () => generator);
      });
    }
  });
});

function oracle(fixture: Fixture, generator: () => StyleGan2): void {
  const imageTolerance = 1e-4;
  const gradientTolerance = 1e-3;

  it('mapping and truncation', async () => {
    const z = fixture.tensor<tf.Tensor2D>('z');
    const c = fixture.has('c') ? fixture.tensor<tf.Tensor2D>('c') : undefined;
    for (const [name, options] of [
      ['ws.psi1', {}],
      ['ws.psi0.7', { truncationPsi: 0.7 }],
      ['ws.psi0.7.cutoff4', { truncationPsi: 0.7, truncationCutoff: 4 }],
    ] as const) {
      const ws = generator().mapping(z, { c, ...options });
      expect(await maxRelative(ws, fixture.data(name)), name).toBeLessThan(1e-5);
      ws.dispose();
    }
    expect(await maxRelative(generator().wAvg!, fixture.data('w_avg'))).toBe(0);
    tf.dispose([z, c ?? []]);
  });

  const images = [
    ['img.const', 'ws.psi1', 'const'],
    ['img.none', 'ws.psi1', 'none'],
    ['img.psi0.7.const', 'ws.psi0.7', 'const'],
    ['wplus.img.const', 'wplus', 'const'],
  ] as const;
  for (const [name, latent, noise] of images.filter(([name]) => fixture.has(name))) {
    it(name, async () => {
      const ws = fixture.tensor<tf.Tensor3D>(latent);
      const image = tf.tidy(() => toNchw(generator().synthesis(ws, { noise })));
      expect(await maxRelative(image, fixture.data(name))).toBeLessThan(imageTolerance);
      tf.dispose([ws, image]);
    });
  }

  it('gradients with respect to W+ and the noise maps', async () => {
    const ws = fixture.tensor<tf.Tensor3D>('wplus');
    const probe = fixture.image('probe');
    const maps = generator().noiseMaps;
    const layers = Object.keys(maps);
    const loss = (ws: tf.Tensor, ...own: tf.Tensor[]) => {
      const noise = Object.fromEntries(layers.map((layer, i) => [layer, own[i] as tf.Tensor2D]));
      return tf.sum(tf.mul(generator().synthesis(ws as tf.Tensor3D, { noise }), probe));
    };
    const [gradWs, ...gradNoise] = tf.grads(loss)([ws, ...layers.map((layer) => maps[layer]!)]);
    expect(await relativeL2(gradWs!, fixture.data('grad.wplus'))).toBeLessThan(gradientTolerance);
    for (const [i, layer] of layers.entries()) {
      const name = `grad.noise.${layer}.noise_const`;
      if (!fixture.has(name)) continue;
      expect(await relativeL2(gradNoise[i]!, fixture.data(name)), layer).toBeLessThan(gradientTolerance);
    }
    tf.dispose([ws, probe, gradWs!, ...gradNoise]);
  });

  it.runIf(fixture.has('act.b4.img'))('activations of every block', async () => {
    const ws = fixture.tensor<tf.Tensor3D>('wplus');
    const blocks = generator().config.blocks;
    const states = tf.tidy(() =>
      generator()
        .activations(ws)
        .map(({ x, image }) => ({
          x: toNchw(tf.slice(x, [0, 0, 0, 0], [1, x.shape[1], x.shape[2], 4])),
          image: toNchw(image!),
        })),
    );
    for (const [i, { x, image }] of states.entries()) {
      expect(await maxRelative(x, fixture.data(`act.b${blocks[i]}.x.first4`))).toBeLessThan(imageTolerance);
      expect(await maxRelative(image, fixture.data(`act.b${blocks[i]}.img`))).toBeLessThan(imageTolerance);
    }
    tf.dispose([ws, states.map(({ x, image }) => [x, image])]);
  });
}
