import { FaceanimError } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eachBackendWithLongCpu } from '../../../tensor/test/support/backends';
import { maxRelative, relativeL2 } from '../../../tensor/test/support/compare';
import { Fixture, toNchw } from '../../../tensor/test/support/fixtures';
import { listFixtures, missingShared } from '../../../tensor/test/support/shared';
import { openCheckpoint } from '../../src/checkpoints';
import { loadGenerator } from '../../src/generators/load-generator';
import { createStyleGan3, type StyleGan3 } from '../../src/generators/stylegan3/stylegan3';
import { identifyArchitecture } from '../../src/networks/known-architectures';

const paths = listFixtures('stylegan3', /\.pkl$/, ['.safetensors']);

describe.skipIf(paths.length === 0)(paths.length ? 'StyleGAN3 against the original' : missingShared, () => {
  eachBackendWithLongCpu((backend) => {
    for (const path of paths) {
      const fixture = new Fixture(path.replace(/\.pkl$/, '.safetensors'));
      describe(fixture.name, () => {
        let generator: StyleGan3;
        beforeAll(async () => {
          generator = (await loadGenerator(path)) as StyleGan3;
        });
        afterAll(() => generator[Symbol.dispose]());
        oracle(fixture, () => generator, backend === 'wasm');
      });
    }
  });
});

/** @param full includes cases that show nothing new about a backend, for all but the slow one */
function oracle(fixture: Fixture, generator: () => StyleGan3, full: boolean): void {
  const tolerance = 1e-4;

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
    tf.dispose([z, c ?? []]);
  });

  const images = [
    ['img.const', 'ws.psi1'],
    ...(full ? [['img.psi0.7.const', 'ws.psi0.7'] as const] : []),
  ] as const;
  for (const [name, latent] of images.filter(([name]) => fixture.has(name))) {
    it(`${name}, with styles normalised over the batch`, async () => {
      const ws = fixture.tensor<tf.Tensor3D>(latent);
      const image = tf.tidy(() => toNchw(generator().synthesis(ws)));
      expect(await maxRelative(image, fixture.data(name))).toBeLessThan(tolerance);
      tf.dispose([ws, image]);
    });
  }

  it('the image and the gradient of W+', async () => {
    const ws = fixture.tensor<tf.Tensor3D>('wplus');
    const probe = fixture.image('probe');
    let image: tf.Tensor | undefined;
    const { value, grad } = tf.valueAndGrad((ws: tf.Tensor) => {
      const rgb = generator().synthesis(ws as tf.Tensor3D);
      image = tf.keep(toNchw(rgb));
      return tf.sum(tf.mul(rgb, probe));
    })(ws);
    expect(await maxRelative(image!, fixture.data('wplus.img.const'))).toBeLessThan(tolerance);
    expect(await relativeL2(grad, fixture.data('grad.wplus'))).toBeLessThan(1e-3);
    tf.dispose([ws, probe, image!, value, grad]);
  });

  it.runIf(full && fixture.has('act.input.first2'))('activations of every layer', async () => {
    const ws = fixture.tensor<tf.Tensor3D>('wplus');
    const layers = tf.tidy(() =>
      [...generator().activations(ws)].map(([name, x]) => {
        const [, height, width] = x.shape;
        return { name, x: toNchw(tf.slice(x, [0, 0, 0, 0], [1, height, width, 2])) };
      }),
    );
    for (const { name, x } of layers) {
      expect(await maxRelative(x, fixture.data(`act.${name}.first2`)), name).toBeLessThan(tolerance);
    }
    tf.dispose([ws, layers.map(({ x }) => x)]);
  });

  it('refuses to stop at a smaller image', () => {
    const ws = fixture.tensor<tf.Tensor3D>('wplus');
    const half = generator().resolution / 2;
    expect(() => generator().synthesis(ws, { resolution: half })).toThrow(/resolution must be/);
    ws.dispose();
  });

  it('a transformed image', async () => {
    const ws = fixture.tensor<tf.Tensor3D>('wplus');
    const transform = [...fixture.data('input_transform')];
    const image = tf.tidy(() => toNchw(generator().synthesis(ws, { transform })));
    expect(await maxRelative(image, fixture.data('img.transformed'))).toBeLessThan(tolerance);
    tf.dispose([ws, image]);
  });
}

describe.skipIf(paths.length === 0)('StyleGAN3 weights that do not fit', () => {
  const weightsOf = async (path: string) => {
    await using checkpoint = await openCheckpoint(path);
    const { config } = checkpoint.networks.G_ema!;
    return { weights: new Map(await checkpoint.read({ prefix: 'G_ema.' })), config };
  };
  const mismatch = (create: () => unknown): FaceanimError => {
    try {
      create();
    } catch (error) {
      if (FaceanimError.isInstance(error, 'weights-mismatch')) return error;
      throw error;
    }
    throw new Error('was accepted');
  };

  it('lists missing, extra and mis-shaped tensors in one error', async () => {
    const { weights, config } = await weightsOf(paths[0]!);
    const layer = [...weights.keys()].find((name) => name.endsWith('up_filter'))!;
    weights.delete('synthesis.input.phases');
    weights.set(layer, { shape: [5], data: new Float32Array(5) });
    weights.set('synthesis.input.extra', { shape: [], data: Float32Array.of(1) });
    const { message, file } = mismatch(() => createStyleGan3(weights, { config, file: 'some.pkl' }));
    expect(message).toContain('synthesis.input.phases is missing');
    expect(message).toContain(`${layer} is [5]`);
    expect(message).toContain('synthesis.input.extra is unknown');
    expect(file).toBe('some.pkl');
  });

  it('reports a config that contradicts the tensors', async () => {
    const { weights, config } = await weightsOf(paths[0]!);
    expect(
      mismatch(() => createStyleGan3(weights, { config: { ...config, margin_size: 7 } })).message,
    ).toMatch(/not of the sizes/);
  });

  it('is distinguished from StyleGAN2 by its tensors', async () => {
    for (const path of listFixtures('stylegan2', /res32\.pkl$/)) {
      using generator = await loadGenerator(path);
      expect(Object.keys(generator.noiseMaps).length).toBeGreaterThan(0);
      const { weights } = await weightsOf(path);
      expect(identifyArchitecture(weights.keys())?.name).toBe('a StyleGAN2 generator');
      expect(mismatch(() => createStyleGan3(weights)).hint).toContain('a StyleGAN3 generator');
    }
  });
});
