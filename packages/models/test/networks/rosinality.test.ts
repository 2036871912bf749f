import { readFileSync } from 'node:fs';
import { type Generator, latentStatistics } from '@faceanim/core';
import type { HostTensor } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import { maxRelative, relativeL2 } from '../../../tensor/test/support/compare';
import { Fixture, toNchw } from '../../../tensor/test/support/fixtures';
import { listFixtures, missingShared } from '../../../tensor/test/support/shared';
import { openCheckpoint } from '../../src/checkpoints';
import { generators } from '../../src/generators/architectures';
import { loadGenerator } from '../../src/generators/load-generator';
import { readGenerator } from '../../src/generators/read-generator';
import { describeCheckpoint } from '../../src/networks/describe-checkpoint';
import { findNetworks } from '../../src/networks/find-networks';
import { importCheckpoint } from '../../src/packs/import-checkpoint';
import { refusal } from '../checkpoints/support';
import { pickled, pickledDict, pickledTensors, torchFile } from '../support/torch-file';

const paths = listFixtures('rosinality', /\.pt$/, ['.safetensors', '.json']);
const oracleOf = (path: string) => new Fixture(path.replace(/pt$/, 'safetensors'));

describe.skipIf(paths.length === 0)(
  paths.length ? 'rosinality’s StyleGAN2 against the original class' : missingShared,
  () => {
    eachBackend(() => {
      for (const path of paths) {
        const fixture = oracleOf(path);
        describe(fixture.name, () => {
          let generator: Generator;
          beforeAll(async () => {
            generator = await loadGenerator(path);
          });
          afterAll(() => generator[Symbol.dispose]());
          oracle(fixture, () => generator);
        });
      }
    });

    describe.each(paths)('%s', (path) => variants(path));
  },
);

/** Tolerances as for NVIDIA's StyleGAN2. */
function oracle(fixture: Fixture, generator: () => Generator): void {
  it('mapping', async () => {
    const z = fixture.tensor<tf.Tensor2D>('z');
    const w = tf.tidy(() => tf.squeeze(tf.slice(generator().mapping(z), [0, 0, 0], [-1, 1, -1]), [1]));
    expect(await maxRelative(w, fixture.data('w'))).toBeLessThan(1e-5);
    tf.dispose([z, w]);
  });

  for (const noise of ['const', 'none'] as const) {
    it(`images with noise ${noise}`, async () => {
      const w = fixture.tensor<tf.Tensor2D>('w');
      const image = tf.tidy(() => {
        const ws = tf.add(tf.expandDims(w, 1), tf.zeros([1, generator().numWs, 1])) as tf.Tensor3D;
        return toNchw(generator().synthesis(ws, { noise }));
      });
      expect(await maxRelative(image, fixture.data(`img_${noise}`))).toBeLessThan(1e-4);
      tf.dispose([w, image]);
    });
  }

  it('image and gradient of W+', async () => {
    const ws = fixture.tensor<tf.Tensor3D>('wplus');
    const probe = fixture.image('probe');
    const image = tf.tidy(() => toNchw(generator().synthesis(ws)));
    expect(await maxRelative(image, fixture.data('wplus_img_const'))).toBeLessThan(1e-4);
    const gradient = tf.grad((x) => tf.sum(tf.mul(generator().synthesis(x as tf.Tensor3D), probe)))(ws);
    expect(await relativeL2(gradient, fixture.data('grad_wplus'))).toBeLessThan(1e-3);
    tf.dispose([ws, probe, image, gradient]);
  });
}

function variants(path: string): void {
  const { size, num_ws, style_dim } = JSON.parse(readFileSync(path.replace(/pt$/, 'json'), 'utf8'));

  /** The weights of the generator in `source`, by NVIDIA's names. */
  const weightsOf = async (source: string | Uint8Array) => {
    await using checkpoint = await openCheckpoint(source);
    return new Map((await readGenerator(checkpoint)).weights);
  };
  /** The tensors of the generator by the names in the file, without prefix. */
  const stored = async () => {
    await using checkpoint = await openCheckpoint(path);
    const [found] = findNetworks(generators, checkpoint);
    return new Map(await checkpoint.read({ prefix: found!.prefix }));
  };
  const average = (): [string, HostTensor] => [
    'latent_avg',
    { shape: [style_dim], data: oracleOf(path).data('latent_avg') },
  ];

  it('has the documented sizes', async () => {
    using generator = await loadGenerator(path);
    expect(generator).toMatchObject({ resolution: size, numWs: num_ws, wDim: style_dim });
    await using checkpoint = await openCheckpoint(path);
    if (checkpoint.tensors.has('latent_avg')) expect(generator.wAvg).toEqual(average()[1].data);
    else expect(generator.wAvg).toBeUndefined();
  });

  it('is the same as a bare state dict, in a Lightning checkpoint, and with a latent_avg for every layer', async () => {
    const tensors = await stored();
    const [name, { data }] = average();
    const expected = (await weightsOf(path)).set('mapping.w_avg', { shape: [style_dim], data });
    const repeated = {
      shape: [num_ws, style_dim],
      data: Float32Array.from({ length: num_ws * style_dim }, (_, i) => data[i % style_dim]!),
    };
    const bare = await torchFile((tensor) => pickledTensors([...tensors, average()], tensor));
    expect(await weightsOf(bare)).toEqual(expected);
    const lightning = await torchFile((tensor) =>
      pickled.dict([
        ['epoch', pickled.int(7)],
        ['pytorch-lightning_version', pickled.text('1.9.0')],
        ['hyper_parameters', pickledDict({ lr: 0.002, size })],
        [
          'state_dict',
          pickledTensors(
            [
              ...[...tensors].map(([key, value]) => [`model.generator.${key}`, value] as const),
              ['model.encoder.weight', { shape: [1], data: Float32Array.of(1) }],
              [`model.${name}`, repeated],
            ],
            tensor,
          ),
        ],
      ]),
    );
    expect(await weightsOf(lightning)).toEqual(expected);
  });

  it('without latent_avg: the mean latent is measured', async () => {
    const tensors = await stored();
    using generator = await loadGenerator(await torchFile((tensor) => pickledTensors(tensors, tensor)));
    expect(generator.wAvg).toBeUndefined();
    const { mean } = await latentStatistics(generator, { samples: 16, seed: 1 });
    expect(mean.every(Number.isFinite)).toBe(true);
  });

  it('names missing tensors as the file does, and unknown ones', async () => {
    const tensors = await stored();
    tensors.delete('convs.1.activate.bias');
    const missing = await torchFile((tensor) => pickledTensors(tensors, tensor));
    expect((await refusal(loadGenerator(missing))).message).toContain('lacks convs.1.activate.bias');
    const more = (await stored()).set('convs.0.strange', { shape: [1], data: new Float32Array(1) });
    const superfluous = await torchFile((tensor) => pickledTensors(more, tensor));
    expect((await refusal(loadGenerator(superfluous))).message).toContain('convs.0.strange is unknown');
  });

  it('is recognised by inspect and imported by NVIDIA’s names', async () => {
    await using checkpoint = await openCheckpoint(path);
    const { networks } = describeCheckpoint(checkpoint);
    const [chosen, ...others] = networks.filter(({ preferred }) => preferred);
    expect(others).toEqual([]);
    expect(chosen!.network).toBe('a StyleGAN2 generator');
    const { files } = await importCheckpoint(path);
    expect(await weightsOf(files.get('generator.safetensors')!)).toEqual(await weightsOf(path));
  });
}

it('GFPGAN’s later decoder, another architecture, is refused by name', async () => {
  const tensors: [string, HostTensor][] = [
    ['stylegan_decoder.constant_input.weight', { shape: [1, 8, 4, 4], data: new Float32Array(128) }],
  ];
  const file = await torchFile((tensor) => pickledTensors(tensors, tensor));
  const error = await refusal(loadGenerator(file));
  expect(error).toMatchObject({ code: 'weights-mismatch' });
  expect(error.message).toContain('BasicSR');
});
