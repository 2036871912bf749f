import { encodeSafetensors, type HostTensor, type Weights } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Fixture } from '../../../tensor/test/support/fixtures';
import { listFixtures, missingShared } from '../../../tensor/test/support/shared';
import { openCheckpoint } from '../../src/checkpoints';
import { createDiscriminator } from '../../src/discriminators/load-discriminator';
import { generators } from '../../src/generators/architectures';
import { loadGenerator } from '../../src/generators/load-generator';
import { readGenerator } from '../../src/generators/read-generator';
import { createStyleGan2 } from '../../src/generators/stylegan2/stylegan2';
import { createStyleGan3 } from '../../src/generators/stylegan3/stylegan3';
import type { InitKwargs } from '../../src/networks/config-values';
import { findNetworks } from '../../src/networks/find-networks';
import { loadLpips } from '../../src/perceptual/load-lpips';
import { refusal } from '../checkpoints/support';
import { bundledFile } from '../support/bundled';
import { failure } from '../support/failure';
import { smallStyleGan2 } from '../support/small-stylegan2';

import '../../../tensor/test/support/backends';

const file = 'net.pkl';

beforeAll(async () => {
  await tf.setBackend('wasm');
});

/** Expects an error that names the key, the value and the file. */
function expectRefusal(build: () => unknown, key: string, value: string): void {
  const error = failure(build);
  expect(error).toMatchObject({ code: 'weights-mismatch', file });
  expect(error.message).toContain(`${file}: ${key} is ${value}, expected `);
  expect(error.hint).toBeTruthy();
}

describe('values of a StyleGAN2 configuration', () => {
  const create = (config: InitKwargs) => createStyleGan2(smallStyleGan2(), { config, file });
  it.each<[InitKwargs, key: string, value: string]>([
    [{ synthesis_kwargs: { conv_clamp: 'abc' } }, 'synthesis_kwargs.conv_clamp', '"abc"'],
    [{ synthesis_kwargs: { conv_clamp: Number.NaN } }, 'synthesis_kwargs.conv_clamp', 'NaN'],
    [{ conv_clamp: -1 }, 'conv_clamp', '-1'],
    [{ conv_clamp: true }, 'conv_clamp', 'true'],
    [{ synthesis_kwargs: 'many' }, 'synthesis_kwargs', '"many"'],
    [{ synthesis_kwargs: [] }, 'synthesis_kwargs', '[]'],
    [{ synthesis_kwargs: { activation: 7 } }, 'synthesis_kwargs.activation', '7'],
    [{ mapping_kwargs: { activation: ['relu'] } }, 'mapping_kwargs.activation', '["relu"]'],
    [{ mapping_kwargs: { lr_multiplier: '0.01' } }, 'mapping_kwargs.lr_multiplier', '"0.01"'],
    [{ mapping_kwargs: { lr_multiplier: 0 } }, 'mapping_kwargs.lr_multiplier', '0'],
    [{ mapping_kwargs: { num_layers: 8 } }, 'mapping_kwargs.num_layers', '8'],
    [{ img_resolution: '16' }, 'img_resolution', '"16"'],
    [{ img_resolution: Number.NaN }, 'img_resolution', 'NaN'],
    [{ img_resolution: 32 }, 'img_resolution', '32'],
    [{ img_channels: 1 }, 'img_channels', '1'],
    [{ z_dim: 12.5 }, 'z_dim', '12.5'],
    [{ w_dim: 512 }, 'w_dim', '512'],
    [{ c_dim: 5 }, 'c_dim', '5'],
  ])('%j is refused', (config, key, value) => expectRefusal(() => create(config), key, value));

  it('None and consistent values are accepted', () => {
    using generator = create({
      z_dim: 12,
      img_resolution: 16,
      synthesis_kwargs: { conv_clamp: null, activation: 'lrelu' },
      mapping_kwargs: { num_layers: 1, lr_multiplier: 0.01 },
    });
    expect(generator.config.convClamp).toBeUndefined();
  });

  it('a `config` in the metadata that is not JSON is refused', async () => {
    const tensors = [...smallStyleGan2()].map(([name, tensor]) => [name, tensor] as const);
    expect(
      await refusal(loadGenerator(encodeSafetensors(tensors, { config: '{"conv_clamp": 2' }))),
    ).toMatchObject({
      code: 'checkpoint-corrupt',
      message: expect.stringContaining('config'),
    });
    const other = encodeSafetensors(tensors, { config: '{"conv_clamp": "abc"}' });
    expect((await refusal(loadGenerator(other))).message).toContain('conv_clamp is "abc"');
  });
});

const [stylegan3] = listFixtures('stylegan3', /\.pkl$/);
describe.skipIf(!stylegan3)(stylegan3 ? 'values of a StyleGAN3 configuration' : missingShared, () => {
  let weights: Weights;
  let config: InitKwargs;
  beforeAll(async () => {
    await using checkpoint = await openCheckpoint(stylegan3!);
    ({ weights, config } = await readGenerator(checkpoint));
  });
  it.each<[InitKwargs, key: string, value: string]>([
    [{ conv_clamp: 'abc' }, 'conv_clamp', '"abc"'],
    [{ margin_size: '10' }, 'margin_size', '"10"'],
    [{ first_cutoff: Number.NaN }, 'first_cutoff', 'NaN'],
    [{ filter_size: 2.5 }, 'filter_size', '2.5'],
    [{ lrelu_upsampling: 0 }, 'lrelu_upsampling', '0'],
    [{ output_scale: [0.25] }, 'output_scale', '[0.25]'],
    [{ num_layers: 99 }, 'num_layers', '99'],
    [{ img_resolution: '32' }, 'img_resolution', '"32"'],
  ])('%j is refused', (changed, key, value) =>
    expectRefusal(
      () => createStyleGan3(weights, { config: { ...config, synthesis_kwargs: {}, ...changed }, file }),
      key,
      value,
    ),
  );

  it('a missing layer is refused by name', () => {
    const names = [...weights.keys()].filter((name) => name.startsWith('synthesis.L1_'));
    const changed = new Map([...weights].filter(([name]) => !names.includes(name)));
    expect(failure(() => createStyleGan3(changed, { config, file })).message).toContain(
      'synthesis.L1_* is missing',
    );
  });
});

const [stylegan2] = listFixtures('stylegan2', /\.pkl$/);
describe.skipIf(!stylegan2)(stylegan2 ? 'values of a discriminator’s configuration' : missingShared, () => {
  it.each<[InitKwargs, key: string, value: string]>([
    [{ conv_clamp: 'abc' }, 'conv_clamp', '"abc"'],
    [{ epilogue_kwargs: { mbstd_group_size: 0 } }, 'epilogue_kwargs.mbstd_group_size', '0'],
    [{ epilogue_kwargs: 3 }, 'epilogue_kwargs', '3'],
    [{ img_resolution: 7 }, 'img_resolution', '7'],
  ])('%j is refused', async (config, key, value) => {
    await using checkpoint = await openCheckpoint(stylegan2!);
    const weights = await checkpoint.read({ prefix: 'D.' });
    expectRefusal(() => createDiscriminator(weights, { config, file }), key, value);
  });

  it('a missing block is refused by name', async () => {
    await using checkpoint = await openCheckpoint(stylegan2!);
    const weights = await checkpoint.read({ prefix: 'D.' });
    const changed = new Map([...weights].filter(([name]) => !name.startsWith('b8.')));
    expect(failure(() => createDiscriminator(changed, { file })).message).toContain(
      'b8.conv0.weight is missing',
    );
  });
});

it.each(['abc', '', 'NaN', '-1', 'Infinity'])(
  'unit_eps %j of an LPIPS network is refused',
  async (unit_eps) => {
    const { tensors } = new Fixture(bundledFile('lpips-student.safetensors'));
    const trunk = encodeSafetensors([...tensors], { unit_eps });
    const error = await refusal(loadLpips({ net: 'student', trunk }));
    expect(error).toMatchObject({ code: 'weights-mismatch' });
    expect(error.message).toContain('unit_eps is ');
  },
);

describe('an incomplete StyleGAN2', () => {
  const without = (pattern: RegExp) => new Map([...smallStyleGan2()].filter(([name]) => !pattern.test(name)));
  it.each<[what: string, Weights, message: RegExp]>([
    ['the block b4', without(/\.b4\./), /synthesis\.b4\.conv1\.weight is missing/],
    ['the block b8', without(/\.b8\./), /synthesis\.b8 is missing/],
    ['the noise of one layer', without(/b8\.conv0\.noise/), /b8\.conv0\.noise_strength is missing/],
    ['the torgb of one block', without(/b8\.torgb/), /b8\.torgb\.weight is missing/],
    ['the first torgb', without(/b4\.torgb/), /torgb\.weight is unknown/],
    ['a layer’s affine', without(/b16\.conv1\.affine/), /b16\.conv1\.affine\.weight is missing/],
    ['the mapping', without(/^mapping/), /mapping\.fc0\.weight is missing/],
  ])('%s: refused by name', (_, weights, message) => {
    expect(failure(() => createStyleGan2(weights)).message).toMatch(message);
  });

  it('a block whose size is no power of 2 is refused', () => {
    const renamed = [...smallStyleGan2()].map(
      ([name, tensor]) => [name.replace('.b16.', '.b12.'), tensor] as const,
    );
    expect(failure(() => createStyleGan2(new Map(renamed))).message).toContain(
      'synthesis.b12 is of no size 4, 8',
    );
  });

  it('a block with other channels than its neighbours expect is refused', () => {
    const wide = smallStyleGan2({ channels: 10 });
    const mixed = [...smallStyleGan2()].map(
      ([name, tensor]) => [name, name.includes('.b8.') ? wide.get(name)! : tensor] as const,
    );
    const { message } = failure(() => createStyleGan2(new Map(mixed)));
    expect(message).toContain('synthesis.b8.conv0.weight is [10,10,3,3], expected [10,8,3,3]');
    expect(message).toContain('synthesis.b16.conv0.weight is [8,8,3,3], expected [8,10,3,3]');
  });

  it('empty channels are refused', () => {
    const empty = [...smallStyleGan2({ channels: 0 })] as [string, HostTensor][];
    expect(failure(() => createStyleGan2(new Map(empty))).message).toContain('is empty');
  });
});

it('of several generators in a file, the averaged one comes first', () => {
  const tensors = new Map(
    ['G.', 'gema.', 'params_ema.decoder.', ''].map((prefix) => [
      `${prefix}synthesis.b4.conv1.weight`,
      { dtype: 'F32' as const, shape: [], byteLength: 4 },
    ]),
  );
  expect(findNetworks(generators, { tensors }).map(({ prefix }) => prefix)).toEqual([
    'params_ema.decoder.',
    'G.',
    'gema.',
    '',
  ]);
});
