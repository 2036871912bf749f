import type { FaceToEncode } from '@faceanim/core';
import { decodeSafetensors, encodeSafetensors, type HostTensor, type Weights } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { Fixture } from '../../../tensor/test/support/fixtures';
import {
  createGenerator,
  describeCheckpoint,
  importCheckpoint,
  loadEncoder,
  loadGenerator,
  loadLandmarkNet,
} from '../../src';
import { openCheckpoint } from '../../src/checkpoints';
import { bundledFile } from '../support/bundled';
import { smallStyleGan2 } from '../support/small-stylegan2';

const generator = smallStyleGan2();
const fan = new Fixture(bundledFile('fan.safetensors')).tensors;
const encoder = new Fixture(bundledFile('encoder.safetensors')).tensors;
const zeros = (weights: Weights): Weights =>
  new Map([...weights].map(([name, { shape, data }]) => [name, { shape, data: data.map(() => 0) }]));

/** The tensors of several networks in one file, each below its prefix. */
function fileOf(networks: Readonly<Record<string, Weights>>): Uint8Array {
  const tensors = Object.entries(networks).flatMap(([prefix, weights]) =>
    [...weights].map(([name, tensor]): [string, HostTensor] => [prefix + name, tensor]),
  );
  return encodeSafetensors(tensors);
}

const training = fileOf({
  'model.generator.': zeros(generator),
  'model.generator_ema.': generator,
  'model.fan.': new Map([...fan].slice(0, -1)),
  'model.fan_ema.': fan,
  'model.encoder.': encoder,
  'optimizer.': new Map([['state', { shape: [1], data: Float32Array.of(1) }]]),
});

describe('networks of any kind in a larger checkpoint', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('are found, the averaged one of a kind first', async () => {
    using net = await loadLandmarkNet(training);
    expect(net.points).toBe(68);
    using loaded = await loadGenerator(training);
    using expected = createGenerator(generator);
    expect(loaded.wAvg).toEqual(expected.wAvg);
    const face: FaceToEncode = {
      look: { width: 1, height: 1, data: Uint8Array.of(1, 2, 3) },
      landmarks: new Float64Array(136).fill(0.5),
    };
    const [inside, alone] = await Promise.all([
      loadEncoder(training),
      loadEncoder(bundledFile('encoder.safetensors')),
    ]);
    expect(await inside.encode(face)).toEqual(await alone.encode(face));
  });

  it('are described one by one, with the one to use of each kind', async () => {
    await using checkpoint = await openCheckpoint(training);
    const { networks } = describeCheckpoint(checkpoint);
    expect(
      Object.fromEntries(networks.map(({ prefix, network, preferred }) => [prefix, [network, preferred]])),
    ).toEqual({
      'model.generator_ema.': ['a StyleGAN2 generator', true],
      'model.generator.': ['a StyleGAN2 generator', false],
      'model.fan_ema.': ['FAN', true],
      'model.fan.': ['FAN', false],
      'model.encoder.': ['a linear encoder', true],
      '': [undefined, false],
    });
  });

  it('are imported, a generator before other kinds', async () => {
    const all = await importCheckpoint(training);
    expect([...all.files.keys()]).toContain('generator.safetensors');
    const landmarks = fileOf({ 'net.': fan, 'encoder.': encoder });
    const { files } = await importCheckpoint(landmarks);
    expect(decodeSafetensors(files.get('fan.safetensors')!).tensors).toEqual(fan);
  });
});
